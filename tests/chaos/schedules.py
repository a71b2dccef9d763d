"""Schedules: what is done to server, connection and page, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Publish:
    """A burst of events; the next step does not wait until they have arrived."""

    count: int


@dataclass(frozen=True)
class Calm:
    """Wait until the page has everything published so far."""


@dataclass(frozen=True)
class Server:
    """Something the server's process is told to do.

    Attributes:
        do: The command's name.
        values: What it takes.
    """

    do: str
    values: tuple[tuple[str, object], ...] = ()

    def __repr__(self) -> str:
        return f"Server({', '.join([repr(self.do), *(f'{name}={value!r}' for name, value in self.values)])})"


@dataclass(frozen=True)
class Kill:
    """SIGKILL, and another process on the same port, which knows nothing."""


@dataclass(frozen=True)
class Page:
    """Something that happens to the page, by its name in ``tab.py``: ``block sockets``, for example.

    Attributes:
        what: That.
        tab: To which tab, 0 or 1.
    """

    what: str
    tab: int = 0


@dataclass(frozen=True)
class Tabs:
    """``open tab`` or ``close tab``: the second one; nothing if there is one already, or none."""

    what: str


Step = Publish | Calm | Server | Kill | Page | Tabs
Schedule = list[Step]

CLOSE_CODES = (1000, 1001, 1008, 1011, 1012, 1013, 3000, 4010, 4029)
_BURSTS = (1, 20, 200, 400, 600, 1000)
_SMALL_BURSTS = (1, 10, 50, 100)


def server(do: str, **values: object) -> Server:
    """A command to the server's process."""
    return Server(do, tuple(values.items()))


def fault(kind: str, **values: object) -> Server:
    """A fault on what goes out, on handshakes or on the line; see ``server.faults``."""
    return server("fault", kind=kind, **values)


def kind(step: Step) -> str:
    """The column of the result table that a step counts for; "": none."""
    match step:
        case Publish() | Calm():
            return ""
        case Kill():
            return "kill"
        case Page(what) | Tabs(what):
            return what
        case Server("fault", (("kind", str(what)), *_)):
            return what.replace("_", " ")
        case Server("restart", (*_, ("keep_history", False))):
            return "restart, history lost"
        case Server(do):
            return do.replace("_", " ")


# Times that a fault strikes, and seconds (before they are shortened) that something takes.
_TIMES = st.integers(1, 4)
_SECONDS = st.sampled_from((1, 5, 20))
_SEEDS = st.integers(0, 99)
_REFUSALS = (("status", 403), ("status", 503), ("code", 1013), ("code", 4010))
_PAGE = ("hide", "show", "offline", "online", "reload")


def _damage(kind: str) -> st.SearchStrategy[Step]:
    return st.builds(lambda times, seed: fault(kind, times=times, seed=seed), _TIMES, _SEEDS)


def _slowness(kind: str) -> st.SearchStrategy[Step]:
    return st.builds(lambda times, seconds: fault(kind, times=times, seconds=seconds), _TIMES, _SECONDS)


_EVERYWHERE: dict[str, st.SearchStrategy[Step]] = {
    "drop": st.sampled_from((fault("drop"), fault("drop", when="message"))),
    "half open": st.just(fault("half_open")),
    "delay": _slowness("delay"),
    "duplicate": _damage("duplicate"),
    "reorder": _damage("reorder"),
    "malformed": _damage("malformed"),
    "truncate": _damage("truncate"),
    "slow accept": _slowness("slow_accept"),
    "refuse": st.builds(
        lambda times, how: fault("refuse", times=times, **dict([how])), _TIMES, st.sampled_from(_REFUSALS)
    ),
    "close": st.sampled_from(CLOSE_CODES).map(lambda code: server("close", code=code)),
    "evict": st.just(server("evict")),
    "restart": st.builds(
        lambda code, keep: server("restart", code=code, keep_history=keep),
        st.sampled_from((1001, 1012)),
        st.booleans(),
    ),
    "server restart": st.just(server("server_restart")),
    "expire channel": st.builds(
        lambda new, shared: server("expire_channel", new_channel=new, shared=shared),
        st.booleans(),
        st.booleans(),
    ),
    "expire config": st.just(server("expire_config")),
    "kill": st.just(Kill()),
}
_FAULTS = {
    # Without a worker there is long polling; its sockets would be out of the page's reach.
    "direct": _EVERYWHERE
    | {what: st.just(Page(what)) for what in (*_PAGE, "block sockets", "unblock sockets")},
    "shared": _EVERYWHERE
    | {what: st.builds(Page, st.just(what), st.integers(0, 1)) for what in _PAGE}
    | {what: st.just(Tabs(what)) for what in ("open tab", "close tab")},
}
"""Kinds by mode. Chosen from a flat list: each comes about as often as any other."""


def schedules_of(mode: str, *, small: bool = False) -> st.SearchStrategy[Schedule]:
    """Bursts with faults behind each: most hit a stream, and not silence.

    Args:
        mode: ``direct`` or ``shared``.
        small: Whether bursts are such that a schedule takes little time.
    """
    kinds = _FAULTS[mode]
    faults = st.sampled_from(sorted(kinds)).flatmap(kinds.__getitem__)
    bursts = st.sampled_from(_SMALL_BURSTS if small else _BURSTS).map(Publish)
    parts = st.tuples(bursts, st.lists(st.one_of(faults, faults, faults, st.just(Calm())), max_size=3))
    return st.lists(parts, min_size=1, max_size=8).map(
        lambda parts: [step for burst, faults in parts for step in (burst, *faults)]
    )
