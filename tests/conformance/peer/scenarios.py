"""What the peer client does with our server: a scenario a function, its docstring the name in the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from bxpull_server.journal import PollOpened, RestRequest, SocketOpened, SocketText
from tests.e2e.wire import LONG_POLLING, WEBSOCKET, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bxpull_server.async_server import AsyncPushServer
    from bxpull_server.journal import Entry
    from tests.conformance.peer.page import PeerPage

WIRES = (
    Wire(4, WEBSOCKET),
    Wire(5, WEBSOCKET),
    Wire(3, WEBSOCKET),
    Wire(3, LONG_POLLING),
    Wire(4, LONG_POLLING),
)


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
        run: Performs it on a page whose client has not been started, and fails if it goes wrong.
        wires: Where it applies.
    """

    run: Callable[[PeerPage], None]
    wires: tuple[Wire, ...]

    @property
    def title(self) -> str:
        """In words."""
        return (self.run.__doc__ or "").rstrip(".")


SCENARIOS: list[Scenario] = []


def scenario(
    applies: Callable[[Wire], bool] = lambda _: True,
) -> Callable[[Callable[[PeerPage], None]], Callable[[PeerPage], None]]:
    """Lists a function as a scenario for the wires to which it applies."""

    def add(run: Callable[[PeerPage], None]) -> Callable[[PeerPage], None]:
        SCENARIOS.append(Scenario(run, tuple(wire for wire in WIRES if applies(wire))))
        return run

    return add


def _publishes(wire: Wire) -> bool:
    return wire.version >= 4 and wire.is_socket


def _configs(entries: Iterable[Entry]) -> int:
    """How many of these are requests for a config."""
    return sum(
        isinstance(entry, RestRequest) and entry.path == "/rest/pull.config.get.json" for entry in entries
    )


def _wait_second_config(peer: PeerPage) -> None:
    async def wait(server: AsyncPushServer) -> None:
        await server.wait_request(lambda _: _configs(server.requests) == 2, timeout=100)

    peer.server.call(wait)


def _opened(peer: PeerPage) -> list[dict[str, list[str]]]:
    """The queries of its connections."""
    kind = SocketOpened if peer.wire.is_socket else PollOpened
    return [
        parse_qs(entry.query)
        for entry in peer.server.requests
        if isinstance(entry, kind) and entry.user == peer.user
    ]


@scenario()
def starts(peer: PeerPage) -> None:
    """Starts, and speaks the format of the version."""
    peer.start()
    peer.send("first")
    assert peer.commands(1) == ["first"]
    assert {info.format for info in peer.server.connections()} == {peer.wire.format}


@scenario()
def hears_private_and_shared(peer: PeerPage) -> None:
    """Receives private and shared events, each with its params and extra."""
    peer.start()
    peer.server.add_shared(
        module_id="test", command="news", params={"text": "Привет \U0001f600 \u2028 #!NGINXNME!#"}
    )
    peer.server.add_by_user(2, module_id="test", command="private", params={"of": 2})
    peer.send("check", a=[1, {"b": None}])
    shared, private = peer.heard(2)
    assert (shared["command"], shared["params"]) == (
        "news",
        {"text": "Привет \U0001f600 \u2028 #!NGINXNME!#"},
    )
    assert (private["command"], private["params"]) == ("check", {"a": [1, {"b": None}]})
    assert private["extra"]["server_time_ago"] < 60


@scenario()
def hears_a_burst_in_order(peer: PeerPage) -> None:
    """Receives 500 events at once, in order, each once."""
    peer.start()
    for number in range(500):
        peer.send("check", n=number)
    assert [data["params"]["n"] for data in peer.heard(500)] == list(range(500))


@scenario(lambda wire: wire.is_socket)
def continues_after_a_loss(peer: PeerPage) -> None:
    """Reconnects with `mid` after a lost connection and gets what it missed."""
    peer.start()
    peer.send("before")
    peer.heard(1)
    peer.server.disconnect(peer.user)
    for command in ("missed", "too"):
        peer.send(command)
    assert peer.commands(3) == ["before", "missed", "too"]
    assert "mid" in _opened(peer)[-1]


@scenario(lambda wire: not wire.is_socket)
def polls_with_the_position(peer: PeerPage) -> None:
    """Polls again with `mid` after every answer and misses nothing."""
    peer.start()
    for number in range(1, 4):
        peer.send("check", n=number)
        assert [data["params"]["n"] for data in peer.heard(number)] == list(range(1, number + 1))
    assert "mid" in _opened(peer)[-1]


@scenario(_publishes)
def publishes_to_itself(peer: PeerPage) -> None:
    """`sendMessage()` to its own user arrives as a client event."""
    peer.start()
    peer.run("void client.sendMessage([1], 'test', 'hello', {from: 1}, 60)")
    [message] = peer.heard(1, "client")
    assert (message["command"], message["params"]) == ("hello", {"from": 1})
    assert message["extra"]["sender"]["type"] == 1


