"""The reference pages are complete: every option, method, endpoint and folder; every link leads somewhere."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import click
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from bxpull.cli import main
from bxpull.options import BuildOptions
from bxpull_server import AsyncPushServer, PushServer
from bxpull_server.api.faults import Faults
from bxpull_server.faults.fault import KINDS, FaultOptions
from bxpull_server.options import OptionValues
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.subscribe import _KEYS as KEYS
from bxpull_server.web.app import make_app
from bxpull_server.web.rest_application import APPLICATION_METHODS
from bxpull_server.web.rest_pull import PULL_METHODS
from tests.docs.markdown import PAGES, ROOT, anchors, blocks, links

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
PULL = ROOT / "client" / "src" / "pull"
SHIM = ("BxEventCore", "BxGlobal")


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    return text(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", BuildOptions.names())
def test_every_build_option_is_documented(name: str) -> None:
    assert f"| `{name}` |" in text("generator.md")


@pytest.mark.parametrize("name", OptionValues.__annotations__)
def test_every_server_option_is_documented(name: str) -> None:
    assert f"| `{name}` |" in text("server.md")


@pytest.mark.parametrize(("command", "page"), [("build", "generator.md"), ("serve", "server.md")])
def test_every_command_line_option_is_documented(command: str, page: str) -> None:
    found = main.get_command(click.Context(main), command)
    assert found is not None
    options = [name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)]
    assert [name for name in options if name.startswith("--") and f"`{name}" not in text(page)] == []


def test_every_documented_build_option_exists() -> None:
    table = text("generator.md").partition("## Options")[2].partition("##")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(BuildOptions.names())


def test_every_route_is_documented() -> None:
    with PushServer() as server:
        paths = server.call(_paths)
    assert "/control/send" in paths
    page = text("server.md")
    assert [path for path in paths if path not in page] == []


async def _paths(server: AsyncPushServer) -> list[str]:
    found: list[str] = []
    for route in make_app(server._services).routes:
        match route:
            case Mount(path="/control"):
                found += [f"/control{inner.path}" for inner in route.routes if isinstance(inner, Route)]
            case Route(path=path) | WebSocketRoute(path=path):
                found.append(path.replace("{method}", "<method>.json"))
    return found


def test_every_rest_method_is_documented() -> None:
    page = text("server.md").lower()
    assert "pull.config.get" in PULL_METHODS
    assert [name for name in (*PULL_METHODS, *APPLICATION_METHODS) if f"`{name}`" not in page] == []


def test_every_method_of_the_server_is_documented() -> None:
    names = [name for name in dir(PushServer) if not name.startswith("_")]
    assert {"add_by_user", "url"} <= set(names)
    page = text("server.md")
    assert [name for name in names if not re.search(rf"`{name}\b", page)] == []


def test_every_fault_is_documented() -> None:
    table = section("server.md", "Faults")
    assert [kind for kind in KINDS if f"| `{kind}` |" not in table] == []
    assert [name for name in FaultOptions.__annotations__ if f"`{name}`" not in table] == []
    calls = section("harness.md", "Faults")
    others = {"add", "clear", "entries", "wait_struck"}
    named = [name for name in dir(Faults) if not name.startswith("_") and name not in others]
    assert {*KINDS, "restart"} <= set(named)
    assert [name for name in named if f"| `{name}(" not in calls] == []


def test_every_fixture_is_documented() -> None:
    folder = ROOT / "server_stub" / "bxpull_server" / "harness"
    source = "".join((folder / f"{name}plugin.py").read_text("utf-8") for name in ("", "async_", "secrets_"))
    names = re.findall(r"^@pytest(?:_asyncio)?\.fixture.*\n(?:async )?def ([a-z]\w+)", source, re.MULTILINE)
    assert {"pull_page", "async_pull_page", "pull_secrets"} <= set(names)
    page = text("harness.md")
    assert [name for name in names if not re.search(rf"`{name}\b", page)] == []


def test_every_method_of_the_client_is_documented() -> None:
    api = (PULL / "api.ts").read_text("utf-8")
    listed = re.search(r"METHODS.*? = \((.*?)\)\.split", api, re.DOTALL)
    assert listed is not None
    methods = " ".join(re.findall(r'"(.*)"', listed[1])).split()
    assert {"start", "subscribe", "getConfig", "sendMessage", "ping"} <= set(methods)
    page = text("client.md")
    assert [name for name in methods if f"| `{name}(" not in page] == []


def test_every_method_and_option_of_the_console_is_documented() -> None:
    source = "".join(
        (PULL.parent / "console" / f"{name}.ts").read_text("utf-8") for name in ("create", "recorder")
    )
    methods, start, replay = (
        re.findall(
            r"^  (\w+)\??[:(]",
            source.partition(f"export interface {name} ")[2].partition("\n}")[0],
            re.MULTILINE,
        )
        for name in ("PullConsole", "StartOptions", "ReplayOptions")
    )
    assert {"start", "replay", "show"} <= set(methods)
    table = section("console.md", "BX.PullConsole")
    assert [name for name in methods if f"`{name}(" not in table] == []
    assert f"`start({{{', '.join(start)}}})`" in table
    assert f"`replay({{{', '.join(replay)}}})`" in table


def test_every_member_of_the_shim_is_documented() -> None:
    source = (PULL.parent / "bx" / "types.ts").read_text("utf-8")
    parts = [source.partition(f"export interface {name} ")[2].partition("\n}")[0] for name in SHIM]
    members = re.findall(r"^  (\w+)\??[:(<]", "".join(parts), re.MULTILINE)
    assert {"addCustomEvent", "ready", "bitrix_sessid"} <= set(members)
    page = section("client.md", "BX")
    assert [name for name in members if f"`BX.{name}" not in page] == []


def test_every_option_of_the_client_is_documented() -> None:
    source = (PULL / "options.ts").read_text("utf-8")
    interface = source.partition("export interface PullOptions {")[2].partition("\n}")[0]
    options = re.findall(r"^  (\w+)\?:", interface, re.MULTILINE)
    assert "userId" in options
    assert [name for name in options if f"`{name}`" not in text("client.md")] == []


def test_every_error_code_of_the_client_is_documented() -> None:
    source = (ROOT / "client" / "src" / "public" / "errors.ts").read_text("utf-8")
    codes = re.findall(r"^ \* \| `([A-Z_]+)` \|", source, re.MULTILINE)
    assert re.findall(r'^  \| "([A-Z_]+)"', source, re.MULTILINE) == codes
    used = re.findall(r'(?:PullError\(\s*|code = |error \|\| )"([A-Z_]+)"', client_sources())
    assert sorted(codes) == sorted(set(used))
    assert re.findall(r"^\| `([A-Z_]+)` \|", section("client.md", "Errors"), re.MULTILINE) == codes


def test_every_storage_key_is_documented() -> None:
    elements = {"bx-pull-console"}
    keys = set(re.findall(r'"(bx-pull-[\w-]+)"', client_sources())) - elements
    assert set(re.findall(r"^\| `([\w-]+)` \|", section("client.md", "Storage"), re.MULTILINE)) == keys
    assert "bx-pull-websocket-blocked" in keys


def client_sources() -> str:
    return "".join(path.read_text("utf-8") for path in sorted(PULL.parent.rglob("*.ts")))


def test_every_folder_of_the_sources_has_its_sentence() -> None:
    page = text("architecture.md")
    folders = {path.rpartition("/")[0] for path in sources()}
    assert sorted(folder for folder in folders if f"| `{folder}/` |" not in page) == []


def test_the_longest_source_file_is_the_one_that_is_explained() -> None:
    lines = {path: (ROOT / path).read_text("utf-8").count("\n") for path in sources()}
    longest = max(lines, key=lines.__getitem__)
    assert f"\n`{longest}`: " in text("architecture.md")


def sources() -> list[str]:
    """The tracked files that are written by hand and shipped."""
    listed = subprocess.run(
        ["git", "ls-files", "client/src", "generator/bxpull", "server_stub/bxpull_server"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]


def test_the_config_of_the_protocol_is_as_the_server_makes_it() -> None:
    with PushServer(server_version=5, mode="shared") as server:
        made = server.config(1)
    shown = next(json.loads(block.text) for block in blocks("json") if '"long_polling"' in block.text)
    assert shape(shown) == shape(made)


def shape(value: object) -> object:
    """An object's keys, at every depth; of everything else its type."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return type(value).__name__


def test_the_protocol_names_all_that_is_in_a_query_or_closes_a_socket() -> None:
    page = text("protocol.md")
    assert [key for key in KEYS if f"`{key}" not in page] == []
    assert [code for code in CloseCode if f"| {code:d} | " not in page] == []
