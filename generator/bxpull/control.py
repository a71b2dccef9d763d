"""Talks to a running push server over its control API."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bxpull.errors import InputError, ServerGoneError, ServerMissingError, ServerRefusedError
from bxpull.shorten import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ControlClient"]

_ANSWER_S = 10.0
# The stream has an empty line every 15 seconds at least.
_SILENCE_S = 45.0
_SENTENCE_BYTES = 65_536


class ControlClient:
    """The control API of one server.

    Attributes:
        url: The server's address, without a slash at the end.

    Args:
        url: ``http://host:port``; or https, or with a path, behind a proxy.
        token: Its control token; None: it is asked from its own machine.

    Raises:
        InputError: The address or the token cannot be used.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._secure, self._host, self._port, self._path = _parts(self.url)
        if token is not None and not (token and token.isascii() and token.isprintable()):
            raise InputError("control token: must be printable ASCII, and not empty")
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """Publish an event: the fields of ``POST /control/send`` in, its answer out.

        Raises:
            ServerMissingError: Nobody answers.
            ServerRefusedError: The server refused.
        """
        # Not ensure_ascii=False: a lone surrogate could not be sent as UTF-8.
        body = json.dumps(event).encode()
        with self._answer("POST", "/control/send", _ANSWER_S, body) as answer:
            try:
                told = json.loads(answer.read())
            except (OSError, HTTPException, ValueError):
                told = None
        if not isinstance(told, dict):
            raise ServerMissingError(self._missing("what it answered is not the control API's"))
        return told

    @contextmanager
    def events(self, filters: Sequence[tuple[str, str]]) -> Iterator[Iterator[dict[str, Any]]]:
        """What is published from now on: the lines of ``GET /control/events``, until the server goes away.

        The iterator raises ``ServerGoneError`` at the end.

        Args:
            filters: Names and values of the query.

        Raises:
            ServerMissingError: Nobody answers.
            ServerRefusedError: The server refused.
        """
        path = "/control/events" + (f"?{urlencode(filters)}" if filters else "")
        with self._answer("GET", path, _SILENCE_S) as answer:
            yield self._lines(answer)

    def _lines(self, answer: HTTPResponse) -> Iterator[dict[str, Any]]:
        try:
            while line := answer.readline():
                if line.strip():
                    yield json.loads(line)
        except (OSError, HTTPException, ValueError):
            pass  # cut off
        raise ServerGoneError(f"the server at {self.url} went away; --follow waits for it to come back")

    @contextmanager
    def _answer(
        self, method: str, path: str, timeout_s: float, body: bytes | None = None
    ) -> Iterator[HTTPResponse]:
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=timeout_s)
        headers = self._headers if body is None else {**self._headers, "Content-Type": "application/json"}
        try:
            try:
                connection.request(method, self._path + path, body, headers)
                answer = connection.getresponse()
            except (OSError, HTTPException) as error:
                reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
                if "WRONG_VERSION_NUMBER" in reason:
                    reason = "it does not speak TLS: its address begins with http://"
                raise ServerMissingError(self._missing(reason)) from None
            if answer.status != 200:
                raise ServerRefusedError(self._refusal(answer))
            yield answer
        finally:
            connection.close()

    def _missing(self, reason: str) -> str:
        return (
            f"no push server at {self.url} ({reason}): start one with 'bxpull serve', "
            "or give the address of the one that runs with --url"
        )

    def _refusal(self, answer: HTTPResponse) -> str:
        try:
            told = json.loads(answer.read(_SENTENCE_BYTES))
            code, sentence = told["error"], told["error_description"]
        except (OSError, HTTPException, ValueError, LookupError, TypeError):
            return (
                f"{self.url} answers with status {answer.status}: "
                "this is no push server of bxpull, or one of another version"
            )
        # Other refusals have that status as well: a wrong signature, for example.
        closed = answer.status == 403 and code == "forbidden"
        hint = "; give the server's token with --control-token" if closed else ""
        return f"{sentence}{hint}"


def _parts(url: str) -> tuple[bool, str, int | None, str]:
    wanted = "give one like http://127.0.0.1:8893"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # as it is looked up
    except UnicodeError:
        problem = "parts of a name have 1 to 63 characters"
        raise InputError(f"url {shown(url)}: is no address ({problem}); {wanted}") from None
    except ValueError as error:
        raise InputError(f"url {shown(url)}: is no address ({error}); {wanted}") from None
    if parts.username is not None:
        raise InputError(f"url: must not hold a name or password; {wanted}")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise InputError(f"url {shown(url)}: is no address of a server; {wanted}")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise InputError(f"url {shown(url)}: must be printable ASCII without spaces; {wanted}")
    return parts.scheme == "https", host, port, parts.path
