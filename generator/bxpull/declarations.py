"""Type declarations of a bundle, put together from the client's own sources.

``client/src/public/index.ts`` names what users see. These interfaces and types, and all that they need, are
taken over as they stand: TypeScript's sources and its declarations have the same syntax for them. This needs
no compiler, and what the sources say of a method cannot differ from what users read. A top-level statement
begins in the first column and goes on in lines that do not, as the formatter has it.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from bxpull.errors import ClientSourceError
from bxpull.escape import comment_text
from bxpull.locate import CLIENT_ENV
from bxpull.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bxpull.options import BuildOptions

__all__ = ["declarations", "declarations_name"]

_INDEX = "public/index"
_GLOBALS = "public/globals.d.ts"
_GOES_ON = re.compile(r"[\s}\])>]|$")
_DECLARATION = re.compile(r"(?:export )?((?:interface|type) (\w+))")
_NAMES_FROM = re.compile(r'(import|export) (?:type )?\{([^}]*)\} from "(\.[^"]*)";')
_NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")


class _Module(NamedTuple):
    """What a source file declares and where it has other names from.

    Attributes:
        declared: Text of its interfaces and types, with their comments, by name.
        imported: The module that a name comes from.
        exported: Names that it hands on, in order, and their modules.
    """

    declared: dict[str, str]
    imported: dict[str, str]
    exported: dict[str, str]


def declarations_name(bundle: str, format_: str) -> str:
    """Where TypeScript looks for the types of a bundle: ``bxpull.d.ts`` for ``bxpull.js``.

    Args:
        bundle: File name of the bundle.
        format_: ``iife`` or ``esm``. A script's declarations are global, so never those of a module, which
            ``.d.mts`` would make of them.
    """
    stem, dot, suffix = bundle.rpartition(".")
    return f"{stem}{dot}d.mts" if suffix == "mjs" and format_ == "esm" else f"{stem}{dot}d.ts"


def declarations(root: Path, options: BuildOptions, templates: Path | None = None) -> str:
    """The text of the declarations.

    Args:
        root: Folder with the client's sources.
        options: The format and the banner count.
        templates: Folder of the user's own templates.

    Raises:
        ClientSourceError: If the sources lack what ``public/index.ts`` names, or have a name twice.
        TemplateError: If the template cannot be read or rendered.
    """
    return render(
        "bxpull.d.ts",
        templates,
        format=options.format,
        banner=comment_text(options.banner),
        globals=_without_notes(_read(root, _GLOBALS)),
        types="\n\n".join(_collect(root)),
    )


def _collect(root: Path) -> Iterator[str]:
    """The declarations that the index names, each followed by those that it needs."""
    modules: dict[str, _Module] = {}
    seen: dict[str, str] = {}

    def module(path: str) -> _Module:
        if path not in modules:
            modules[path] = _parse(_read(root, f"{path}.ts"), posixpath.dirname(path))
        return modules[path]

    def take(name: str, path: str) -> Iterator[str]:
        if seen.setdefault(name, path) != path:
            raise ClientSourceError(f"the client's types {name} of {seen[name]} and {path} need two names")
        text = module(path).declared[name]
        yield text
        for word in dict.fromkeys(_WORD.findall(_NO_CODE.sub("", text))):
            source = path if word in module(path).declared else module(path).imported.get(word)
            if source and seen.get(word) != source and word in module(source).declared:
                yield from take(word, source)

    for name, path in module(_INDEX).exported.items():
        if name not in module(path).declared:
            raise ClientSourceError(f"the client's {path}.ts declares no interface or type {name}")
        if seen.get(name) != path:
            yield from take(name, path)


def _parse(text: str, folder: str) -> _Module:
    found = _Module({}, {}, {})
    comment = ""
    for statement in _statements(text):
        if statement.startswith("/*"):
            comment = f"{statement}\n"
        elif names := _NAMES_FROM.match(statement):
            path = posixpath.normpath(posixpath.join(folder, names[3]))
            target = found.imported if names[1] == "import" else found.exported
            target |= {word.split()[-1]: path for part in names[2].split(",") if (word := part.strip())}
        elif match := _DECLARATION.match(statement):
            found.declared[match[2]] = comment + statement[match.start(1) :]
        if not statement.startswith(("/*", "//")):
            comment = ""
    return found


def _statements(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if lines and not _GOES_ON.match(line):
            yield "\n".join(lines).rstrip()
            lines = []
        lines.append(line)
    yield "\n".join(lines).rstrip()


def _without_notes(text: str) -> str:
    """The text without comments for the linter."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))


def _read(root: Path, name: str) -> str:
    try:
        return (root / name).read_text("utf-8")
    except OSError:
        raise ClientSourceError(
            f"the client's {name}, which its types need, is missing in {root}; install bxpull again, "
            f"or point ${CLIENT_ENV} at a whole client/src folder"
        ) from None
