"""The butler: a daemon that reads its owner's mail, calendar, tasks and notes and prepares work for them."""

__version__ = "0.1.0"
