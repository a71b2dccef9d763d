"""Nobody hears what is not for them, and everybody what is, however it is published or tried for."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bxpull_server import AsyncPushServer
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)
from bxpull_server.protocol.tokens import issue_token
from tests.server.conftest import Client, Subscriber

KEY, OTHER_KEY = "the portal's key", "somebody else's key"
OWNERS = (1, 2, 3, -1, -2)
APPLICATION, TOKEN = "app.1", "t0ken"
TAGS = ("TASK_1", "TASK_2")
FLAGS = ("", "binaryMode=true", "jsonRpc=true")
FENCE = -1

owners = st.sampled_from(OWNERS)
flags = st.sampled_from(FLAGS)


@dataclass(frozen=True)
class Page:
    """A subscriber: whose channels it names, and which of them."""

    owner: int
    parts: str  # private, private+shared, shared, application
    flags: str


@dataclass(frozen=True)
class Spy:
    """A subscription that must be refused."""

    victim: int
    owner: int
    way: str


@dataclass(frozen=True)
class Event:
    """Something to publish, or to try to."""

    way: str
    users: tuple[int, ...]
    tag: str = ""
    flags: str = ""


SPYING = (
    *("no signature", "another key", "own signature", "public id", "public signature", "swapped public id"),
    *("token of another key", "token of no algorithm"),
)
SENDING = (
    "users",
    "shared",
    "tag",
    "channel",
    "pub",
    "pub shared",
    "batch",
    "api",
    "application",
    "application user",
)
PUBLISHING = ("pubweb", "rpc", "rpc users")
REFUSED = (
    *("pubweb private", "pubweb unsigned", "pubweb another key", "pubweb shared", "pubweb good and bad"),
    *(
        "rpc private",
        "rpc unsigned",
        "socket private",
        "socket another key",
        "pub another key",
        "api another key",
    ),
)

pages = st.builds(
    Page, owners, st.sampled_from(("private", "private+shared", "shared", "application")), flags
)
spies = st.builds(Spy, owners, owners, st.sampled_from(SPYING))
events = st.builds(
    Event,
    st.one_of(*map(st.sampled_from, (SENDING, SENDING, PUBLISHING, REFUSED))),
    st.lists(owners, min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(TAGS),
)
# Most plans have several pages, and tags that several watch: what is rare is never tried.
watches = st.lists(st.tuples(owners, st.sampled_from(TAGS)), min_size=3, max_size=8, unique=True)


def body(number: int) -> dict[str, Any]:
    return {"module_id": "m", "command": "c", "params": {"n": number}}


def bare(signed: str) -> str:
    return signed.partition(".")[0].partition(":")[0]


def batch(bodies: Iterable[tuple[list[Channel], int]]) -> bytes:
    messages = tuple(IncomingMessage(tuple(to), body=json.dumps(body(number))) for to, number in bodies)
    return encode(RequestBatch((Request(IncomingMessagesRequest(messages)),)))


def receiver(channel: str, signature: str = "") -> Channel:
    return Channel(bytes.fromhex(channel), signature=bytes.fromhex(signature))


@dataclass
class World:
    """A server, its pages, and who ought to have heard what."""

    client: Client
    watchers: dict[str, set[int]]
    heard: dict[Page, list[int]] = field(default_factory=dict)
    expected: dict[Page, list[int]] = field(default_factory=dict)
    configs: dict[int, Any] = field(default_factory=dict)
    application: Any = None
    numbers: Any = field(default_factory=itertools.count)
    signer: Signer = field(default_factory=lambda: Signer(KEY))
    stranger: Signer = field(default_factory=lambda: Signer(OTHER_KEY))

    async def prepare(self) -> None:
        for owner in OWNERS:
            fields = {"pull_guest_id": owner} if owner < 0 else {"bxpull_user": owner}
            self.configs[owner] = (await self.client.config(**fields))["channels"]
        await self.client.server.add_application(APPLICATION, TOKEN, user=1, admin=True)
        self.application = (await self.client.server.config(1, APPLICATION))["channels"]

    def private(self, owner: int) -> str:
        """As in the config: ``id:public.signature``."""
        return str(self.configs[owner]["private"]["id"])

    def public(self, owner: int) -> str:
        """As others get it: ``public.signature``."""
        return str(self.configs[owner]["private"]["public_id"])

    @property
    def shared(self) -> str:
        return str(self.configs[1]["shared"]["id"])

    def named(self, page: Page) -> list[str]:
        if page.parts == "application":
            return [self.application["private"]["id"], self.application["shared"]["id"]]
        parts = page.parts.split("+")
        return [self.private(page.owner)] * ("private" in parts) + [self.shared] * ("shared" in parts)

    def user_of(self, page: Page) -> int:
        """Whose connection the server takes it for; 0: nobody's."""
        return {"application": 1, "shared": 0}.get(page.parts, page.owner)

    def hears(self, page: Page, to: set[int], *, shared: bool = False) -> bool:
        """Whether an event for these users' own channels, or everybody, is for this page."""
        if page.parts == "application":
            return False
        return ("private" in page.parts and page.owner in to) or (shared and "shared" in page.parts)

    def expect(self, number: int, entitled: Callable[[Page], bool]) -> None:
        for page, numbers in self.expected.items():
            if entitled(page):
                numbers.append(number)


