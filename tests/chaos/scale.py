"""How much faster time goes in the chaos test, for the timers of pages and server alike."""

TIME_FACTOR = 60
"""A minute of silence, after which a client looks whether its line is dead, is a second."""