@scenario(_publishes)
def publishes_to_another_user(peer: PeerPage) -> None:
    """`sendMessage()` to another user arrives there and nowhere else."""
    peer.start()
    other = peer.another(2)
    peer.run("void client.sendMessage([2], 'test', 'hello', {from: 1})")
    assert other.commands(1, "client") == ["hello"]
    peer.send("last")
    peer.heard(1)
    assert peer.heard(0, "client") == []


@scenario(_publishes)
def publishes_to_a_channel(peer: PeerPage) -> None:
    """`sendMessageToChannels()` with a signed public id arrives at its user."""
    peer.start()
    other = peer.another(2)
    entry = peer.server.public_channel(2)
    public_id = f"{entry['public_id']}.{entry['signature']}"
    peer.page.evaluate(
        "id => void client.sendMessageToChannels([id], 'test', 'direct', {from: 1})", public_id
    )
    assert other.commands(1, "client") == ["direct"]


@scenario(_publishes)
def publishes_a_batch(peer: PeerPage) -> None:
    """`sendMessageBatch()` arrives message by message, in order."""
    peer.start()
    peer.run(
        "void client.sendMessageBatch(['b1', 'b2'].map((command) =>"
        " ({userList: [1], body: {module_id: 'test', command, params: {}}})))"
    )
    assert peer.commands(2, "client") == ["b1", "b2"]


@scenario(lambda wire: wire.version >= 5)
def asks_who_was_there(peer: PeerPage) -> None:
    """`getUsersLastSeen()` understands the answer: it asks the portal only for the user that is missing."""
    peer.start()
    peer.another(2)
    peer.run("client.getUsersLastSeen([1, 2, 3])")
    [asked] = [
        parse_qs(entry.body)
        for entry in peer.server.requests
        if isinstance(entry, RestRequest) and entry.path == "/rest/pull.api.user.getLastSeen.json"
    ]
    assert [values for name, values in asked.items() if name.startswith("userIds")] == [["3"]]


@scenario(lambda wire: wire.version >= 5)
def asks_for_life_and_channels(peer: PeerPage) -> None:
    """`ping()` and `listChannels()` are answered."""
    peer.start()
    peer.run("client.ping(5)")
    assert len(peer.run("client.listChannels()")) > 0


@scenario(lambda wire: wire.version >= 5)
def hears_who_comes_and_goes(peer: PeerPage) -> None:
    """`subscribeUserStatusChange()` tells when a user comes and goes."""
    peer.start()
    peer.run("client.subscribeUserStatusChange(2, (change) => log.push(['change', change]))")
    other = peer.another(2)
    assert peer.heard(1, "change")[0] == {"userId": 2, "isOnline": True}
    other.run("client.stop(1000, 'leaving')")
    assert peer.heard(2, "change")[1] == {"userId": 2, "isOnline": False}


@scenario(lambda wire: wire.version >= 5)
def acknowledges(peer: PeerPage) -> None:
    """Acknowledges each event with `mack:` and its mid."""
    peer.start()
    mid = peer.server.add_by_user(peer.user, module_id="test", command="check")
    peer.server.wait_request(lambda entry: isinstance(entry, SocketText) and entry.text == f"mack:{mid}")


@scenario()
def loads_an_expired_config_again(peer: PeerPage) -> None:
    """Loads the config again when it is told that it expired, and goes on."""
    peer.start()
    peer.send("before")
    peer.heard(1)
    peer.server.expire_config(peer.user)
    _wait_second_config(peer)
    peer.send("after")
    assert peer.commands(2) == ["before", "after"]


@scenario()
def swaps_a_channel(peer: PeerPage) -> None:
    """Takes the new channel that comes with an expired one, without asking for the config."""
    peer.start()
    peer.send("before")
    peer.heard(1)
    peer.server.expire_channel(peer.user, new_channel=True)
    peer.send("after")
    assert peer.commands(2) == ["before", "after"]


@scenario()
def loads_the_config_for_an_expired_channel(peer: PeerPage) -> None:
    """Loads the config again when its channel expired without a new one."""
    peer.start()
    peer.send("before")
    peer.heard(1)
    peer.server.expire_channel(peer.user, new_channel=False)
    peer.send("after")
    assert peer.commands(2) == ["before", "after"]
    assert _configs(peer.server.requests) == 2


@scenario(lambda wire: wire == Wire(4, WEBSOCKET))  # it waits for up to 40 s
def recovers_from_a_refusal(peer: PeerPage) -> None:
    """Loads the config again when its channel is refused with 4010."""
    peer.start()
    peer.send("before")
    peer.heard(1)
    peer.server.disconnect(peer.user, 4010, "wrong channel id")
    _wait_second_config(peer)
    peer.send("after")
    assert peer.commands(2) == ["before", "after"]
