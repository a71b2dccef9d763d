"""bxpull_server.web.pages, over HTTP."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of pages, with things in and around it that must not be served."""
    root = tmp_path / "site"
    (root / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<h1>home</h1>")
    (root / "sub" / "index.html").write_text("<h1>sub</h1>")
    (root / "app.js").write_text("'use strict'")
    (root / ".env").write_text("s3cret")
    (root / "bxpull.toml").write_text('[serve]\nsignature_key = "s3cret"')
    (root / "renamed.txt").symlink_to(root / "bxpull.toml")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("s3cret")
    (tmp_path / "outside.txt").write_text("s3cret")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    return root


@pytest.mark.parametrize(
    ("path", "content_type", "text"),
    [
        ("/", "text/html; charset=utf-8", "<h1>home</h1>"),
        ("/index.html?bxpull_user=2", "text/html; charset=utf-8", "<h1>home</h1>"),
        ("/sub/", "text/html; charset=utf-8", "<h1>sub</h1>"),
        ("/app.js", "text/javascript; charset=utf-8", "'use strict'"),
    ],
)
async def test_files_are_served_and_always_asked_for_again(
    start: Callable[..., Any], site: Path, path: str, content_type: str, text: str
) -> None:
    client = await start(static=site)
    answer = await client.http.get(path)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/.env",
        "/.git/config",
        "/bxpull.toml",
        "/sub/%2e%2e/bxpull%2Etoml",
        "/renamed.txt",
        "/sub/../.env",
        "/%2eenv",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/sub/%2e%2e/%2e%2e/outside.txt",
        "//etc/passwd",
        "/link.txt",
        "/none.html",
        "/%00",
    ],
)
async def test_hidden_outside_and_missing_files_are_not_there(
    start: Callable[..., Any], site: Path, path: str
) -> None:
    client = await start(static=str(site))
    answer = await client.http.request("GET", client.server.url + path)
    assert answer.status_code == 404
    assert "s3cret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_may_not_be_read_is_not_there(
    start: Callable[..., Any], site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = site / "app.js"
    may = os.access
    # Whoever runs the tests as root may read everything.
    monkeypatch.setattr(os, "access", lambda path, mode: not closed.samefile(path) and may(path, mode))
    client = await start(static=site)
    assert (await client.http.get("/app.js")).status_code == 404
    assert (await client.http.get("/")).text == "<h1>home</h1>"


async def test_routes_come_before_files(start: Callable[..., Any], site: Path) -> None:
    client = await start(static=site)
    assert (await client.http.get("/server-stat/")).json()["server"] == "bxpull"


async def test_pages_in_memory_come_before_everything(start: Callable[..., Any]) -> None:
    client = await start(pages={"/": ("text/html; charset=utf-8", "<h1>ж</h1>")})
    await client.server.add_page("/x.js", "text/javascript", b"1")
    home = await client.http.get("/?bxpull_user=2")
    assert (home.text, home.headers["cache-control"]) == ("<h1>ж</h1>", "no-cache")
    assert (await client.http.get("/x.js")).headers["content-type"].startswith("text/javascript")
    assert (await client.http.head("/x.js")).status_code == 200
    assert (await client.http.post("/x.js")).status_code == 404


async def test_without_pages_the_root_names_the_endpoints(client: Any) -> None:
    answer = await client.http.get("/")
    assert answer.status_code == 200
    assert "/bitrix/subws/" in answer.text
    assert client.server.url in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_folder_without_an_index_has_its_pages_named_at_the_root(
    start: Callable[..., Any], site: Path
) -> None:
    (site / "index.html").unlink()
    (site / "my <b>demo.html").write_text("<h1>demo</h1>")
    (site / ".hidden.html").write_text("s3cret")
    client = await start(static=site)
    answer = await client.http.get("/?bxpull_user=2")
    assert answer.status_code == 200
    assert '<a href="/my%20%3Cb%3Edemo.html">my &lt;b&gt;demo.html</a>' in answer.text
    assert "hidden" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await client.http.get("/my%20%3Cb%3Edemo.html")).text == "<h1>demo</h1>"
    assert (await client.http.get("/sub/none/")).status_code == 404


async def test_errors_are_plain_words(client: Any) -> None:
    missing = await client.http.get("/none")
    assert (missing.status_code, missing.text) == (404, "Not Found\n")
    wrong = await client.http.delete("/server-stat/")
    assert (wrong.status_code, wrong.text) == (405, "Method Not Allowed\n")
    assert "GET" in wrong.headers["allow"]


async def test_the_icon_browsers_ask_for_is_no_error(start: Callable[..., Any], site: Path) -> None:
    for client in (await start(), await start(static=site)):
        answer = await client.http.get("/favicon.ico")
        assert (answer.status_code, answer.content) == (204, b"")
    (site / "favicon.ico").write_bytes(b"mine")
    assert (await client.http.get("/favicon.ico")).content == b"mine"
    await client.server.add_page("/favicon.ico", "image/png", b"better")
    assert (await client.http.get("/favicon.ico")).content == b"better"
    assert (await client.http.get("/sub/favicon.ico")).status_code == 404
