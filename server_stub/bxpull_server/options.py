"""Options of the push server: one dataclass, checked when it is made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from bxpull_server.errors import OptionsError
from bxpull_server.protocol.channels import known_algorithm

DEFAULT_PORT = 8893
PLANNED_VERSION = 5
SERVER_VERSIONS = (1, 2, 3, 4)
_ORIGIN = re.compile(r"https?://[^/\s?#]+")
_PAGE_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;\s*[\w-]+=[\w.-]+)*")

Pages = Mapping[str, tuple[str, bytes | str]]


class OptionValues(TypedDict, total=False):
    """The options as keyword arguments; see :class:`ServerOptions`."""

    host: str
    port: int
    user: int
    server_version: int
    signature_key: str | None
    signature_algorithm: str
    static: Path | str | None
    pages: Pages
    control_token: str | None
    check_sessid: bool
    cors_origins: tuple[str, ...]
    server_name: str
    channel_lifetime_s: int
    history_limit: int
    queue_limit: int
    body_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How a push server behaves.

    Attributes:
        host: Address to listen on. Everything but loopback lets others reach the trusted publish path.
        port: TCP port; 0: a free one, chosen by the system.
        user: Who the page's user is when the request does not say; 0: nobody is signed in.
        server_version: The push server version to be, 1 to 4 (4 sends text frames, too).
        signature_key: Key shared with the portal; None: a random one for this server; "": nothing is signed,
            and channel ids can be guessed.
        signature_algorithm: Hash for signatures, a :mod:`hashlib` name.
        static: Folder whose files are served from the same origin; None: none.
        pages: Path to (content type, content): pages held in memory, before all other routes.
        control_token: Allows ``/control/`` from anywhere with ``Authorization: Bearer <token>``; None:
            loopback only.
        check_sessid: Refuse REST calls without the right ``sessid``, as a portal does.
        cors_origins: Further origins whose pages may use the server, with cookies (``https://portal.example``);
            ``*``: all, without cookies. Pages of this machine and of the server's own host always may.
        server_name: ``extra.server_name`` of events; "": host and port.
        channel_lifetime_s: Seconds until a channel id is replaced.
        history_limit: Messages kept a channel.
        queue_limit: Characters that may wait for one slow connection before it is closed.
        body_limit: Bytes a request body, and an event to publish, may have.

    Raises:
        OptionsError: A value cannot be used; names the option.
    """

    host: str = "127.0.0.1"
    port: int = 0
    user: int = 1
    server_version: int = 3
    signature_key: str | None = field(default=None, repr=False)
    signature_algorithm: str = "sha1"
    static: Path | str | None = None
    pages: Pages = field(default_factory=dict, repr=False)
    control_token: str | None = field(default=None, repr=False)
    check_sessid: bool = False
    cors_origins: tuple[str, ...] = ()
    server_name: str = ""
    channel_lifetime_s: int = 43_205
    history_limit: int = 20_000
    queue_limit: int = 16 * 1024 * 1024
    body_limit: int = 1024 * 1024

    def __post_init__(self) -> None:
        _text("host", self.host)
        _text("server_name", self.server_name, empty=True)
        _whole("port", self.port, 0, 65_535)
        _whole("user", self.user, -(2**53), 2**53)
        _check_version(self.server_version)
        _text("signature_algorithm", self.signature_algorithm)
        if not known_algorithm(self.signature_algorithm):
            raise OptionsError(
                "signature_algorithm",
                f"{self.signature_algorithm!r} is unknown: take sha1, sha256 or another hash",
            )
        if self.signature_key is not None:
            _text("signature_key", self.signature_key, empty=True, secret=True)
        if self.control_token is not None:
            _text("control_token", self.control_token, secret=True)
        _flag("check_sessid", self.check_sessid)
        _whole("channel_lifetime_s", self.channel_lifetime_s, 1)
        _whole("history_limit", self.history_limit, 1)
        _whole("queue_limit", self.queue_limit, 1)
        _whole("body_limit", self.body_limit, 1)
        _check_static(self.static)
        _check_pages(self.pages)
        _check_origins(self.cors_origins)


def options_from_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments for :class:`ServerOptions` from a table; ``-`` in names counts as ``_``.

    Raises:
        OptionsError: An unknown name.
    """
    known = [name for name in OptionValues.__annotations__ if name != "pages"]
    values: dict[str, Any] = {}
    for name, value in table.items():
        option = name.replace("-", "_")
        if option not in known:
            raise OptionsError(name, f"there is no such option; known are {', '.join(sorted(known))}")
        values[option] = tuple(value) if isinstance(value, list) else value
    return values


def _check_version(version: object) -> None:
    if version == PLANNED_VERSION:
        raise OptionsError("server_version", "5 (JSON-RPC) is not available yet: choose 1, 2, 3 or 4")
    if isinstance(version, bool) or version not in SERVER_VERSIONS:
        raise OptionsError("server_version", f"{version!r} is none: choose 1, 2, 3 or 4")


def _check_static(static: object) -> None:
    if static is None:
        return
    if not isinstance(static, str | Path):
        raise OptionsError("static", f"must be the path of a folder, not {static!r}")
    if not Path(static).is_dir():
        raise OptionsError("static", f"{str(static)!r} is not a folder: create it or give another one")


def _check_pages(pages: object) -> None:
    if not isinstance(pages, Mapping):
        raise OptionsError("pages", "must map a path to (content type, content)")
    for path, page in pages.items():
        check_page(path, page)


def check_page(path: object, page: object) -> None:
    """Check one in-memory page.

    Raises:
        OptionsError: The path or the pair is not usable.
    """
    if not isinstance(path, str) or not path.startswith("/"):
        raise OptionsError("pages", f"the path {path!r} must begin with /")
    match page:
        case (str(content_type), bytes() | str()):
            if not _PAGE_TYPE.fullmatch(content_type):
                raise OptionsError("pages", f"{path}: {content_type!r} is no content type such as text/html")
        case _:
            raise OptionsError("pages", f"{path}: must be a pair (content type, content)")


def _check_origins(origins: object) -> None:
    if not isinstance(origins, tuple):
        raise OptionsError("cors_origins", "must be a list of origins such as https://portal.example")
    for origin in origins:
        if not isinstance(origin, str) or not (origin == "*" or _ORIGIN.fullmatch(origin)):
            raise OptionsError("cors_origins", f"{origin!r} is no origin such as https://portal.example")


def _text(option: str, value: object, *, empty: bool = False, secret: bool = False) -> None:
    if not isinstance(value, str):
        raise OptionsError(option, "must be a text" if secret else f"must be a text, not {value!r}")
    if not (value or empty):
        raise OptionsError(option, "must not be empty")


def _flag(option: str, value: object) -> None:
    if not isinstance(value, bool):
        raise OptionsError(option, f"must be true or false, not {value!r}")


def _whole(option: str, value: object, low: int, high: int | None = None) -> None:
    wanted = f"a whole number from {low} to {high}" if high is not None else f"a whole number, at least {low}"
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or value < low
        or (high is not None and value > high)
    ):
        raise OptionsError(option, f"must be {wanted}, not {value!r}")
