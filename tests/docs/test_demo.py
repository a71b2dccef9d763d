"""The demo notices what is missing, and names it."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from tools import demo_events as demo
from tools.demo_report import report

EXTRA = {"server_name": "portal.example"}


def call(handler: str, module: str, command: str, params: object) -> dict[str, Any]:
    """A handler call as the demo page notes it."""
    match handler:
        case "onPullEvent" | "onPullClientEvent":
            args = [module, command, params, EXTRA]
        case "onPullOnlineEvent":
            args = [command, params, EXTRA]
        case "onPullOnline":
            args = [{"command": command, "params": params, "extra": EXTRA}]
        case _ if handler.startswith(("onPullEvent-", "onPullClientEvent-")):
            args = [command, params, EXTRA]
        case _:
            args = [{"module_id": module, "command": command, "params": params, "extra": EXTRA}]
    return {"handler": handler, "args": args}


def seen(visitor: int) -> demo.Seen:
    """All that this visitor's page must see."""
    return demo.Seen(visitor, [call(*wanted) for wanted in demo.expected(visitor)])


@pytest.mark.parametrize("visitor", [demo.USER, demo.GUEST])
def test_all_is_well_when_every_handler_was_called(visitor: int) -> None:
    assert demo.differences(seen(visitor)) == []


@pytest.mark.parametrize("visitor", [demo.USER, demo.GUEST])
def test_each_missing_call_is_named(visitor: int) -> None:
    for number, (handler, module, command, _params) in enumerate(demo.expected(visitor)):
        page = seen(visitor)
        del page.calls[number]
        assert demo.differences(page) == [f"{demo.who(visitor)}: {handler} did not get {module}/{command}"]


def test_a_call_with_other_params_is_no_call() -> None:
    page = seen(demo.USER)
    page.calls[0] = call("onPullEvent-test", "test", "hello", {"text": "other"})
    assert demo.differences(page) == [
        "user 1: onPullEvent-test did not get test/hello",
        "user 1: onPullEvent-test got test/hello, which it should not",
    ]


def test_an_event_of_somebody_else_is_named() -> None:
    page = seen(demo.USER)
    page.calls.append(call("onPull", "test", "welcome", {}))
    assert demo.differences(page) == ["user 1: onPull got test/welcome, which it should not"]


def test_a_page_that_saw_nothing_fails_the_demo() -> None:
    with pytest.raises(demo.DemoError, match="guest -1: onPullEvent-test did not get test/welcome"):
        report(Console(quiet=True), [demo.Seen(demo.GUEST, [])], 1.0)
