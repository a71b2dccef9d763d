"""Requests that ask for another protocol: for a WebSocket, or for one that this server does not speak.

Java's client and ``curl --http2`` ask for HTTP/2 with their first request (``Upgrade: h2c``), and go on
without it if nobody takes that up (RFC 9110, 7.8). The parser leaves the bodies of such requests out.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httptools

_UPGRADE = b"upgrade"


class DecliningParser:
    """Reads a request that asks for a protocol nobody speaks once more, as if it had not asked.

    Args:
        protocol: Gets what is read.
        plain_head: What to read in the place of the head that has just been read; None: its wish is granted.
    """

    def __init__(self, protocol: object, plain_head: Callable[[], bytes | None]) -> None:
        self._protocol = protocol
        self._plain_head = plain_head
        self._parser = _parser_for(protocol)

    def feed_data(self, data: bytes) -> None:
        """Read on.

        Raises:
            HttpParserUpgrade: The rest is of another protocol.
            HttpParserError: It is no request.
        """
        rest: bytes | memoryview = data
        while True:
            try:
                self._parser.feed_data(rest)
            except httptools.HttpParserUpgrade as upgrade:
                head = self._plain_head()
                if head is None:
                    raise
                rest = memoryview(rest)[upgrade.args[0] :]
                self._parser = _parser_for(self._protocol)  # that one may take this head for the last
                self._parser.feed_data(head)
            else:
                return

    def get_method(self) -> bytes:
        """The request's method."""
        method: bytes = self._parser.get_method()
        return method

    def get_http_version(self) -> str:
        """The request's version, as ``1.1``."""
        version: str = self._parser.get_http_version()
        return version

    def should_keep_alive(self) -> bool:
        """Whether the connection stays open behind the answer."""
        return bool(self._parser.should_keep_alive())

    def should_upgrade(self) -> bool:
        """Whether the request asks for another protocol, whichever that is."""
        return bool(self._parser.should_upgrade())


def _parser_for(protocol: object) -> Any:
    parser = httptools.HttpRequestParser(protocol)
    # As uvicorn has it: the first of several requests is answered, even if it is to be the last.
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def wanted_protocol(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The protocol that a head asks for, in lower case; of several lines ``Connection`` any may say so."""
    wanted, asked = None, False
    for name, value in headers:
        if name == b"connection":
            asked = asked or _UPGRADE in (token.strip().lower() for token in value.split(b","))
        elif name == _UPGRADE:
            wanted = value.lower()
    return wanted if asked else None


def without_upgrade(
    method: bytes, url: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]
) -> bytes | None:
    """A head that asks for no other protocol; None for ``CONNECT``, which asks for nothing else."""
    if method == b"CONNECT":
        return None
    lines = [b"%s: %s" % header for header in headers if header[0] != _UPGRADE]
    return b"\r\n".join((b"%s %s HTTP/%s" % (method, url, version.encode()), *lines, b"", b""))


def origin_form(url: bytes) -> bytes:
    """A request's target without the host, which clients of a proxy name; left as it is if it is none."""
    if url.startswith(b"/"):
        return url
    try:
        parsed: Any = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return url
    path: bytes = parsed.path or b"/"  # each part may be missing, other than its types say
    return path if parsed.query is None else b"%s?%s" % (path, parsed.query)
