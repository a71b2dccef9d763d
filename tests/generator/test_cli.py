"""The command line: what it prints, what it writes, how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import bxpull
from bxpull.cli import main
from bxpull.options import BuildOptions

HEAVY = ("jinja2", "rich", "esbuild_py", "tree_sitter", "uvicorn", "starlette", "playwright", "bxpull_server")

KNOWN = "Known: build, init, doctor, serve, send, tail, replay, gen-test, completion."


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def imported(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_build_prints_each_file_with_its_size_and_the_engine(engine: str) -> None:
    result = run("build", "--engine", engine, "--minify", "--out", "static/app.js")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    bundle = Path("static/app.js").read_bytes()
    assert lines[0].split() == ["file", "bytes", "gzip", "integrity"]
    assert lines[1].split()[:2] == ["static/app.js", str(len(bundle))]
    assert lines[-1].startswith(f"engine {engine} (esbuild ")


def test_auto_takes_native_when_there_is_an_esbuild(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "engine native " in run("build").output
    monkeypatch.setattr("bxpull.engines.choose.find_esbuild", lambda: None)
    assert "engine embedded " in run("build").output


def test_build_answers_in_json() -> None:
    result = run("build", "--json", "--sourcemap", "linked")
    data = json.loads(result.output)
    assert [item["kind"] for item in data["files"]] == [
        "bundle",
        "map",
        "snippet",
        "demo",
        "demo",
        "demo",
        "manifest",
    ]
    assert data["warnings"] == []


def test_warnings_go_to_standard_error() -> None:
    Path("page.js").write_text("x = 1", "utf-8")
    result = run("build", "--engine", "embedded", "--no-minify", "--script", "page.js")
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning: engine embedded leaves your scripts as they are: not lowered to es2018; "
        "engine native does it\n"
    )


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
@pytest.mark.parametrize("command", ["build", "doctor"])
def test_colours_are_left_out_where_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch, command: str, name: str, value: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in CliRunner().invoke(main, [command], color=True).output
    monkeypatch.setenv(name, value)
    assert "\x1b[" not in CliRunner().invoke(main, [command], color=True).output


def test_the_command_line_wins_over_the_settings_file() -> None:
    Path("bxpull.toml").write_text('[build]\nout = "from-file"\nminify = true\nguest-id = -4\n', "utf-8")
    assert run("build", "--user-id", "7", "--no-minify").exit_code == 0
    options = json.loads(Path("from-file/manifest.json").read_text("utf-8"))["options"]
    assert (options["user_id"], options["guest_id"], options["minify"]) == (7, None, False)


def test_the_parts_of_the_client_are_chosen_by_name() -> None:
    assert (
        run("build", "--protocols", "jsonrpc, text", "--no-long-polling", "--no-shim", "--no-demo").exit_code
        == 0
    )
    options = json.loads(Path("dist/manifest.json").read_text("utf-8"))["options"]
    assert (options["protocols"], options["long_polling"], options["shim"]) == (
        ["text", "jsonrpc"],
        False,
        False,
    )


def test_settings_come_from_the_nearest_file_upwards(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workdir / "pyproject.toml").write_text(
        '[tool.bxpull.build]\nout = "here"\nscripts = ["p.js"]\n', "utf-8"
    )
    (workdir / "p.js").write_text("x = 1", "utf-8")
    (workdir / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(workdir / "deep" / "er")
    assert run("build").exit_code == 0
    assert (workdir / "here" / "bxpull.js").is_file()


def test_a_project_file_without_our_table_is_passed_by() -> None:
    Path("pyproject.toml").write_text('[tool.other]\nx = "[tool.bxpull]"\n', "utf-8")
    assert run("build").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--target", "es3"], "Error: option target: 'es3' is not one of es2015, "),
        (["build", "--taget", "es2018"], "--target"),
        (["build", "--user-id", "x"], "Invalid value for '--user-id': 'x' is not a valid integer."),
        (
            ["build", "--user-id", "9" * 5000],
            f"Invalid value for '--user-id': '{'9' * 78}… is not a valid integer.",
        ),
        (
            ["build", "--protocols", "text,json"],
            "Error: option protocols: 'json' is not one of text, protobuf, jsonrpc; did you mean jsonrpc?",
        ),
        (
            ["build", "--protocols", " , "],
            "Error: option protocols: the list is empty; name at least one of text, protobuf, jsonrpc",
        ),
        (["build", "--guest-id", "5"], "Error: option guest_id: 5 must be negative, like -1"),
        (
            ["build", "--rest-url", "javascript:1"],
            "Error: option rest_url: a URL with 'javascript' is refused; ",
        ),
        (
            ["build", "--config", "gone.json"],
            "Error: config gone.json: cannot be read: No such file or directory",
        ),
        (["build", "--script", "gone.js"], "Error: gone.js: cannot be read: No such file or directory"),
        (["build", "--settings", "gone.toml"], "Error: gone.toml: cannot be read: No such file or directory"),
        (["biuld"], "No such command 'biuld'. Did you mean 'build'?"),
        (["x" * 500], f"No such command '{'x' * 78}…. {KNOWN}"),
        (["xyzzy"], f"No such command 'xyzzy'. {KNOWN}"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[build",
            "bxpull.toml: is not TOML: Expected ']' at the end of a table declaration (at end of document)",
        ),
        ("[biuld]", "bxpull.toml: unknown table 'biuld'; did you mean build? (known: build, serve)"),
        ("build = 1", "bxpull.toml: build must be a table: write [build] and the options below it"),
        ("[build]\ntaget = 1", "bxpull.toml: unknown option 'taget'; did you mean target? "),
        ("[build]\nminify = 1", "bxpull.toml: option minify: 1 is not a boolean; give true or false"),
        ("\xff", "bxpull.toml: is not UTF-8 text (byte 1)"),
        pytest.param(
            f"build = {'[' * 900}{']' * 900}", "bxpull.toml: is nested too deeply\n", id="nested arrays"
        ),
        pytest.param(
            f"build = {'{a=' * 900}1{'}' * 900}", "bxpull.toml: is nested too deeply\n", id="nested tables"
        ),
        pytest.param(
            f"[build]\nuser_id = {'9' * 5000}",
            "bxpull.toml: has a number too long to read\n",
            id="huge number",
        ),
        pytest.param(
            f"[build]\ntarget = '{'x' * 1_000_000}'",
            f"bxpull.toml: option target: '{'x' * 78}… is not one of es2015, ",
            id="huge text",
        ),
    ],
)
def test_a_bad_settings_file_is_named(text: str, message: str) -> None:
    Path("bxpull.toml").write_bytes(text.encode("latin-1"))
    result = run("build")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")


def test_what_the_machine_lacks_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BXPULL_PREBUILT", "nowhere")
    result = run("build", "--engine", "embedded")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: engine embedded: this installation carries no prebuilt client; "
        "run 'python -m bxpull.prebuild' (it needs esbuild and terser once), or use engine native\n"
    )


def test_init_writes_every_option_with_its_default() -> None:
    result = run("init")
    assert result.exit_code == 0
    assert result.output == "wrote bxpull.toml; edit it, then run 'bxpull build'\n"
    text = Path("bxpull.toml").read_text("utf-8")
    table = tomllib.loads(text)["build"]
    assert BuildOptions.from_mapping(table) == BuildOptions()
    for name in BuildOptions.names():
        assert f"\n{name} = " in text or f"\n# {name} = " in text
    assert run("build").exit_code == 0


def test_every_commented_option_of_init_is_valid_too() -> None:
    run("init")
    lines = Path("bxpull.toml").read_text("utf-8").splitlines()
    for line in lines:
        name = line.removeprefix("# ").partition(" = ")[0]
        if line.startswith("# ") and name in BuildOptions.names():
            BuildOptions.from_mapping(tomllib.loads(line.removeprefix("# ")))


def test_init_answers_in_json() -> None:
    result = run("init", "--json", "folder")
    assert json.loads(result.output) == {"path": str(Path("folder", "bxpull.toml"))}
    assert Path("folder/bxpull.toml").is_file()


def test_init_overwrites_only_when_told() -> None:
    Path("bxpull.toml").write_text("mine", "utf-8")
    refused = run("init")
    assert refused.exit_code == 2
    assert refused.stderr == "Error: bxpull.toml exists already; use --force to overwrite it\n"
    assert Path("bxpull.toml").read_text("utf-8") == "mine"
    assert run("init", "--force").exit_code == 0
    assert run("init", "new/folder").exit_code == 0
    assert Path("new/folder/bxpull.toml").is_file()


def test_the_installed_command_works() -> None:
    command = Path(sys.executable).with_name("bxpull")
    done = subprocess.run([command, "build"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert Path("dist/bxpull.js").is_file()
    version = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert version.stdout == f"bxpull, version {bxpull.__version__}\n"


def test_help_lists_the_commands_and_imports_none() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert [
        line.split()[0]
        for line in result.output.split("Commands:\n")[1].partition("\n\n")[0].splitlines()
        if line[2] != " "
    ] == [
        "build",
        "init",
        "doctor",
        "serve",
        "send",
        "tail",
        "replay",
        "gen-test",
        "completion",
    ]
    loaded = imported("from bxpull.cli import main\nmain(['--help'], standalone_mode=False)")
    assert not loaded & set(HEAVY)


def test_importing_the_package_imports_nothing_else() -> None:
    assert not imported("import bxpull") & {*HEAVY, "click", "json", "dataclasses"}


def test_the_public_names_are_these_and_are_there() -> None:
    assert sorted(bxpull.__all__) == dir(bxpull)
    assert {"InputError", "EnvironmentProblem"} <= set(bxpull.__all__)  # what build() says it raises
    for name in bxpull.__all__:
        assert getattr(bxpull, name) is not None
    with pytest.raises(AttributeError, match=r"^module 'bxpull' has no attribute 'biuld'$"):
        bxpull.biuld  # noqa: B018


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_one_sentence() -> None:
    command = [sys.executable, "-m", "bxpull", "doctor", "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the output cannot be written: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["send", "completion"])
def test_examples_in_the_help_have_lines_of_their_own(command: str) -> None:
    lines = run(command, "--help").output.splitlines()
    assert [line for line in lines if line.startswith("  bxpull send ") or "bxpull completion " in line][1:]
    assert not any("\\b" in line for line in lines)
