"""Captures: events as JSON Lines, that can be told again, to whom, and when."""
