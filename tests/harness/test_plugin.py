"""bxpull_server.harness.plugin, as its users meet it: suites that pass and suites that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


PASSING = """
    import pytest

    def show(page):
        page.evaluate("BX.addCustomEvent('onPullEvent-im', (_, params) => { document.title = params.text; })")

    @pytest.mark.parametrize("n", range(ROUNDS))
    def test_one_page(pull_page, pull_user, pull_events, n):
        show(pull_page)
        assert pull_events.events == []
        pull_user(1).send("im", "message", {"text": f"hello {n}", "id": n})
        event = pull_events.expect("im", "message", params={"id": n})
        assert pull_page.title() == event.params["text"] == f"hello {n}"
        pull_events.expect_call("onPullEvent-im", command="message")
        pull_events.expect_none("im", "delete")

    @pytest.mark.parametrize("n", range(ROUNDS))
    @pytest.mark.pull_server(server_version=5)
    def test_several_users_and_tabs(pull_user, pull_guest, pull_events, pull_server, n):
        first, second, guest = pull_user(2).open(), pull_user(2).open(), pull_guest().open()
        assert second.context is first.context
        assert guest.context is not first.context
        assert [c.format for c in pull_server.connections()] == ["json-rpc"] * 3
        pull_user(2).send("crm", "deal", {"n": n})
        for page in (first, second):
            assert pull_events.expect("crm", "deal", page=page).params == {"n": n}
        pull_events.expect_none("crm", user=-1)
        assert len(pull_events.events) == 2
"""


@pytest.mark.only_browser("chromium")
def test_workers_do_not_hear_each_other(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite(PASSING.replace("ROUNDS", "20"), "-n", "4", "-k", "one_page")
    result.assert_outcomes(passed=20)


def test_a_suite_passes_in_every_browser(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite(PASSING.replace("ROUNDS", "1"))
    result.assert_outcomes(passed=2)


FAILING = """
    def test_message(pull_page, pull_user, pull_events):
        pull_page.evaluate(
            "BX.addCustomEvent('onPullEvent-im', function show(_, { id }) {"
            " if (id === 7) throw new Error('seven'); })"
        )
        pull_user(1).send("im", "message", {"id": 4, "text": "hello"})
        pull_user(1).send("im", "messageUpdate", {"id": 7})
        pull_user(1).send("crm", "deal", {"id": 5})
        pull_events.expect("crm", "deal")
        pull_events.expect("im", "message", params={"id": 5}, timeout=0.2)
