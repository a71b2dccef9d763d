"""Functions that say when they are called."""

from collections.abc import Callable
from typing import Any


def noting(steps: list[str], step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which adds ``step`` to ``steps`` with every call."""

    def noted(*arguments: Any) -> Any:
        steps.append(step)
        return function(*arguments)

    return noted
