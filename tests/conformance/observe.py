"""Runs the steps of a golden transcript with our client in Chromium and notes what page and server see."""

from __future__ import annotations

import itertools
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import TimeoutError as PageTimeoutError
from playwright.sync_api import sync_playwright

import bxpull
from bxpull_server import PushServer
from bxpull_server.errors import WaitTimeoutError
from bxpull_server.harness.browsers import launch_options
from bxpull_server.journal import (
    PollOpened,
    RestRequest,
    SocketBytes,
    SocketClosed,
    SocketOpened,
    SocketText,
)
from tests.conformance.normalise import milestones
from tests.pages import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import ConsoleMessage, Page

    from bxpull_server.async_server import AsyncPushServer
    from bxpull_server.journal import Entry

PAGE_SCRIPT = (Path(__file__).parent / "page.js").read_text("utf-8")
HTML = "text/html; charset=utf-8"
# The portal's `extra` in the golden run had nothing more than time and revisions.
EXTRA = {"server_time": None, "server_name": None}
WAIT_S = 10.0
# As in the golden run: polls end soon when nothing happens.
POLL_TIMEOUT_S = 2
MIN_RECONNECT_DELAY_MS = 200

Transcript = dict[str, Any]


def observe(golden: Transcript, folder: Path) -> Transcript:
    """What our client does in the steps of ``golden``, in the same shape, nothing masked.

    Args:
        golden: Tells how much to wait for in each step; what does not come is missing from the result.
        folder: Where bundles may be built.
    """
    # Playwright's synchronous API needs a thread without an event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_observe, golden, folder).result()


def _observe(golden: Transcript, folder: Path) -> Transcript:
    server = PushServer(
        user=1,
        server_version=golden["server_version"],
        websocket_enabled=golden["transport"] == "websocket",
        poll_timeout_s=POLL_TIMEOUT_S,
        verdict=False,  # as the server of the golden run
    )
    with server, sync_playwright() as tools:
        browser = tools.chromium.launch(**launch_options("chromium"))
        user = _Run(server, browser.new_context().new_page(), 1)
        user.open(_html(folder / "user", {"USER_ID": "1", "SITE_ID": "s1", "bitrix_sessid": "SESSID"}))
        steps = [user.step(step) for step in golden["steps"]]
        guest = _Run(server, browser.new_context().new_page(), -1)
        phrases = {"SITE_ID": "s1", "pull_guest_mode": "Y", "pull_guest_user_id": "-1"}
        guest.open(_html(folder / "guest", phrases))
        started = guest.step({**golden["guest"], "step": "start()", "page": []})
        browser.close()
        return {
            "steps": steps,
            "channels": user.channels,
            "debug_info": user.debug_info,
            "local_storage": user.local_storage,
            "guest": {
                "server": started["server"],
                "debug_info": guest.debug_info,
                "local_storage_keys": sorted(guest.local_storage),
            },
        }


