"""A careful front for esbuild-py, whose ``transform`` answers a syntax error with nothing, silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.errors import EngineMissingError
from bxpull.script_syntax import has_code

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["accepts", "load", "transform"]


def load() -> None:
    """Loads the library.

    Raises:
        EngineMissingError: If it cannot be loaded on this machine.
    """
    _binding()


def accepts(source: str) -> bool:
    """Whether ``source`` is a script that esbuild can read."""
    return transform(source) is not None


def transform(source: str) -> str | None:
    """``source`` checked and printed again by esbuild, or None if it has a syntax error.

    Args:
        source: JavaScript without NUL characters: the library would stop reading at one.
    """
    text = _binding()(source)
    # Nothing but comments gives nothing too, rightly.
    return None if text == "" and has_code(source) else text


def _binding() -> Callable[[str], str]:
    try:
        from esbuild_py import transform
    except (ImportError, OSError, TypeError) as error:
        raise EngineMissingError(
            f"engine embedded: esbuild-py cannot be loaded ({error}); "
            "run 'pip install --force-reinstall esbuild-py setuptools', or use engine native"
        ) from None
    binding: Callable[[str], str] = transform
    return binding