"""


@pytest.mark.only_browser("chromium")
def test_a_failure_tells_what_was_seen_nearest_first(
    run_suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    result = run_suite(FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       pull_events.expect(*",
            "E *the event im/message with params {'id': 5} did not come within 0.2 s",
            "E *nearest of 3 seen:",
            "E *user 1: im/message {'id': 4, 'text': 'hello'}",
            "E *params.id: expected 5, was 4",
            "E *user 1: im/messageUpdate {'id': 7}",
            "E *command: expected 'message', was 'messageUpdate'",
            "E *user 1: crm/deal {'id': 5}",
            "E *module: expected 'im', was 'crm'",
            "E *errors in page code:",
            "E *user 1: Error: seven (handler show of onPullEvent-im, im/messageUpdate)",
            "* Captured pull server teardown *",
            "*SocketOpened(*user=1*",
            "published (3, *",
            "*im/message {'id': 4, 'text': 'hello'} to user 1: 1 connections, mid *",
            "* Captured pull user 1 teardown *",
            "*user 1: show of onPullEvent-im with im/message {'id': 4, 'text': 'hello'}",
            "*Connect: Y",
            "screenshot: test-results*test-suite.py-test-message*.png",
        ]
    )
    # The harness's own frames are not what failed.
    result.stdout.no_fnmatch_line("*harness*expectations.py:*")
    (shot,) = (pytester.path / "test-results").rglob("*.png")
    assert shot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.only_browser("chromium")
def test_an_error_that_nobody_expects_fails_the_test(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite("""
        BREAK = "BX.addCustomEvent('onPullEvent-im', function show() { throw new Error('broken'); })"
        REJECT = "void BX.PULL.subscribe({ moduleId: 'im', callback: async function later() { null.x; } })"

        def test_unexpected(pull_page, pull_user, pull_events):
            pull_page.evaluate(BREAK)
            pull_user(1).send("im", "message")
            pull_events.settle()

        def test_rejected(pull_page, pull_user, pull_events):
            pull_page.evaluate(REJECT)
            pull_user(1).send("im", "message")
            pull_events.settle()

        def test_expected(pull_page, pull_user, pull_events):
            pull_page.evaluate(BREAK)
            pull_page.evaluate(REJECT)
            pull_user(1).send("im", "message")
            assert pull_events.expect_error("broken").handler == "show"
            assert pull_events.expect_error("null").on == "subscribe server im"

        def test_never_thrown(pull_page, pull_events):
            pull_events.expect_error("broken", timeout=0.05)
    """)
    result.assert_outcomes(passed=3, failed=1, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*HandlerFailedError: 1 errors in page code that the test did not expect*",
            "*user 1: Error: broken (handler show of onPullEvent-im, im/message)",
            "*ExpectationError: no error with 'broken' within 0.05 s; errors seen: none",
        ]
    )


@pytest.mark.only_browser("chromium")
def test_an_error_is_expected_in_every_tab_or_in_one(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite("""
        import pytest

        BREAK = "BX.addCustomEvent('onPullEvent-im', function show() { throw new Error('broken'); })"

        @pytest.fixture
        def tabs(pull_user):
            tabs = [pull_user(1).open(), pull_user(1).open()]
            for tab in tabs:
                tab.evaluate(BREAK)
            return tabs

        def test_in_every_tab(tabs, pull_user, pull_events):
            pull_user(1).send("im", "message")
            pull_events.expect_error("broken")

        def test_in_a_tab_later(tabs, pull_user, pull_events):
            pull_user(1).send("im", "message")
            pull_events.expect_error("broken")
            pull_user(1).send("im", "message")
            pull_events.settle()

        def test_in_one(tabs, pull_user, pull_events):
            pull_user(1).send("im", "message")
            pull_events.expect_error("broken", page=tabs[0])
            pull_events.settle()

        def test_in_each(tabs, pull_user, pull_events):
            pull_user(1).send("im", "message")
            for tab in tabs:
                pull_events.expect_error("broken", page=tab)

        def test_no_more_once_all_is_forgotten(tabs, pull_user, pull_events):
            pull_user(1).send("im", "message")
            pull_events.expect_error("broken")
            pull_events.settle()
            pull_events.clear()
            pull_user(1).send("im", "message")
            pull_events.settle()
    """)
    result.assert_outcomes(passed=5, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*HandlerFailedError: 1 errors in page code that the test did not expect*",
            "*user 1, tab 2: Error: broken (handler show of onPullEvent-im, im/message)",
            "*HandlerFailedError: 2 errors in page code that the test did not expect*",
        ]
    )


@pytest.mark.only_browser("chromium")
def test_what_a_test_has_found_itself_counts(
    run_suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    pytester.makeconftest("""
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            if "flaky" in item.name:
                # As plugins do that run tests again.
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                for _ in range(2):
                    for report in runtestprotocol(item, nextitem=nextitem, log=False):
                        item.ihook.pytest_runtest_logreport(report=report)
                    item._initrequest()
                return True
    """)
    result = run_suite("""
        import pytest

        rounds = []

        @pytest.fixture(autouse=True)
        def broken(pull_page, pull_user, pull_events):
            pull_page.evaluate(
                "() => { BX.addCustomEvent('onPullEvent-im', () => { throw new Error('broken'); }); }"
            )
            pull_user(1).send("im", "message")
            pull_events.settle()

        def test_skipped_half_way():
            pytest.skip("not today")

        @pytest.mark.xfail(raises=ZeroDivisionError)
        def test_known_to_fail():
            1 / 0

        def test_flaky():
            rounds.append(1)
            assert len(rounds) > 1
    """)
    result.assert_outcomes(skipped=1, xfailed=1, failed=1, passed=1, errors=1)
    result.stdout.fnmatch_lines(["*HandlerFailedError: 1 errors in page code*"])


@pytest.mark.only_browser("chromium")
def test_screenshots_of_names_that_are_alike_are_several(
    run_suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    result = run_suite("""
        import pytest

        @pytest.mark.parametrize("name", ["a/b", "a::b", "x" * 99, "x" * 98 + "_"])
        def test_fails(pull_page, name):
            assert not name
    """)
    result.assert_outcomes(failed=4)
    assert len(list((pytester.path / "test-results").rglob("*.png"))) == 4


ASYNC = """
    import asyncio

    async def test_message(async_pull_page, async_pull_user, async_pull_events):
        await async_pull_page.evaluate(
            "BX.addCustomEvent('onPullEvent-im', (_, params) => { document.title = params.text; })"
        )
        async_pull_user(1).send("im", "message", {"text": "hello"})
        await async_pull_events.expect("im", "message", params={"text": "hello"})
        assert await async_pull_page.title() == "hello"
        guest = await async_pull_user(-1).open()
        async_pull_user(-1).send("main", "welcome")
        await async_pull_events.expect("main", "welcome", page=guest)
        await async_pull_events.expect_none("im", user=-1)

    async def test_tabs_of_a_user_that_are_opened_at_once_are_in_one_context(async_pull_user):
        one, other = await asyncio.gather(async_pull_user(2).open(), async_pull_user(2).open())
        assert one.context == other.context

    async def test_fails(async_pull_page, async_pull_user, async_pull_events):
        async_pull_user(1).send("im", "message", {"text": "hello"})
        await async_pull_events.expect("im", "message", params={"text": "hello"})
        await async_pull_events.expect("im", "message", params={"text": "bye"}, timeout=0.2)
