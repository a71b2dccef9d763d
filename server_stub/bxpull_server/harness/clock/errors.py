"""What the clock raises."""

__all__ = ["ClockError"]


class ClockError(RuntimeError):
    """A page or worker does not do what the clock needs; the message says which and what to do."""
