"""The fields of a REST call: from the query, a form as PHP reads it, or a JSON object."""

import json
from collections.abc import Mapping
from typing import Any

from bxpull_server.errors import EventError, QueryError
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.forms import FormValue, form_list, form_text, parse_form
from bxpull_server.web.identity import whole_number

MAX_USERS = 1000


class Fields:
    """Fields by name, in any case.

    Attributes:
        form: All of them as they would come in a form.

    Args:
        query: Raw query string.
        body: Raw body; its fields win over those of the query.
        is_json: Whether the body is a JSON object.

    Raises:
        QueryError: The body or query cannot be read.
    """

    def __init__(self, query: str, body: str, *, is_json: bool) -> None:
        self._json = _parse_json(body) if is_json else {}
        own = {name: _as_form(value) for name, value in self._json.items()} if is_json else parse_form(body)
        self.form: dict[str, FormValue] = parse_form(query) | own

    def text(self, name: str) -> str:
        """A plain field; "" if there is none.

        Raises:
            QueryError: It is a list.
        """
        return form_text(self.form, name) or ""

    def texts(self, name: str) -> list[str]:
        """The values of a list.

        Raises:
            QueryError: Some of them are lists themselves.
        """
        return form_list(self.form, name)

    def users(self, name: str) -> list[int]:
        """The user ids of a list, or the one of a plain field, each once.

        Raises:
            QueryError: One of them is no user id, or there are more than 1,000.
        """
        users = list(dict.fromkeys(whole_number(name, text) for text in form_list(self.form, name)))
        if any(user < 1 for user in users):
            raise QueryError(f"{name} must name users: their ids are above 0")
        if len(users) > MAX_USERS:
            raise QueryError(f"{name} names {len(users)} users: at most {MAX_USERS} are allowed")
        return users

    def params(self, name: str) -> Params:
        """An object or list: JSON text of one, a nested form field, or JSON of a JSON body.

        Raises:
            EventError: It is something else.
        """
        value: Any = self._json[name] if name in self._json else _as_php(self.form.get(name, ""))
        if isinstance(value, str):
            value = _from_text(name, value)
        if not isinstance(value, Mapping | list):
            raise EventError(name, "must be an object, or JSON text of one")
        return value


def _from_text(name: str, text: str) -> object:
    try:
        return json.loads(text or "[]")
    except (ValueError, RecursionError):
        raise EventError(name, "must be an object, or JSON text of one") from None


def _parse_json(body: str) -> dict[str, Any]:
    try:
        fields = json.loads(body or "{}")
    except (ValueError, RecursionError):
        raise QueryError("the body is not JSON, though its Content-Type says so") from None
    if not isinstance(fields, dict):
        raise QueryError("the body must be a JSON object")
    return {name.lower(): value for name, value in fields.items() if value is not None}


def _as_form(value: object) -> FormValue:
    """A JSON value as it would come in a form.

    Of what is nested deeper, which only ``params`` reads, no more is kept than that it is a list.
    """
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {str(key): {} if isinstance(item, dict | list) else _plain(item) for key, item in items}
    return _plain(value)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _as_php(value: FormValue) -> object:
    """A form field as PHP makes JSON of it: an array with the keys 0, 1, 2… is a list."""
    if isinstance(value, str):
        return value
    items = {key: _as_php(item) for key, item in value.items()}
    if list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items
