"""The snippets of the documentation are right: Python runs, commands are known, the rest is well formed."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import click
import httpx
import pytest
import tree_sitter
import tree_sitter_javascript

from bxpull.cli import main
from bxpull.options import BuildOptions
from bxpull_server import PushServer
from bxpull_server.options import DEFAULT_PORT, options_from_table
from tests.docs.markdown import ROOT, Block, blocks, commands
from tests.typescript import compile_with_declarations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN_ADDRESS = f"http://127.0.0.1:{DEFAULT_PORT}"
COMMANDS = commands()
# Other programs that the documentation tells people to run; nothing of ours to check in them.
FOREIGN = {"pip", "pytest", "npm", "python", "pre-commit"}


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[PushServer]:
    """A running server that signs nothing, so that the channels of the examples are its own."""
    with PushServer(signature_key="") as server:
        yield server


# Some print a configuration, to show it.
@pytest.mark.pull_secrets("off")
@pytest.mark.parametrize("block", blocks("python"), ids=str)
@pytest.mark.usefixtures("workdir")
def test_python_runs(block: Block) -> None:
    code = compile("\n" * (block.line - 1) + block.text, str(block.page), "exec")
    exec(code, {"__name__": "snippet"})  # noqa: S102 - our own documentation


@pytest.mark.parametrize(("block", "words"), COMMANDS, ids=str)
def test_the_command_is_one_we_know(block: Block, words: list[str]) -> None:  # noqa: ARG001 - shown on failure
    assert words[0] in {"bxpull", "make", "curl", *FOREIGN}


@pytest.mark.parametrize("words", [words for _, words in COMMANDS if words[0] == "bxpull"], ids=" ".join)
def test_bxpull_takes_the_arguments(words: list[str]) -> None:
    context = click.Context(main, info_name="bxpull")
    command = main.get_command(context, words[1])
    assert command is not None
    # What is behind it is the shell's.
    own = words[2 : words.index(">")] if ">" in words else words[2:]
    assert command.make_context(words[1], own, parent=context).params


@pytest.mark.parametrize("words", [words for _, words in COMMANDS if words[0] == "make"], ids=" ".join)
def test_make_has_the_target(words: list[str]) -> None:
    assert words[1] in make_targets()


def test_every_target_is_documented() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert [target for target in make_targets() if f"`make {target}" not in page and target != "help"] == []


@pytest.mark.parametrize("words", [words for _, words in COMMANDS if words[0] == "curl"], ids=" ".join)
def test_the_server_takes_the_request(words: list[str], server: PushServer) -> None:
    method, url, headers, body = read_curl(words)
    assert url.startswith(SHOWN_ADDRESS)
    answer = httpx.request(method, url.replace(SHOWN_ADDRESS, server.url), headers=headers, content=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("block", blocks("js"), ids=str)
def test_javascript_is_well_formed(block: Block) -> None:
    assert not has_errors(block.text)


@pytest.mark.parametrize("block", blocks("ts"), ids=str)
def test_typescript_compiles_with_the_declarations_of_a_bundle(block: Block, workdir: Path) -> None:
    (workdir / "page.ts").write_text(block.text, "utf-8")
    assert compile_with_declarations(workdir, "page.ts") == ""


@pytest.mark.parametrize("block", blocks("html"), ids=str)
def test_scripts_in_html_are_well_formed(block: Block) -> None:
    assert block.text.count("<script") == block.text.count("</script>") > 0
    for code in re.findall(r"<script>(.*?)</script>", block.text, re.DOTALL):
        assert not has_errors(code)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_well_formed(block: Block) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_settings_are_accepted(block: Block) -> None:
    tables = tomllib.loads(block.text)
    assert set(tables) <= {"build", "serve"}
    BuildOptions.from_mapping(tables.get("build", {}))
    options_from_table(tables.get("serve", {}))


def test_every_language_is_checked() -> None:
    checked = {"python", "sh", "console", "js", "ts", "json", "html", "toml", "mermaid", "php", "text"}
    assert [str(block) for block in blocks() if block.language not in checked] == []


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def has_errors(code: str) -> bool:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    return parser.parse(code.encode()).root_node.has_error


def read_curl(words: list[str]) -> tuple[str, str, dict[str, str], str | None]:
    """Method, URL, headers and body of a curl command, in the few forms the documentation uses."""
    headers: dict[str, str] = {}
    body: str | None = None
    urls: list[str] = []
    rest: Any = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(":")
            headers[name] = value.strip()
        elif word == "-d":
            body = next(rest)
        else:
            assert not word.startswith("-"), f"this test does not know curl's {word}"
            urls.append(word)
    assert len(urls) == 1
    return ("GET" if body is None else "POST"), urls[0], headers, body
