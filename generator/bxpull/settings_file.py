"""Finds and reads ``bxpull.toml`` or ``[tool.bxpull]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from bxpull.errors import OptionError, SettingsFileError
from bxpull.option_checks import unknown
from bxpull.options import BuildOptions
from bxpull.shorten import cut

__all__ = ["find_settings", "load_settings", "read_tables"]

_TABLES = ("build", "serve")


def load_settings(path: Path | None = None) -> BuildOptions:
    """The build options of a settings file.

    Args:
        path: ``bxpull.toml`` or a ``pyproject.toml``; None: the nearest one with such settings, upwards from
            the working directory, or the defaults if there is none.

    Raises:
        SettingsFileError: If the file cannot be read or has unknown tables.
        OptionError: If an option in it cannot be used; the message starts with the file's path.
    """
    path = path or find_settings()
    if path is None:
        return BuildOptions()
    table = read_tables(path).get("build", {})
    if not isinstance(table, dict):
        raise SettingsFileError(
            f"{_named(path)}: build must be a table: write [build] and the options below it"
        )
    try:
        return BuildOptions.from_mapping(table, base=_base(path))
    except OptionError as error:
        raise OptionError(error.option, f"{_named(path)}: {error}") from None


def find_settings(start: Path | None = None) -> Path | None:
    """The nearest ``bxpull.toml``, or ``pyproject.toml`` with ``[tool.bxpull]``, from ``start`` upwards."""
    start = (start or Path.cwd()).absolute()
    for folder in (start, *start.parents):
        own = folder / "bxpull.toml"
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        if project.is_file() and b"tool.bxpull" in _bytes(project):
            return project
    return None


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of a settings file, such as ``{"build": {…}}``.

    Raises:
        SettingsFileError: If the file cannot be read or has unknown tables.
    """
    try:
        data = tomllib.loads(_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsFileError(f"{_named(path)}: is not UTF-8 text (byte {error.start + 1})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsFileError(f"{_named(path)}: is not TOML: {cut(str(error))}") from None
    except ValueError:
        raise SettingsFileError(f"{_named(path)}: has a number too long to read") from None
    except RecursionError:
        raise SettingsFileError(f"{_named(path)}: is nested too deeply") from None
    if path.name == "pyproject.toml":
        tool = data.get("tool")
        data = tool.get("bxpull", {}) if isinstance(tool, dict) else {}
        if not isinstance(data, dict):
            raise SettingsFileError(f"{_named(path)}: tool.bxpull must be a table: write [tool.bxpull.build]")
    for name in data:
        if name not in _TABLES:
            raise SettingsFileError(f"{_named(path)}: {unknown('table', name, _TABLES)}")
    return data


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsFileError(f"{cut(str(path))}: cannot be read: {error.strerror or error}") from None


def _named(path: Path) -> str:
    # As it was given; one that was found above the working directory is named from there.
    found_above = path.is_absolute() and Path.cwd().is_relative_to(path.parent)
    return cut(os.path.relpath(path) if found_above else str(path))


def _base(path: Path) -> Path | None:
    # Relative stays relative where it can, so that messages and tables show what the user wrote.
    folder = path.parent.absolute()
    return None if folder == Path.cwd() else folder
