"""The entry modules: what esbuild begins with to bundle the client, or a script beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.engines.base import PLACEHOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from bxpull.options import BuildOptions

__all__ = ["COMPANIONS", "COMPANION_FORMAT", "client_entry"]

COMPANIONS = {kind: f'import "./{kind}";\n' for kind in ("worker", "console")}
"""Entries of the scripts beside the bundle, by kind: the shared worker's, and the console."""

COMPANION_FORMAT = "iife"
"""Their format, whatever the bundle's is: not every browser with shared workers takes modules for them, and a
console may be pasted."""


def client_entry(options: BuildOptions, templates: Path | None = None) -> str:
    """Entry of the client that these options ask for, with ``PLACEHOLDER`` for the settings.

    Args:
        options: Those that choose its parts count, and the format.
        templates: Folder of the user's own templates.

    Raises:
        TemplateError: If the template cannot be read or rendered.
        OptionError: If ``templates`` is no folder.
    """
    from bxpull.render import render

    return render(
        "entry.js",
        templates,
        format=options.format,
        settings=PLACEHOLDER,
        protocols=options.protocols,
        long_polling=options.long_polling,
        shim=options.shim,
        shared_worker=options.shared_worker,
    )
