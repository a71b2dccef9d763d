"""bxpull: generates a Bitrix-compatible Pull client for the browser.

>>> import bxpull
>>> result = bxpull.build(out="dist")  # doctest: +SKIP
>>> result.bundle.path, result.bundle.gzip_bytes  # doctest: +SKIP

Importing the package loads nothing else; the names below are loaded at first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bxpull.builder import build
    from bxpull.errors import (
        BxpullError,
        ConfigError,
        EngineFailedError,
        EngineMissingError,
        EnvironmentProblem,
        InputError,
        OptionError,
        OutputError,
        PrebuiltError,
        ScriptError,
        TemplateError,
    )
    from bxpull.options import BuildOptions
    from bxpull.result import BuildResult, OutputFile

__version__ = "0.1.0"

__all__ = [
    "BuildOptions",
    "BuildResult",
    "BxpullError",
    "ConfigError",
    "EngineFailedError",
    "EngineMissingError",
    "EnvironmentProblem",
    "InputError",
    "OptionError",
    "OutputError",
    "OutputFile",
    "PrebuiltError",
    "ScriptError",
    "TemplateError",
    "__version__",
    "build",
]

_HOMES = {
    "build": "bxpull.builder",
    "BuildOptions": "bxpull.options",
    "BuildResult": "bxpull.result",
    "OutputFile": "bxpull.result",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'bxpull' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES.get(name, "bxpull.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
