"""Builds again whenever something that goes into the bundle has changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import watchfiles

from bxpull.errors import InputError
from bxpull.settings_file import find_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bxpull.options import BuildOptions

__all__ = ["keep_building", "sources"]

_QUIET_MS = 20
"""An editor's last write is this long ago before there is a build, in milliseconds."""
_LOOK_AGAIN_MS = 1000
"""How often files are looked at where the system tells nothing, as on some network drives."""

_Stamp = tuple[int, int, int] | None


def sources(settings: Path | None, load: Callable[[], BuildOptions]) -> list[Path]:
    """The files and folders a build reads; those that are missing, too.

    Args:
        settings: The settings file; None: the nearest one, or ``bxpull.toml`` here, should it be written.
        load: Reads that file, and adds what the command line says.
    """
    file = settings or find_settings() or Path("bxpull.toml")
    try:
        options = load()
    except InputError:
        return [file]
    found = [file, *map(Path, options.scripts)]
    if isinstance(options.config, str | Path):
        found.append(Path(options.config))
    if options.templates is not None:
        folder = Path(options.templates)
        found += [folder, *sorted(folder.glob("*.j2"))]
    return found


def keep_building(build: Callable[[], None], read: Callable[[], Iterable[Path]]) -> None:
    """Builds, and again after each change; ends with :exc:`KeyboardInterrupt`.

    Args:
        build: Reports its own errors: the next change may mend them.
        read: Names what the next build will read.
    """
    while True:
        before = _stamps(read())
        build()
        _wait(before)


def _wait(before: dict[Path, _Stamp]) -> None:
    """Until one of the files is another one than before."""
    folders = {path if path.is_dir() else path.absolute().parent for path in before}
    wakings = watchfiles.watch(
        *(folder for folder in folders if folder.is_dir()),
        watch_filter=None,
        recursive=False,
        step=_QUIET_MS,
        rust_timeout=_LOOK_AGAIN_MS,
        yield_on_timeout=True,
    )
    while _stamps(before) == before:
        next(wakings)


def _stamps(paths: Iterable[Path]) -> dict[Path, _Stamp]:
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> _Stamp:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino
