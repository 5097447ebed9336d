"""A household that nobody lives in: made by code for the demo, the tests and the benchmark."""

from butler.sample.household import Household, Stage, mailbox, write_household

__all__ = ["Household", "Stage", "mailbox", "write_household"]