class _Run:
    """One page, led through the steps."""

    def __init__(self, server: PushServer, page: Page, user: int) -> None:
        self.channels: list[str] = []
        self.debug_info: dict[str, Any] = {}
        self.local_storage: dict[str, str] = {}
        self._server = server
        self._page = page
        self._user = user
        self._numbers = itertools.count(1)
        self._console: list[list[str]] = []
        self._drains: list[str] = []
        page.on("console", self._note)

    def open(self, html: str) -> None:
        path = f"/user{self._user}.html"
        self._server.add_page(path, HTML, html)
        self._page.goto(self._server.url + path)

    def step(self, golden: Transcript) -> Transcript:
        """Performs one step, waits for as much as the golden run saw, and takes down what came."""
        name = golden["step"]
        self._server.clear_requests()
        self._console.clear()
        self._page.evaluate("window.log.length = 0")
        _ACTIONS[name](self)
        self._wait_requests(milestones(golden["server"]))
        with suppress(PageTimeoutError):
            self._until("count => window.log.length >= count", len(golden["page"]))
        if name == "start()":
            self.debug_info = self.run("BX.PULL.getDebugInfo()")
            self.channels = re.findall(
                r"\b[0-9a-f]{32}\b", self.run("BX.PULL.getConfig().channels.private.id")
            )
        # One more poll after the start would be of another kind: it has a position.
        if name != "revision 20 in extra" and not (name == "start()" and "lp" in golden["server"][-1]):
            self._drain()
        # Nothing may come that the golden run did not have: the answer to this was asked for last.
        log = self.run("window.log")
        self.local_storage = self.run("({...localStorage})")
        server = [item for item in self._seen() if item.get("sent_text") not in self._drains]
        console = [line for line in self._console if " drain " not in line[1]]
        return {"step": name, "page": log, "server": server, "console": console}

    def run(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def start(self) -> None:
        self.run("BX.PULL.start()")

    def reload(self) -> None:
        self._page.reload()
        self.start()

    def publish(self, module: str, command: str, params: Any, **extra: Any) -> None:
        self._server.add_by_user(
            self._user, module_id=module, command=command, params=params, extra={**EXTRA, **extra}
        )

    def post(self, event: dict[str, Any]) -> None:
        """Past the portal, which would put the module's name in lower case."""
        channel = quote(self.run("BX.PULL.getConfig().channels.private.id"))
        now = {"server_time_unix": time.time(), "revision_web": 19, "revision_mobile": 3}
        body = json.dumps({**event, "extra": now}).encode()
        with urlopen(f"{self._server.url}/bitrix/pub/?CHANNEL_ID={channel}", body) as answer:
            assert answer.status == HTTPStatus.OK

    def capture(self, flag: str, number: int) -> None:
        self.run(f"BX.PULL.capturePullEvent({flag})")
        self.publish("test", "check", {"id": number})

    def miss_two_events(self) -> None:
        self.run("BX.PULL.disconnect()")
        self._wait_requests(1)
        for number in range(2):
            self.publish("test", "missed", {"n": number})
        self.run("BX.PULL.connect()")

    def expire_channel(self, action: str) -> None:
        own = self.run("BX.PULL.getConfig().channels.private")
        params = {"action": action, "channel": {"id": own["id"], "type": own["type"]}}
        self.publish(
            "pull", "channel_expire", params if action != "reconnect" else {**params, "new_channel": own}
        )

    def close(self) -> None:
        self._server.disconnect(self._user, 1001)

    def _seen(self) -> list[dict[str, Any]]:
        """What reached the server in this step, in the words of the golden files."""
        return _in_golden_words(self._server.requests)

    def _wait_requests(self, count: int) -> None:
        async def wait(server: AsyncPushServer) -> None:
            with suppress(WaitTimeoutError):
                await server.wait_request(
                    lambda _: milestones(_in_golden_words(server.requests)) >= count, WAIT_S
                )

        if count:
            self._server.call(wait)

    def _drain(self) -> None:
        number = next(self._numbers)
        mid = self._server.add_by_user(
            self._user, module_id="drain", command="drain", params={"number": number}
        )
        self._drains.append(f"mack:{mid}")
        self._until("number => window.drained >= number", number)

    def _until(self, function: str, argument: int) -> None:
        wait_until(self._page, function, argument, timeout_ms=WAIT_S * 1000)

    def _note(self, message: ConsoleMessage) -> None:
        self._console.append([message.type, message.text])


_ACTIONS: dict[str, Callable[[_Run], object]] = {
    "start()": _Run.start,
    "event test/check {id:1}": lambda run: run.publish("test", "check", {"id": 1}),
    "event test/mapped": lambda run: run.publish("test", "mapped", {"x": [1, {"y": None}]}),
    "event TEST/Check with module in capitals": lambda run: run.post(
        {"module_id": "TEST", "command": "Check", "params": {"id": 2}}
    ),
    "event with params []": lambda run: run.publish("test", "check", []),
    "event of another module": lambda run: run.publish("im", "message", {"id": 3}),
    "online event, fresh": lambda run: run.publish("online", "user_online", {"user_id": 5}),
    "online event, 300 s old": lambda run: run.publish(
        "online", "user_online", {"user_id": 5}, server_time_unix=time.time() - 300
    ),
    "capturePullEvent() then event": lambda run: run.capture("", 4),
    "capturePullEvent(false) then event": lambda run: run.capture("false", 5),
    "disconnect, 2 events, connect": _Run.miss_two_events,
    "sendMessage([1],...) to oneself": lambda run: run.run(
        "void BX.PULL.sendMessage([1], 'test', 'hello', {from: 1}, 60)"
    ),
    "sendMessage([2,3],...)": lambda run: run.run(
        "void BX.PULL.sendMessage([2, 3], 'test', 'hello', {to: 'two'})"
    ),
    "sendMessageToChannels([own public id],...)": lambda run: run.run(
        "void BX.PULL.sendMessageToChannels([BX.PULL.getConfig().channels.private.public_id],"
        " 'test', 'tochannel', {a: 1})"
    ),
    "sendMessageBatch": lambda run: run.run(
        "void BX.PULL.sendMessageBatch(['b1', 'b2'].map((command) =>"
        " ({userList: [1], body: {module_id: 'test', command, params: {}}})))"
    ),
    "ping()": lambda run: run.run("void BX.PULL.ping()"),
    "getUsersLastSeen([1,2])": lambda run: run.run("void BX.PULL.getUsersLastSeen([1, 2])"),
    "listChannels()": lambda run: run.run("void BX.PULL.listChannels()"),
    "subscribeUserStatusChange(2, cb)": lambda run: run.run(
        "void BX.PULL.subscribeUserStatusChange(2, () => {})"
    ),
    "extendWatch('TAG', true)": lambda run: run.run("BX.PULL.extendWatch('TAG', true)"),
    "pull/config_expire": lambda run: run.publish("pull", "config_expire", {}),
    "pull/channel_expire get_config": lambda run: run.expire_channel("get_config"),
    "pull/channel_expire reconnect with new_channel": lambda run: run.expire_channel("reconnect"),
    "server closes with 1001": _Run.close,
    "reload page": _Run.reload,
    "revision 20 in extra": lambda run: run.publish("test", "check", {"id": 9}, revision_web=20),
}


def _html(folder: Path, phrases: dict[str, str]) -> str:
    # Comes back well before "offline" is told, whatever the random wait is.
    result = bxpull.build(
        out=folder, engine="native", events="desktop", demo=False, min_reconnect_delay=MIN_RECONNECT_DELAY_MS
    )
    client = result.bundle.path.read_text("utf-8")
    scripts = [f"window.BX = {{message: {json.dumps(phrases)}}};", client, PAGE_SCRIPT]
    body = "".join(f"<script>\n{script}\n</script>\n" for script in scripts)
    return f'<!doctype html>\n<meta charset="utf-8"><link rel="icon" href="data:,">\n<body>\n{body}</body>\n'


def _in_golden_words(entries: list[Entry]) -> list[dict[str, Any]]:
    """What came from the page, out of the server's journal."""
    items = [_request(entry) for entry in entries]
    return [item for item in items if item is not None]


def _request(entry: Entry) -> dict[str, Any] | None:
    match entry:
        case RestRequest():
            return {
                "rest": entry.path,
                "query": entry.query,
                "body": entry.body,
                "csrf": entry.csrf,
                "method": entry.http_method,
            }
        case SocketOpened():
            return {"ws": entry.query}
        case PollOpened():
            return {"lp": entry.query}
        case SocketClosed():
            return {"closed": entry.code, "reason": entry.reason}
        case SocketText():
            return {"sent_text": entry.text}
        case SocketBytes():
            return {"sent_hex": entry.data.hex()}
        case _:
            return None  # of back ends