async def play(plan: tuple[list[Page], list[tuple[int, str]], list[Spy | Event]]) -> None:
    who, watching, steps = plan
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            AsyncPushServer(server_version=5, signature_key=KEY, user=1, publish_burst=10_000)
        )
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, trust_env=False))
        world = World(
            Client(server, http, stack), {tag: {u for u, t in watching if t == tag} for tag in TAGS}
        )
        await world.prepare()
        for user, tag in watching:
            await server.watch_add(user, tag)
        subscribers: dict[Page, Subscriber] = {}
        for page in dict.fromkeys(who):
            query = "CHANNEL_ID=" + quote("/".join(world.named(page)), safe="")
            subscribers[page] = await world.client.open("&".join(filter(None, (query, page.flags))))
            world.expected[page] = []
        for user, count in Counter(world.user_of(page) for page in subscribers).items():
            await server._services.hub.wait_connected(user, count, 30)
        for step in steps:
            await (spy(world, step) if isinstance(step, Spy) else publish(world, step))
        await fence(world)
        for page, subscriber in subscribers.items():
            assert await heard(subscriber, page) == world.expected[page], page


async def heard(subscriber: Subscriber, page: Page) -> list[int]:
    numbers: list[int] = []
    while FENCE not in numbers:
        if "binary" in page.flags:
            event = json.loads((await subscriber.message()).body)
        elif "json" in page.flags:
            event = (await subscriber.incoming())["body"]
        else:
            event = await subscriber.event()
        numbers.append(int(event["params"]["n"]))
    return numbers[:-1]


async def fence(world: World) -> None:
    """The last event of everybody, once each: private where there is one."""
    params = {"n": FENCE}
    await world.client.server.add_by_users(list(OWNERS), module_id="m", command="c", params=params)
    await post_application(world, FENCE, None)
    await world.client.server.add_shared(module_id="m", command="c", params=params)


async def post_application(world: World, number: int, user: int | None) -> None:
    form = {"auth": TOKEN, "COMMAND": "c", "MODULE_ID": "m", "PARAMS[n]": str(number)}
    if user is not None:
        form["USER_ID"] = str(user)
    answer = await world.client.http.post("/rest/pull.application.event.add.json", data=form)
    assert answer.status_code == 200, answer.text


async def spy(world: World, step: Spy) -> None:
    """Try to listen to somebody else."""
    private, public = bare(world.private(step.victim)), bare(world.public(step.victim))
    own = bare(world.public(step.owner))
    claims: dict[str, Any] = {"issuer": "h", "issued_at": 1_790_000_000, "lifetime_s": 2**31}
    token = issue_token(OTHER_KEY, subject=str(abs(step.victim)), channels=[private], **claims)
    tries = {
        "no signature": private,
        "another key": world.stranger.sign(f"{private}:{public}"),
        "own signature": f"{private}:{public}.{world.private(step.owner).partition('.')[2]}"
        if step.owner != step.victim
        else private,
        "public id": public,
        "public signature": world.public(step.victim),
        "swapped public id": f"{private}:{own}.{world.private(step.victim).partition('.')[2]}"
        if step.owner != step.victim
        else public,
    }
    unsigned = f"eyJhbGciOiJub25lIn0.{token.split('.')[1]}."
    if step.way.startswith("token"):
        query = f"token={token if 'key' in step.way else unsigned}"
    else:
        query = "CHANNEL_ID=" + quote(f"{tries[step.way]}/{world.shared}", safe="")
    subscriber = await world.client.open(f"{query}&binaryMode=true")
    assert (await subscriber.closed())[0] == 4010, step
    answer = await world.client.http.get(f"/bitrix/sub/?{query}")
    assert answer.status_code in (400, 403), (step, answer.text)


