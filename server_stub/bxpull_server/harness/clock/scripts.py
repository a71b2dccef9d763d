"""The JavaScript that gives clients this clock's time, put together."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "scripts"
_PARTS = ("timers", "random", "network", "ports", "notes", "participant")


def environment_script(address: str) -> str:
    """What has to run before the client, in pages and in the shared worker.

    Args:
        address: Host and port of the hub.
    """
    parts = [(_FOLDER / f"{name}.js").read_text("utf-8") for name in _PARTS]
    return f'(() => {{\n"use strict";\nconst HUB = "{address}";\n{"".join(parts)}}})();\n'
