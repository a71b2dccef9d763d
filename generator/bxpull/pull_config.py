"""Reads the Pull config that is to be embedded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bxpull.errors import ConfigError
from bxpull.escape import script_json
from bxpull.shorten import cut, shown

__all__ = ["load_config"]


def load_config(config: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """The config object: what REST ``pull.config.get`` answers as ``result``.

    The whole answer, with ``result`` around the config, is accepted too. No message shows what is in it: a
    config holds tokens.

    Args:
        config: The config, or the path of a JSON file with it.

    Raises:
        ConfigError: If it cannot be read or is not a config.
    """
    if isinstance(config, Mapping):
        return _checked(dict(config), "config")
    name = cut(str(config))
    return _checked(_read(Path(config), name), f"config {name}")


def _read(path: Path, name: str) -> Any:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"config {name}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"config {name}: is not UTF-8 text (byte {error.start + 1})") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"config {name}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from None
    except ValueError:
        raise ConfigError(f"config {name}: has a number too long to read") from None
    except RecursionError:
        raise ConfigError(f"config {name}: is nested too deeply") from None


def _checked(config: Any, name: str) -> dict[str, Any]:
    expected = 'give the object that pull.config.get answers, with "server" and "channels"'
    if not isinstance(config, dict):
        raise ConfigError(f"{name}: is not a JSON object; {expected}")
    if "error" in config and "server" not in config:
        raise ConfigError(f"{name}: is the refusal {shown(config['error'])}, not a config; {expected}")
    if isinstance(config.get("result"), dict) and "server" not in config:
        config = config["result"]
    if not isinstance(config.get("server"), dict):
        raise ConfigError(f'{name}: has no object "server"; {expected}')
    try:
        script_json(config)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name}: cannot be written as JSON: {error}") from None
    return dict(config)
