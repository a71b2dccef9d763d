"""The secrets that servers of this process hand out, told to whoever watches that nobody shows them.

Nobody does in production; the test harness does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[str, str], None]

_watchers: list[Watcher] = []


def hand_out(kind: str, secret: str) -> str:
    """Tell the watchers; returns the secret.

    Args:
        kind: What it is, as ``channel id``.
        secret: The secret.
    """
    for watcher in _watchers:
        watcher(kind, secret)
    return secret


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Call ``watcher(kind, secret)`` for every secret, in whichever thread hands it out, until the end."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)
