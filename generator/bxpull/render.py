"""Renders the templates: the entry module, the HTML and the settings file."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from bxpull.errors import OptionError, TemplateError
from bxpull.escape import comment_text, script_json

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["render", "replaces_none"]

_OWN = Path(__file__).resolve().parent / "templates"


def render(name: str, folder: Path | None = None, /, **values: Any) -> str:
    """Renders ``templates/<name>.j2``.

    HTML is escaped automatically; the filters ``script_json`` and ``comment_text`` are for scripts. A name
    that the template uses and nobody gave is an error.

    Args:
        name: Such as ``demo.html``.
        folder: Folder of the user's own templates, tried first.
        values: What the template can use.

    Raises:
        TemplateError: If the template cannot be read or rendered.
        OptionError: If ``folder`` is no folder.
    """
    file = f"{name}.j2"
    try:
        environment = _own_environment() if folder is None else _environment(folder)
        return environment.get_template(file).render(**values)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(file, str(error.message), error.lineno) from None
    except jinja2.UndefinedError as error:
        raise TemplateError(file, str(error.message), _line_of(error, file)) from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(file, f"no template {error.name}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise TemplateError(file, f"cannot be read: {reason}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise TemplateError(file, f"cannot be rendered: {error}", _line_of(error, file)) from None


def replaces_none(folder: Path, names: Iterable[str]) -> bool:
    """Whether a folder has a file for none of these templates."""
    return not any((folder / f"{name}.j2").is_file() for name in names)


@cache
def _own_environment() -> jinja2.Environment:
    return _environment(None)


# Not kept for a user's folder: its files may change, and so may what a relative path means.
def _environment(folder: Path | None) -> jinja2.Environment:
    folders = [_OWN]
    if folder is not None:
        if not folder.is_dir():
            raise OptionError(
                "templates", f"option templates: {str(folder)!r} is not a folder; give one with *.j2 files"
            )
        if not os.access(folder, os.R_OK | os.X_OK):
            raise OptionError(
                "templates", f"option templates: {str(folder)!r} cannot be read; give one that you may read"
            )
        folders.insert(0, folder)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(script_json=_script_json_filter, comment_text=comment_text)
    return environment


def _script_json_filter(value: object, compact: bool = True) -> str:
    from markupsafe import Markup

    # Safe in HTML text as in scripts: no <, > or & is left. Not for attributes, which take plain values.
    return Markup(script_json(value, compact=compact))  # noqa: S704


def _line_of(error: BaseException, file: str) -> int | None:
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.endswith(file):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
