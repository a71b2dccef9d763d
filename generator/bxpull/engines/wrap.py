"""How a user script is put into a scope of its own, by both engines alike."""

from __future__ import annotations

__all__ = ["CLOSE", "OPEN", "OPENED", "module_mark"]

# On the script's first line, so that its line numbers stay.
OPEN = "(() => {"
CLOSE = "\n})();"
OPENED = ("(() => {", "(()=>{")
"""How ``OPEN`` may look after esbuild printed it."""


def module_mark(format_: str) -> str:
    """What to append to a script to have it checked under the rules of the bundle's format.

    A module is always strict: ``with`` or an octal number would keep the whole bundle from loading.
    """
    return "\nexport {};" if format_ == "esm" else ""