"""


@pytest.mark.only_browser("chromium")
def test_coroutines_have_the_same(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite(ASYNC)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *params.text: expected 'bye', was 'hello'",
            "* Captured pull user 1 teardown *",
            "screenshot: *test-fails*.png",
        ]
    )


@pytest.mark.only_browser("chromium")
def test_inputs_are_overridden_at_every_level(
    run_suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def pull_server_options():
            return {"server_version": 3, "user": 7}
    """)
    result = run_suite("""
        import pytest

        class TestShared:
            @pytest.fixture
            def pull_bundle_options(self):
                return {"shared_worker": True}

            def test_two_tabs_have_one_connection(self, pull_page, pull_user, pull_server, pull_events):
                other = pull_user(7).open()
                assert len(pull_server.connections()) == 1
                pull_user(7).send("im", "message")
                for page in (pull_page, other):
                    pull_events.expect("im", "message", page=page)

        def test_each_tab_has_one(pull_page, pull_user, pull_server):
            pull_user(7).open()
            assert [(c.user, c.format) for c in pull_server.connections()] == [(7, "text")] * 2

        @pytest.mark.pull_server(server_version=5, user=8)
        def test_marked(pull_page, pull_server):
            assert [(c.user, c.format) for c in pull_server.connections()] == [(8, "json-rpc")]
            assert "bxpull_user=8" in pull_page.url

        @pytest.mark.pull_server(server_version=5, user=8)
        class TestMarkedTwice:
            @pytest.mark.pull_server(user=9, mode="personal")
            def test_the_nearest_wins(self, pull_server):
                options = pull_server.options
                assert (options.server_version, options.user, options.mode) == (5, 9, "personal")

        @pytest.fixture(scope="session")
        def second(make_pull_server):
            server = make_pull_server(server_version=5)
            server.add_page("/here", "text/plain", "still")
            return server

        def test_beside_the_one_of_the_test(second, pull_server):
            assert (second.options.server_version, pull_server.options.server_version) == (5, 3)
            assert second.port != pull_server.port

        def test_which_does_not_reset_it(second, pull_server):
            assert second.options.server_version == 5

        def test_a_second_server(make_pull_server, pull_server):
            other = make_pull_server(port=0, host="localhost")
            assert other.port != pull_server.port
    """)
    result.assert_outcomes(passed=7)


@pytest.mark.only_browser("chromium")
def test_what_cannot_be_is_told_and_what_to_do(run_suite: Callable[..., pytest.RunResult]) -> None:
    result = run_suite("""
        import pytest
        from bxpull_server import PushServer

        @pytest.mark.pull_server({"server_version": 5})
        def test_marked_without_names(pull_server):
            pass

        class TestOwnServer:
            @pytest.fixture
            def pull_server(self):
                with PushServer() as server:
                    yield server

            def test_clock(self, pull_clock):
                pass

        async def test_clock_of_coroutines(pull_clock, async_pull_page):
            pass

        @pytest.mark.asyncio(loop_scope="module")
        async def test_on_another_loop(async_pull_page):
            await async_pull_page.title()
    """)
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines_random(
        [
            "E *TypeError: the marker pull_server takes options by name*{'server_version': 5}*",
            "E *ClockError: pull_clock needs a pull_server that was made for it*",
            "*event loop is that of its module, *that of its function: give the test loop_scope='function'*",
            "E *ClockError: pull_clock moves pages of Playwright's sync API: use pull_page*",
        ]
    )


@pytest.mark.only_browser("chromium")
def test_without_a_browser_the_server_is_there(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile("""
        def test_server(pull_server):
            assert pull_server.add_by_user(1, module_id="im", command="message")
    """)
    result = pytester.runpytest_subprocess("-q", "-p", "no:playwright", "-p", "no:asyncio", "-p", "no:xdist")
    result.assert_outcomes(passed=1)


@pytest.mark.only_browser("chromium")
def test_a_server_that_was_stopped_is_there_for_the_next_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("n", range(2))
        def test_server(pull_server, n):
            pull_server.stop()
    """)
    pytester.runpytest_subprocess("-q", "-p", "no:playwright", "-p", "no:asyncio").assert_outcomes(passed=2)


@pytest.mark.only_browser("chromium")
def test_the_fixtures_are_a_manual(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fixtures", "-v", "-p", "no:cacheprovider")
    text = result.stdout.str()
    ours = text[text.index("fixtures defined from bxpull_server") :]
    assert "no docstring available" not in ours.split("fixtures defined from pytest_")[0]
    for name in ("pull_page", "pull_user", "pull_guest", "pull_events", "pull_faults", "pull_server"):
        assert f"\n{name} -- " in text


@pytest.mark.only_browser("chromium")
def test_an_error_with_half_a_character_is_reported_by_workers(
    run_suite: Callable[..., pytest.RunResult],
) -> None:
    result = run_suite(
        r"""
        def test_fails(pull_page, pull_user, pull_events):
            pull_page.evaluate("() => { setTimeout(() => { throw new Error('half \\ud83d'); }); }")
            pull_events.expect("im", timeout=0.2)
        """,
        "-n1",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([r"*Error: half \ud83d*"])
