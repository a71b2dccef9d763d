"""What ``bxpull build`` can be told, checked before anything is read or written."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bxpull import option_checks as check
from bxpull.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ENGINES",
    "EVENTS",
    "FORMATS",
    "PROTOCOLS",
    "SOURCEMAPS",
    "TARGETS",
    "BuildOptions",
]

ENGINES = ("auto", "native", "embedded")
FORMATS = ("iife", "esm")
TARGETS = (*(f"es{year}" for year in range(2015, 2025)), "esnext")
SOURCEMAPS = ("none", "linked", "external", "inline")
EVENTS = ("both", "desktop", "mobile")
PROTOCOLS = ("text", "protobuf", "jsonrpc")

_PATHS = ("out", "config", "templates")


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """One build. Every option is checked on construction; relative paths start at the working directory.

    Attributes:
        out: Folder for the results, or the bundle's own file name if it ends in ``.js`` or ``.mjs``.
        engine: ``native`` (the esbuild binary), ``embedded`` (needs no Node.js) or ``auto``: native if there.
        format: ``iife`` for a classic script tag, ``esm`` for ``<script type="module">`` and ``import``.
        target: Oldest JavaScript edition the bundle may use, ``es2015`` … ``es2024`` or ``esnext``.
        minify: Whether to shrink the bundle.
        protocols: What the client can speak, any of ``text`` (push server versions 1 to 3, and 4 as a
            fallback), ``protobuf`` (version 4) and ``jsonrpc`` (from version 5 on).
        long_polling: Whether the client can do without WebSockets.
        shim: Whether to bring ``BX`` with its event core, for pages that have none.
        shared_worker: Whether the tabs of a browser share one connection through a shared worker, whose
            script is written beside the bundle. It has to be served from the pages' own origin.
        worker_url: Where pages find that script, if not beside the bundle; needs ``shared_worker``.
        console: Whether to write a second script beside the bundle: ``BX.PullConsole``, which captures
            events, saves, loads and replays them, and shows them in a panel.
        types: Whether to write the type declarations of the bundle, ``bxpull.d.ts``, beside it.
        sourcemap: ``none``; ``linked``: a ``.map`` file the bundle points to; ``external``: one it does not
            mention; ``inline``: inside the bundle.
        autostart: Whether the page connects by itself (``BX.PULL.start()``) once its DOM is ready.
        user_id: Positive id of the page's user; None: the page says (``BX.message({USER_ID: …})``).
        guest_id: Negative id of a guest; None: the page says.
        rest_application: Client id of an OAuth application that the page belongs to: its config and its
            channel are asked for; None: the page says.
        site_id: Site id, a part of the names of storage keys; None: the page says.
        rest_url: Where REST methods are called, may carry a query; None means ``/rest/``.
        config_url: Full URL that answers the Pull config instead of REST; None: REST does.
        config: Pull config to embed: a mapping, or a JSON file's path; what ``pull.config.get`` answers.
        events: Which handler families get events: ``desktop``, ``mobile`` or ``both``.
        min_reconnect_delay: Upper bound of the first wait after a lost connection, ms; None: 5,000, or what
            the page says.
        max_reconnect_delay: The longest wait for the next try, ms; None: 30,000, or what the page says.
        publish_wait: How long a message may wait for a connection, ms; 0: not at all; None: 10,000, or what
            the page says.
        max_task_time: How long a burst of events is handled before the page has its turn, ms; None: 16, or
            what the page says.
        skip_check_revision: Whether to stay connected to a server of another API revision.
        scripts: Own script files, put after the client in this order, each in a scope of its own.
        banner: Text for a comment at the top of the bundle, a licence for example.
        demo: Whether to write the demo page, which needs the shim: without it, none is written.
        templates: Folder whose ``*.j2`` files replace those of the same name that bxpull brings.

    Raises:
        OptionError: If a value cannot be used; ``option`` names it.
    """

    out: str | Path = "dist"
    engine: str = "auto"
    format: str = "iife"
    target: str = "es2018"
    minify: bool = True
    protocols: Sequence[str] = PROTOCOLS
    long_polling: bool = True
    shim: bool = True
    shared_worker: bool = False
    worker_url: str | None = None
    console: bool = False
    types: bool = False
    sourcemap: str = "none"
    autostart: bool = False
    user_id: int | None = None
    guest_id: int | None = None
    site_id: str | None = None
    rest_application: str | None = None
    rest_url: str | None = None
    config_url: str | None = None
    config: str | Path | Mapping[str, Any] | None = None
    events: str = "both"
    min_reconnect_delay: int | None = None
    max_reconnect_delay: int | None = None
    publish_wait: int | None = None
    max_task_time: int | None = None
    skip_check_revision: bool = False
    scripts: Sequence[str | Path] = ()
    banner: str = ""
    demo: bool = True
    templates: str | Path | None = None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        check.path("out", self.out)
        check.choice("engine", self.engine, ENGINES)
        check.choice("format", self.format, FORMATS)
        check.choice("target", self.target, TARGETS)
        check.choice("sourcemap", self.sourcemap, SOURCEMAPS)
        check.choice("events", self.events, EVENTS)
        set_(self, "protocols", check.selection("protocols", self.protocols, PROTOCOLS))
        for flag in (
            "minify",
            "long_polling",
            "shim",
            "shared_worker",
            "console",
            "types",
            "autostart",
            "skip_check_revision",
            "demo",
        ):
            check.boolean(flag, getattr(self, flag))
        check.whole_number("user_id", self.user_id, positive=True)
        check.whole_number("guest_id", self.guest_id, positive=False)
        check.identifier("site_id", self.site_id, kind="a site id", longest=32, example="s1")
        check.identifier(
            "rest_application",
            self.rest_application,
            kind="the client id of an application",
            longest=64,
            example="local.5f0c1b2e3d4a56.12345678",
        )
        check.url("rest_url", self.rest_url)
        check.url("config_url", self.config_url)
        check.url("worker_url", self.worker_url)
        check.milliseconds("min_reconnect_delay", self.min_reconnect_delay, least=1)
        check.milliseconds(
            "max_reconnect_delay", self.max_reconnect_delay, least=self.min_reconnect_delay or 1
        )
        check.milliseconds("publish_wait", self.publish_wait, least=0)
        check.milliseconds("max_task_time", self.max_task_time, least=1)
        check.config("config", self.config)
        check.banner("banner", self.banner)
        set_(self, "scripts", check.paths("scripts", self.scripts))
        if self.templates is not None:
            check.path("templates", self.templates)
        check.exclusive("user_id", self.user_id, "guest_id", self.guest_id)
        check.exclusive("config", self.config, "config_url", self.config_url)

    @property
    def whole_client(self) -> bool:
        """Whether no part of the client is left out: such a one is carried bundled (``bxpull.prebuilt``)."""
        return self.protocols == PROTOCOLS and self.long_polling and self.shim

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all options, in the order of the documentation."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, base: Path | None = None) -> Self:
        """Options from a table, such as ``[build]`` of ``bxpull.toml``.

        Args:
            mapping: Option names (with ``_`` or ``-``) and values.
            base: Folder that relative paths in the table start from; None: the working directory.

        Raises:
            OptionError: If a name is unknown or given twice, or a value cannot be used.
        """
        known: dict[str, Any] = {}
        for key, value in mapping.items():
            name = str(key).replace("-", "_")
            if name not in cls.names():
                raise OptionError(str(key), check.unknown("option", str(key), cls.names()))
            if name in known:
                raise OptionError(name, f"option {name} is given twice, with - and with _: keep one")
            known[name] = value
        options = cls(**known)
        return options if base is None else options.based_on(base, tuple(known))

    def based_on(self, base: Path, names: Sequence[str]) -> Self:
        """A copy in which the relative paths of the options in ``names`` start from ``base``."""
        changes: dict[str, Any] = {
            name: base / value
            for name in _PATHS
            if name in names and isinstance(value := getattr(self, name), str | Path)
        }
        if "scripts" in names:
            changes["scripts"] = tuple(base / path for path in self.scripts)
        return replace(self, **changes)

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """A copy with some options replaced, checked like a new one.

        Raises:
            OptionError: If a name is unknown or a value cannot be used.
        """
        for name in changes:
            if name not in self.names():
                raise OptionError(name, check.unknown("option", name, self.names()))
        return replace(self, **changes)
