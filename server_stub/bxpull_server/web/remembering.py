"""What texts mean that come again and again: back ends send to the same few channels."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

# Longer texts are not worth their memory.
_LONGEST = 512
_MOST = 8192
P = ParamSpec("P")
R = TypeVar("R")


def remembering(read: Callable[Concatenate[str, P], R]) -> Callable[Concatenate[str, P], R]:
    """Reads a short text once; what is refused by an error, and longer texts, each time.

    Args:
        read: Always says the same of the same text, and nobody changes what it says.
    """
    remembered: Any = lru_cache(maxsize=_MOST)(read)

    @wraps(read)
    def call(text: str, /, *more: P.args, **named: P.kwargs) -> R:
        reader: Callable[Concatenate[str, P], R] = remembered if len(text) <= _LONGEST else read
        return reader(text, *more, **named)

    return call
