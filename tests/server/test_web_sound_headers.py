"""What every answer says about itself, and that nothing a peer sends comes back as anything else."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.server import raw_http

INJECTED = "\r\nX-Injected: 1\r\n\r\n<script>alert(1)</script>\x1b[2J\u2028\u202e"
PATHS = (
    *("/", "/none", "/server-stat/", "/server-stat", "/control/state", "/control/none", "/control/fault"),
    *("/bitrix/subws/", "/bitrix/sub/", "/bitrix/pub/", "/bitrix/pubweb/", "/bitrix/api/", "/bitrix/sub"),
    *("/rest/pull.config.get.json", "/rest/none.json", "/conformance/", "/conformance/none", "/favicon.ico"),
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
async def test_every_answer_of_the_server_is_good_for_what_it_is_only(
    start: Callable[..., Any], method: str
) -> None:
    client = await start(conformance=True, poll_timeout_s=0.001)
    for path in PATHS:
        for headers in ({}, {"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            answer = await client.http.request(method, path, headers=headers)
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"], path
            (policy,) = answer.headers.get_list("content-security-policy")
            assert "default-src 'none'" in policy
            assert "frame-ancestors" in policy
            assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
            if not path.startswith("/conformance/") and path != "/":
                assert "html" not in answer.headers.get("content-type", "")
                assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_defect_is_told_without_details_and_with_the_headers(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_services: object) -> None:
        raise AssertionError("s3cret")

    monkeypatch.setattr("bxpull_server.web.statistics.server_numbers", fail)
    answer = await client.http.get("/server-stat/")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "text/plain" in answer.headers["content-type"]


HANDSHAKE = raw_http.handshake("")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (HANDSHAKE, 503),
        (HANDSHAKE.replace("/bitrix/subws/", "/none"), 404),
        (HANDSHAKE.replace("GET", "POST"), 405),
        (HANDSHAKE.replace("-Version: 13", "-Version: 8"), 400),
        (HANDSHAKE.replace("13", "13\r\nContent-Length: 1") + "x", 400),
        ("no request\r\n\r\n", 400),
        (raw_http.get(f"/{'x' * 100_000}"), 414),
        (raw_http.get("/", f"Cookie: {'x' * 100_000}"), 431),
    ],
)
async def test_refusals_past_which_no_middleware_comes_have_them_too(
    client: Any, asked: str, status: int
) -> None:
    await client.server.faults.add("refuse", status=503)
    async with raw_http.line(client) as (reader, writer):
        writer.write(asked.encode())
        line, headers, _ = await raw_http.answer(reader)
    assert line.startswith(f"HTTP/1.1 {status} ")
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_pages_and_files_of_the_user_s_may_do_what_they_say(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<h1>mine</h1>")
    client = await start(static=tmp_path, pages={"/page": ("text/html", "<h1>mine</h1>")})
    for path in ("/", "/page"):
        answer = await client.http.get(path)
        assert "mine" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        for name in ("content-security-policy", "referrer-policy", "cross-origin-resource-policy"):
            assert name not in answer.headers
    assert "content-security-policy" in (await client.http.get("/none")).headers


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with links out of it, to what is hidden, and to themselves."""
    root = tmp_path / "site"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "sub" / "index.html").write_text("sub")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "s").write_text("s3cret")
    (root / ".env").write_text("s3cret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "s").write_text("s3cret")
    (tmp_path / "site-too").mkdir()
    (tmp_path / "site-too" / "s").write_text("s3cret")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "env.txt").symlink_to(root / ".env")
    (root / "folder").symlink_to(root / ".hidden")
    (root / "loop").symlink_to(root / "loop")
    (root / "inside").symlink_to(root / "sub")
    return root


ESCAPES = (
    "/../outside/s",
    "/%2e%2e/outside/s",
    "/%2e%2e%2foutside%2fs",
    "/..%2f..%2foutside/s",
    "/sub/..%2f../outside/s",
    "/%252e%252e/outside/s",
    "/..%5coutside%5cs",
    "/..\\outside\\s",
    "/%5c..%5coutside%5cs",
    "/%c0%ae%c0%ae/outside/s",
    "/../site-too/s",
    "/..%2fsite-too/s",
    "/%2e%2e/site-too/s",
    "/out/s",
    "/out",
    "/env.txt",
    "/folder/s",
    "/loop",
    "/loop/s",
    "/sub%00/../.env",
    "/.env%00.html",
    "/%00",
    "/./.env",
    "/sub/./../.env",
    "/%2fetc/passwd",
    "//etc/passwd",
    "/C:/s",
    "/C:%5cs",
    "/%ff%fe",
    "/%ed%a0%80",
    "/" + "a" * 300,
    "/" + "a/" * 3000,
    "/sub/index.html/x",
    "/~root",
    "/.%00./outside/s",
    "/%2e%2e;/outside/s",
    "/sub/deep/../../../outside/s",
    "/;/../outside/s",
    "/.%0a/s",
)


