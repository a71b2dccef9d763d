"""The guard against shown secrets, as users of the plugin meet it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWING = """
    import logging

    import pytest
    from playwright.sync_api import Error

    ID = "BX.PULL.getConfig().channels.private.id"

    def test_console(pull_page):
        pull_page.evaluate(f"console.log('config', {ID})")

    def test_console_of_a_page_before(pull_page, pull_harness):
        pull_page.evaluate("console.log(BX.PULL.getConfig())")
        pull_page.reload()
        pull_harness.attach(pull_page)

    def test_text(pull_page):
        pull_page.evaluate(f"document.body.textContent = encodeURIComponent({ID})")

    def test_text_of_a_page_that_is_closed(pull_page):
        pull_page.evaluate(f"document.body.textContent = {ID}")
        pull_page.close()

    def test_storage(pull_page):
        pull_page.evaluate("Storage.prototype.removeItem = () => {}; BX.PULL.destroy()")

    def test_debug_info(pull_page):
        pull_page.evaluate("const info = {Path: " + ID + "}; BX.PULL.getDebugInfo = () => info")

    def test_output(pull_page):
        print(pull_page.evaluate(ID))

    def test_log(pull_page, pull_server):
        logging.getLogger("bxpull_server").warning("refused %s", pull_page.evaluate(ID))

    def test_message(pull_page):
        assert pull_page.evaluate(ID) == "another one"

    def test_own_place(pull_page, pull_secrets):
        pull_secrets.look("the mail", pull_page.evaluate(ID))

    @pytest.mark.pull_server(server_version=5)
    def test_token(pull_page):
        pull_page.evaluate("console.warn(BX.PULL.getDebugInfo({unsafe: true}))")

    def test_application(pull_server):
        pull_server.add_application("app", "opaque-token", user=1)
        print("auth=opaque-token")

    @pytest.mark.pull_secrets("off")
    def test_meant(pull_page):
        pull_page.evaluate("console.log(BX.PULL.getConfig())")

    def test_nothing_is_shown(pull_page, pull_user, pull_events):
        pull_page.evaluate("BX.PULL.capturePullEvent(); BX.PULL.enableLogging()")
        pull_user(1).send("im", "message", {"id": pull_page.evaluate(ID)})
        pull_events.expect("im", "message")
        pull_page.evaluate("console.log(BX.PULL.getDebugInfo()); BX.PULL.destroy()")
        print("0123456789abcdef" * 4)

    def test_another_tab_keeps_what_it_needs(pull_page, pull_user):
        pull_page.evaluate("BX.PULL.destroy()")
        assert "channels" in pull_user(1).open().evaluate("JSON.stringify({...localStorage})")

    def test_another_user_keeps_what_it_needs(pull_page, pull_harness):
        pull_harness.open(pull_page, user=2)
        pull_page.evaluate("BX.PULL.destroy()")
        assert "channels" in pull_page.evaluate("JSON.stringify({...localStorage})")
"""


@pytest.mark.only_browser("chromium")
def test_a_secret_that_is_shown_fails_the_test_and_is_not_shown_again(
    run_suite: Callable[..., pytest.RunResult],
) -> None:
    result = run_suite(SHOWING)
    # Of those that pass by themselves the end fails.
    result.assert_outcomes(passed=14, failed=2, errors=10)
    result.stdout.fnmatch_lines_random(
        [
            "*user 1: console: channel id, public id, signature",
            "*user 1: text: channel id, public id, signature",
            "*user 1: storage after destroy(): channel id, public id, signature*",
            "*user 1: debug info: channel id, public id, signature",
            "*Captured stdout call: channel id, public id, signature",
            "*Captured log call: channel id, public id, signature",
            "*the mail: channel id, public id, signature",
            "*user 1: console: *token*",
            "*Captured stdout call: application token",
            "E *+ #????????:#????????.#????????",
        ]
    )
    text = result.stdout.str() + result.stderr.str()
    assert "opaque-token'" not in text.replace('add_application("app", "opaque-token"', "")
    assert set(re.findall(r"[0-9a-f]{32,}", text)) <= {"0123456789abcdef" * 4}
    # Nor parts of them, as pytest shortens texts that differ.
    assert not re.search(r"[0-9a-f]{10,}\.\.\.[0-9a-f]{10,}", text)


PRINTING = """
    import pytest

    def test_output(pull_server):
        pull_server.add_application("app", "opaque-token", user=1)
        print("opaque-token")
"""


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize(("mode", "outcome"), [("off", {"passed": 1}), ("maybe", None)])
def test_the_guard_can_be_switched_off(
    run_suite: Callable[..., pytest.RunResult], mode: str, outcome: dict[str, int] | None
) -> None:
    result = run_suite(PRINTING, "-o", f"pull_secrets={mode}")
    if outcome is None:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*pull_secrets: must be on or off, not 'maybe'"])
    else:
        result.assert_outcomes(**outcome)


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["no workers", "a worker"])
def test_a_marker_that_cannot_be_used_fails_its_test_alone(
    run_suite: Callable[..., pytest.RunResult], workers: tuple[str, ...]
) -> None:
    result = run_suite(
        """
        import pytest

        @pytest.mark.pull_secrets("maybe")
        def test_marked():
            pass

        def test_after_it():
            pass
        """,
        *workers,
    )
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(['*TypeError: the marker pull_secrets takes "on" or "off", not (\'maybe\',)'])
