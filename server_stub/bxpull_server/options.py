"""Options of the push server: one dataclass, checked when it is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bxpull_server.errors import OptionsError
from bxpull_server.limits import Limits, LimitValues, check_limits
from bxpull_server.option_checks import (
    check_flag,
    check_header,
    check_known,
    check_seconds,
    check_text,
    check_whole,
    check_word,
)
from bxpull_server.profiles import mode_problem, version_problem
from bxpull_server.protocol.channels import known_algorithm

DEFAULT_PORT = 8893
CLIENT_PATIENCE_S = 60.0
# A hundred years: their ends have to be dates.
_LONGEST_LIFE_S = 100 * 365 * 86_400
_ORIGIN = re.compile(r"https?://[^/\s?#]+", re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+|\*")
_PAGE_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;\s*[\w-]+=[\w.-]+)*")

Pages = Mapping[str, tuple[str, bytes | str]]


class OptionValues(LimitValues, total=False):
    """The options as keyword arguments; see :class:`ServerOptions`."""

    host: str
    port: int
    user: int
    server_version: int
    mode: str
    hostname: str
    client_id: str
    host_id: str
    module_configured: bool
    websocket_enabled: bool
    verdict: bool
    poll_timeout_s: float
    signature_key: str | None
    signature_algorithm: str
    static: Path | str | None
    pages: Pages
    conformance: bool
    control_token: str | None
    check_sessid: bool
    cors_origins: Sequence[str]
    allowed_hosts: Sequence[str]
    server_name: str
    channel_lifetime_s: int
    token_lifetime_s: int
    config_ttl_s: int
    config_timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions(Limits):
    """How a push server behaves; what is too much, is in :class:`Limits`.

    Attributes:
        host: Address to listen on. Everything but loopback lets others reach the trusted publish path.
        port: TCP port; 0: a free one, chosen by the system.
        user: Who the page's user is when the request does not say; 0: nobody is signed in.
        server_version: The push server version to be, 1 to 5: 1 to 3 send text, 4 protobuf (or text),
            5 JSON-RPC (or text).
        mode: ``personal``: a box's own push server; ``shared``: the cloud's, whose subscribers send
            ``clientId``.
        hostname: ``server.hostname`` of configs, which clients send along; "": none.
        client_id: ``clientId`` of configs in mode ``shared``; "": one derived from the key.
        host_id: Name of the portal in tokens (``iss``) and requests of its back end (``hostId``); "": one
            derived from the key.
        module_configured: False: REST methods answer ``SERVER_ERROR``, as a portal whose module is off.
        websocket_enabled: False: configs tell clients to poll.
        verdict: False: configs do not say that the server can tell whether its history covers a position, as
            those of a real Bitrix server.
        poll_timeout_s: Seconds a long poll waits for an event; clients give up after 60.
        signature_key: Key shared with the portal; None: a random one for this server; "": nothing is signed,
            and channel ids can be guessed.
        signature_algorithm: Hash for signatures, a :mod:`hashlib` name.
        static: Folder whose files are served from the same origin; None: none.
        pages: Path to (content type, content): pages held in memory, before all other routes.
        conformance: Serve ``/conformance/``, a page that tries the client in the browser that opens
            it; needs the package ``bxpull``.
        control_token: Allows ``/control/`` from anywhere with ``Authorization: Bearer <token>``; None:
            loopback only.
        check_sessid: Refuse REST calls without the right ``sessid``, as a portal does.
        cors_origins: Further origins whose pages may use the server, with cookies (``https://portal.example``);
            ``*``: all, without cookies. Pages of this machine and of the server's own host always may.
        allowed_hosts: Further names under which the server answers (``portal.example``), without a port;
            ``*``: any. It always answers under addresses, ``host``, the hosts of ``cors_origins`` and names
            that no public name server knows.
        server_name: ``extra.server_name`` of events; "": host and port.
        channel_lifetime_s: Seconds until a channel id is replaced.
        token_lifetime_s: Seconds until a JWT of a config expires.
        config_ttl_s: ``server.config_ttl`` of configs, seconds a client may use one; 0: not given.
        config_timestamp: ``server.config_timestamp`` of configs; a page that was told another one reloads.

    Raises:
        OptionsError: A value cannot be used; names the option.
    """

    host: str = "127.0.0.1"
    port: int = 0
    user: int = 1
    server_version: int = 4
    mode: str = "personal"
    hostname: str = ""
    client_id: str = field(default="", repr=False)
    host_id: str = ""
    module_configured: bool = True
    websocket_enabled: bool = True
    verdict: bool = True
    poll_timeout_s: float = 40
    signature_key: str | None = field(default=None, repr=False)
    signature_algorithm: str = "sha1"
    static: Path | str | None = None
    pages: Pages = field(default_factory=dict, repr=False)
    conformance: bool = False
    control_token: str | None = field(default=None, repr=False)
    check_sessid: bool = False
    cors_origins: Sequence[str] = ()
    allowed_hosts: Sequence[str] = ()
    server_name: str = ""
    channel_lifetime_s: int = 43_205
    token_lifetime_s: int = 43_200
    config_ttl_s: int = 0
    config_timestamp: int = 0

    def __post_init__(self) -> None:
        for name in ("cors_origins", "allowed_hosts"):
            given: object = getattr(self, name)
            if isinstance(given, list):  # as files have them
                object.__setattr__(self, name, tuple(given))
        check_text("host", self.host)
        check_text("server_name", self.server_name, empty=True)
        check_whole("port", self.port, 0, 65_535)
        check_whole("user", self.user, -(2**53), 2**53)
        check_known("server_version", version_problem(self.server_version))
        check_known("mode", mode_problem(self.mode))
        for name in ("hostname", "client_id", "host_id"):
            check_word(name, getattr(self, name))
        check_flag("module_configured", self.module_configured)
        check_flag("websocket_enabled", self.websocket_enabled)
        check_flag("verdict", self.verdict)
        check_seconds("poll_timeout_s", self.poll_timeout_s, below=CLIENT_PATIENCE_S)
        check_text("signature_algorithm", self.signature_algorithm)
        if not known_algorithm(self.signature_algorithm):
            raise OptionsError(
                "signature_algorithm",
                f"{self.signature_algorithm!r} is unknown: take sha1, sha256 or another hash",
            )
        if self.signature_key is not None:
            check_text("signature_key", self.signature_key, empty=True, secret=True)
        check_flag("conformance", self.conformance)
        if self.control_token is not None:
            check_header("control_token", self.control_token)
        check_flag("check_sessid", self.check_sessid)
        check_whole("channel_lifetime_s", self.channel_lifetime_s, 1, _LONGEST_LIFE_S)
        check_whole("token_lifetime_s", self.token_lifetime_s, 1, _LONGEST_LIFE_S)
        check_whole("config_ttl_s", self.config_ttl_s, 0)
        check_whole("config_timestamp", self.config_timestamp, 0)
        check_limits(self)
        _check_static(self.static)
        _check_pages(self.pages)
        _check_origins(self.cors_origins)
        object.__setattr__(self, "cors_origins", tuple(map(_as_browsers_say, self.cors_origins)))
        _check_hosts(self.allowed_hosts)


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
        values[option] = value
    return values


def _check_static(static: object) -> None:
    if static is None:
        return
    if not isinstance(static, str | Path):
        raise OptionsError("static", f"must be the path of a folder, not {static!r}")
    if not str(static):
        raise OptionsError("static", "must not be empty: '.' is the folder you are in")
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


def _as_browsers_say(origin: str) -> str:
    """An origin as browsers send it: in lower case, without the port that goes without saying."""
    origin = origin.lower()
    return origin.removesuffix(_DEFAULT_PORTS[origin.partition(":")[0]]) if origin != "*" else origin


def _check_hosts(hosts: object) -> None:
    if not isinstance(hosts, tuple):
        raise OptionsError("allowed_hosts", "must be a list of names such as portal.example")
    for host in hosts:
        if not isinstance(host, str) or not _HOST_NAME.fullmatch(host):
            raise OptionsError("allowed_hosts", f"{host!r} is no name such as portal.example, without a port")