@pytest.mark.parametrize("path", ESCAPES)
async def test_no_path_leads_out_of_the_folder(
    start: Callable[..., Any], site: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = await start(static=site)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    # Straight to the line: HTTP libraries tidy a path up.
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin-1"))
    answer = await reader.read()
    writer.close()
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), answer
    assert b"s3cret" not in answer
    assert b"root:" not in answer
    assert "Traceback" not in caplog.text


async def test_a_link_within_the_folder_is_followed(start: Callable[..., Any], site: Path) -> None:
    client = await start(static=site)
    assert (await client.http.get("/inside/")).text == "sub"
    folder = await client.http.get("/sub?a=%0d%0aX-Injected:1")
    assert folder.headers["location"].startswith(client.server.url + "/sub/")
    assert "x-injected" not in folder.headers


async def test_nothing_that_is_sent_gets_into_heads_pages_or_the_log(
    start: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bxpull_server")
    caplog.set_level(logging.INFO, "uvicorn")
    client = await start(server_version=5, signature_key="", poll_timeout_s=0.001)
    bad = quote(INJECTED)
    # What a header line can hold of it.
    latin = INJECTED.replace("\r\n", " ").encode("utf-8").decode("latin-1").replace("\x1b", "").strip()
    event = {"module_id": INJECTED, "command": INJECTED, "params": {INJECTED: INJECTED}}
    requests: list[tuple[str, str, Any]] = [
        *(
            ("GET", f"{path}?{key}={bad}", None)
            for path in PATHS
            for key in ("CHANNEL_ID", "token", "mid", bad)
        ),
        *(("GET", f"{path.rstrip('/')}/{bad}", None) for path in PATHS),
        *(("POST", path, json.dumps(event).encode()) for path in PATHS),
        *(("POST", path, INJECTED.encode()) for path in PATHS),
        ("POST", f"/rest/pull.watch.extend.json?TAGS[]={bad}", f"TAGS[{bad}]={bad}&{bad}={bad}".encode()),
        ("POST", f"/rest/pull.config.get.json?bxpull_user={bad}", b"pull_guest_id=" + bad.encode()),
        ("POST", f"/rest/pull.application.event.add.json?auth={bad}", b""),
        ("POST", f"/bitrix/pub/?CHANNEL_ID={'a' * 32}", json.dumps({**event, "expiry": INJECTED}).encode()),
        (
            "POST",
            "/bitrix/api/?hostId=h",
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": INJECTED}).encode(),
        ),
        ("GET", f"/control/events?{bad}={bad}", None),
        ("POST", "/control/send", json.dumps({INJECTED: INJECTED}).encode()),
        ("POST", "/control/send", json.dumps({"user": 1, "module": INJECTED, "command": "c"}).encode()),
    ]
    for method, path, body in requests:
        for headers in (
            {"Content-Type": "application/json"},
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{latin}"},
            {"Host": latin, "Referer": latin, "User-Agent": latin, "Cookie": f"bxpull_user={latin}"},
            {"Message-Expiry": latin, "Authorization": latin, "Content-Type": latin},
        ):
            raw = {name: value.encode("latin-1") for name, value in headers.items()}
            answer = await client.http.request(method, path, content=body, headers=raw)
            assert answer.status_code < 500, (method, path, answer.text)
            assert "x-injected" not in answer.headers
            assert not any("script" in value for value in answer.headers.values() if "<" in value)
            if "<script" in answer.text:  # as data only
                assert answer.headers["content-type"].split(";")[0] in ("application/json", "text/plain")
                assert answer.headers["x-content-type-options"] == "nosniff"
    for socket in (f"CHANNEL_ID={bad}", f"{bad}={bad}", f"token={bad}", f"mid={bad}"):
        assert (await (await client.open(socket)).closed())[0] == 4010
    page = await client.open(f"{await client.query(1)}&jsonRpc=true")
    for text in (
        INJECTED,
        json.dumps({"jsonrpc": "2.0", "id": INJECTED, "method": INJECTED}),
        f"mack:{INJECTED}",
    ):
        await page.socket.send(text)
    assert [await page.answer() for _ in range(2)]
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("bxpull", "uvicorn"))]
    assert ours
    for message in ours:
        assert message.isprintable(), message
        assert "Traceback" not in message
