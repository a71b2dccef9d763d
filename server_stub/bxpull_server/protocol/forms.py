"""Form bodies as PHP reads them: ``TAGS[]=a``, ``tags[0]=a``, ``a[b][c]=d``, keys in any case."""

import re
from urllib.parse import parse_qsl

from bxpull_server.errors import QueryError

FormValue = str | dict[str, "FormValue"]

_MAX_FIELDS = 1000
_MAX_DEPTH = 8
_MAX_INDEX_DIGITS = 15
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INDEX = re.compile(r"\[([^\[\]]*)\]")


def parse_form(text: str) -> dict[str, FormValue]:
    """Parse a form or query string: top-level keys in lower case, lists as mappings from their index.

    A later field replaces an earlier one of the same name, as in PHP. Malformed names are ignored.

    Raises:
        QueryError: More than 1,000 fields, or nested deeper than 8.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise QueryError(f"the form has more than {_MAX_FIELDS} fields") from None
    form: dict[str, FormValue] = {}
    for key, value in pairs:
        match = _KEY.fullmatch(key)
        if match is None:
            continue
        path = [match[1].lower(), *_INDEX.findall(match[2])]
        if len(path) > _MAX_DEPTH:
            raise QueryError(f"a form field is nested deeper than {_MAX_DEPTH}")
        _put(form, path, value)
    return form


def _put(form: dict[str, FormValue], path: list[str], value: str) -> None:
    *parents, last = path
    for step in parents:
        key = step or _next_index(form)
        child = form.get(key)
        if not isinstance(child, dict):
            child = form[key] = {}
        form = child
    form[last or _next_index(form)] = value


def _next_index(form: dict[str, FormValue]) -> str:
    indexes = (int(key) for key in form if key.isascii() and key.isdigit() and len(key) <= _MAX_INDEX_DIGITS)
    return str(max(indexes, default=-1) + 1)


def form_text(form: dict[str, FormValue], key: str) -> str | None:
    """The field ``key``; None if it is not there.

    Raises:
        QueryError: It is a list.
    """
    value = form.get(key)
    if isinstance(value, dict):
        raise QueryError(f"{key} must be one value, not a list")
    return value


def form_list(form: dict[str, FormValue], key: str) -> list[str]:
    """The values of a list field, in order; a plain field counts as a list of one.

    Raises:
        QueryError: Some of them are lists themselves.
    """
    value = form.get(key, {})
    if isinstance(value, str):
        return [value]
    items = [item for item in value.values() if isinstance(item, str)]
    if len(items) < len(value):
        raise QueryError(f"{key} must be a list of single values, not of lists")
    return items
