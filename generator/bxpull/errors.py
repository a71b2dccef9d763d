"""The errors of bxpull, one tree.

::

    BxpullError
    ├── InputError                 what you gave is wrong            exit 2
    │   ├── OptionError            option-invalid     an option's name, type or value
    │   ├── SettingsFileError      settings-file      bxpull.toml or pyproject.toml cannot be used
    │   ├── ConfigError            config-invalid     the Pull config to embed cannot be used
    │   ├── ScriptError            script-invalid     a user script; has path, line and column
    │   ├── TemplateError          template-invalid   an own template; has its name and line
    │   ├── JsonError              json-invalid       JSON for an event; has its name, line and column
    │   └── CaptureInputError      capture-invalid    a capture; names file and line
    ├── ServerError                what a running server is needed for   exit 1
    │   ├── ServerMissingError     server-missing     nobody answers at that address
    │   ├── ServerRefusedError     server-refused     the server said no; its sentence
    │   └── ServerGoneError        server-gone        the server was there and went away
    └── EnvironmentProblem         something on this machine is missing   exit 1
        ├── ClientSourceError      client-missing     the TypeScript client was not found
        ├── EngineMissingError     engine-missing     the engine asked for is not there
        ├── EngineFailedError      engine-failed      esbuild or terser refused the client itself
        ├── PrebuiltError          prebuilt-stale     the embedded engine's bundles are old or absent
        └── OutputError            output-failed      a result could not be written

Every error has a stable ``code`` (second column) to test for, and a message that names the input and the fix.
"""

from __future__ import annotations

from typing import ClassVar

from bxpull.shorten import cut

__all__ = [
    "BxpullError",
    "CaptureInputError",
    "ClientSourceError",
    "ConfigError",
    "EngineFailedError",
    "EngineMissingError",
    "EnvironmentProblem",
    "InputError",
    "JsonError",
    "OptionError",
    "OutputError",
    "PrebuiltError",
    "ScriptError",
    "ServerError",
    "ServerGoneError",
    "ServerMissingError",
    "ServerRefusedError",
    "SettingsFileError",
    "TemplateError",
]


class BxpullError(Exception):
    """Base of all errors that bxpull raises on purpose."""

    code: ClassVar[str] = "bxpull"
    exit_code: ClassVar[int] = 1


class InputError(BxpullError):
    """Something the caller gave cannot be used."""

    code = "input"
    exit_code = 2


class EnvironmentProblem(BxpullError):  # noqa: N818 - the leaves carry the suffix
    """Something that this machine should have is missing or broken."""

    code = "environment"


class OptionError(InputError):
    """A build option has an unknown name, a wrong type or a value that is not allowed.

    Attributes:
        option: The option's name as in ``BuildOptions``.
    """

    code = "option-invalid"

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


class SettingsFileError(InputError):
    """``bxpull.toml`` or ``pyproject.toml`` cannot be read."""

    code = "settings-file"


class ConfigError(InputError):
    """The Pull config to embed cannot be read or is not one."""

    code = "config-invalid"


class ScriptError(InputError):
    """A user script cannot be embedded.

    Attributes:
        path: The script as the caller named it.
        line: 1-based line, or None when the whole file is meant.
        column: 1-based column in characters, or None.
        excerpt: The source line with a caret under the column, or an empty string.
    """

    code = "script-invalid"

    def __init__(
        self, path: str, reason: str, line: int | None = None, column: int | None = None, source: str = ""
    ) -> None:
        self.path, self.line, self.column = path, line, column
        self.excerpt = "" if line is None or column is None else _excerpt(source, line, column)
        name = cut(path)
        place = name if line is None else f"{name}:{line}:{column}"
        super().__init__(f"{place}: {reason}" + (f"\n{self.excerpt}" if self.excerpt else ""))


class TemplateError(InputError):
    """A template cannot be read or rendered.

    Attributes:
        template: The template's file name.
        line: 1-based line, or None.
    """

    code = "template-invalid"

    def __init__(self, template: str, reason: str, line: int | None = None) -> None:
        self.template, self.line = template, line
        super().__init__(f"{template}{'' if line is None else f':{line}'}: {reason}")


class JsonError(InputError):
    """JSON that an event is made of cannot be read.

    Attributes:
        line: 1-based line, or None when all of it is meant.
        column: 1-based column in characters, or None.
    """

    code = "json-invalid"

    def __init__(
        self, name: str, reason: str, line: int | None = None, column: int | None = None, source: str = ""
    ) -> None:
        self.line, self.column = line, column
        place = "" if line is None or column is None else f" at line {line}, column {column}"
        excerpt = "" if line is None or column is None else _excerpt(source, line, column)
        super().__init__(f"{name}: {reason}{place}" + (f"\n{excerpt}" if excerpt else ""))


class CaptureInputError(InputError):
    """A capture cannot be read, or not be replayed as it was asked for."""

    code = "capture-invalid"


class ServerError(BxpullError):
    """Something that needs a running push server could not be done."""

    code = "server"


class ServerMissingError(ServerError):
    """Nobody answers at the server's address."""

    code = "server-missing"


class ServerRefusedError(ServerError):
    """The server refused; the message is its own sentence."""

    code = "server-refused"


class ServerGoneError(ServerError):
    """The server ended the connection."""

    code = "server-gone"


class ClientSourceError(EnvironmentProblem):
    """The sources of the browser client are not where they should be."""

    code = "client-missing"


class EngineMissingError(EnvironmentProblem):
    """The engine that was asked for cannot be used on this machine."""

    code = "engine-missing"


class EngineFailedError(EnvironmentProblem):
    """esbuild could not bundle the client itself, or terser not shrink it."""

    code = "engine-failed"


class PrebuiltError(EnvironmentProblem):
    """The bundles that the embedded engine needs are missing or older than the client's sources.

    Attributes:
        problem: What is wrong, without the engine's name and the fix.
        fix: What to do about it.
    """

    code = "prebuilt-stale"

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(f"engine embedded: {problem}; {fix}")


class OutputError(EnvironmentProblem):
    """A result could not be written."""

    code = "output-failed"


def _excerpt(source: str, line: int, column: int, width: int = 100) -> str:
    lines = source.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    text = lines[line - 1].rstrip("\r").replace("\t", " ")
    start = max(0, min(column - 1, len(text)) - width // 2)
    shown = text[start : start + width]
    return f"    {line} | {shown}\n    {' ' * len(str(line))} | {' ' * (column - 1 - start)}^"
