"""The sections of a briefing: each finds its lines in a day's view, purely."""