async def publish(world: World, step: Event) -> None:
    """Publish, or try to, and note who is to hear it."""
    number, to = next(world.numbers), set(step.users)
    server, http = world.client.server, world.client.http
    event: dict[str, Any] = body(number)
    private = [bare(world.private(user)) for user in step.users]
    public = [receiver(*world.public(user).split(".")) for user in step.users]
    bad = {
        "private": receiver(private[0], world.private(step.users[0]).partition(".")[2]),
        "unsigned": receiver(bare(world.public(step.users[0]))),
        "another key": receiver(
            bare(world.public(step.users[0])),
            world.stranger.signature(f"public:{bare(world.public(step.users[0]))}"),
        ),
        "shared": receiver(*world.shared.split(".")),
    }
    way, _, what = step.way.partition(" ")
    if step.way in REFUSED:
        await try_to_publish(world, way, what, bad, public, number)
        return
    match step.way:
        case "users":
            await server.add_by_users(list(step.users), **event)
        case "shared":
            await server.add_shared(**event)
        case "tag":
            await server.add_to_stack(step.tag, **event)
            to = world.watchers[step.tag]
        case "channel":
            await server.add_by_channel(world.private(step.users[0]), **event)
            to = {step.users[0]}
        case "pub":
            await posted(http, f"/bitrix/pub/?CHANNEL_ID={quote('/'.join(private), safe='')}", body(number))
        case "pub shared":
            await posted(http, f"/bitrix/pub/?CHANNEL_ID={quote(world.shared, safe='')}", body(number))
        case "batch":
            receivers = [receiver(channel) for channel in private]
            await posted(http, "/bitrix/pub/?binaryMode=true", batch([(receivers, number)]))
        case "api":
            await posted_to_api(world, number, step.users, world.signer, 200)
        case "application":
            await post_application(world, number, None)
        case "application user":
            await post_application(world, number, 1)
        case "pubweb":
            await posted(http, "/bitrix/pubweb/", batch([(public, number)]))
        case "rpc":
            assert "mid" in await called(world, number, channelList=[world.public(u) for u in step.users])
        case "rpc users":
            assert "mid" in await called(world, number, userList=list(step.users))
    if way == "application":
        world.expect(number, lambda page: page.parts == "application")
    elif step.way in ("shared", "pub shared"):
        world.expect(number, lambda page: world.hears(page, set(), shared=True))
    else:
        world.expect(number, lambda page: world.hears(page, to))


async def posted(http: httpx.AsyncClient, path: str, content: Any, status: int = 200) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = await http.post(path, content=data)
    assert answer.status_code == status, (path, answer.text)


async def posted_to_api(world: World, number: int, users: Iterable[int], signer: Signer, status: int) -> None:
    params = {"userList": list(users), "body": body(number)}
    data = json.dumps({"jsonrpc": "2.0", "method": "publish", "id": 1, "params": params}).encode()
    await posted(world.client.http, f"/bitrix/api/?hostId=h&signature={signer.signature(data)}", data, status)


async def called(world: World, number: int, **to: Any) -> Any:
    """What a page that may publish is answered."""
    query = "CHANNEL_ID=" + quote(world.private(OWNERS[-1]), safe="")
    page = await world.client.open(f"{query}&jsonRpc=true")
    answer = await page.call("publish", body=body(number), **to)
    await page.socket.close()
    return answer


async def try_to_publish(
    world: World, way: str, what: str, bad: dict[str, Channel], good: list[Channel], number: int
) -> None:
    if way == "api":
        await posted_to_api(world, number, OWNERS, world.stranger, 403)
        return
    if what == "good and bad":  # one bad receiver, and nobody gets anything
        await posted(
            world.client.http, "/bitrix/pubweb/", batch([(good, number), ([bad["private"]], number)]), 403
        )
        return
    data = batch([(good, number), ([bad[what]], number)]) if way == "pub" else batch([([bad[what]], number)])
    if way == "pubweb":
        await posted(world.client.http, "/bitrix/pubweb/", data, 403)
    elif way == "pub":
        await posted(world.client.http, "/bitrix/pub/?binaryMode=true", data, 403)
    elif way == "rpc":
        name, signature = bad[what].id.hex(), bad[what].signature.hex()
        channel = f"{name}.{signature}" if signature else name
        assert "code" in await called(world, number, channelList=[channel])
    else:
        query = "CHANNEL_ID=" + quote(world.private(OWNERS[-1]), safe="")
        page = await world.client.open(f"{query}&binaryMode=true")
        await page.socket.send(data)
        assert (await page.closed())[0] in (4020, 4021)


class TestIsolation:
    """The property, for any plan."""

    plans: ClassVar[Any] = st.tuples(
        st.lists(pages, min_size=3, max_size=8, unique=True),
        watches,
        st.lists(events | events | spies, min_size=4, max_size=14),
    )

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(plans)
    def test_every_event_reaches_those_it_is_for_and_nobody_else(self, plan: Any) -> None:
        asyncio.run(play(plan))
