"""Files that cannot be used: each with the place and the reason, in both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull.errors import ConfigError, InputError, OptionError, OutputError, ScriptError, TemplateError
from bxpull.settings_file import load_settings

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED_CONFIG = 'give the object that pull.config.get answers, with "server" and "channels"'

NESTED = '{"server": {"a": %s%s}}'
TOO_LARGE = "cannot be written as JSON: a whole number is larger than any number of JavaScript's"
TOO_DEEP = "config c.json: cannot be written as JSON: it is nested more than 200 deep"

# source, format, line and column found by native and by embedded (whose parser tells less)
SYNTAX = [
    ("let a = ;", "iife", (1, 9), (1, 7)),
    ("foo(\nbar", "iife", (2, 4), (1, 4)),
    ("if (x) {\n  y(\n", "iife", (3, 1), (2, 4)),
    ("x = 1;\na)", "iife", (2, 2), (2, 2)),
    ("} ; {", "iife", (1, 1), (1, 1)),
    ("'ü'; `${", "iife", (1, 9), (1, 7)),
    ("let a;\nlet a;", "iife", (2, 5), (2, 1)),
    ("'use strict';\nwith (a) {}", "iife", (2, 1), (2, 1)),
    ("with (a) {}", "esm", (1, 1), (1, 1)),
    ("x();\nreturn 5", "esm", (2, 1), (2, 1)),
    ("class A { static { await 1 } }", "iife", (1, 20), (1, 20)),
    ("await x", "iife", (1, 1), (1, 1)),
    ("x();\n  await y;", "esm", (2, 3), (2, 3)),
    ('/* é */ import x from "y"', "iife", (1, 9), (1, 9)),
    ("export default 1", "iife", (1, 1), (1, 1)),
    ("a = import.meta.url", "iife", (1, 5), (1, 5)),
    ("x = <div/>", "iife", (1, 5), (1, 5)),
    ("x = 1;\0 y", "iife", (1, 7), (1, 7)),
]


@pytest.mark.parametrize(
    ("source", "format_", "native", "embedded"), SYNTAX, ids=[item[0] for item in SYNTAX]
)
def test_a_syntax_error_in_a_script_is_reported_with_line_and_column(
    workdir: Path,
    engine: str,
    source: str,
    format_: str,
    native: tuple[int, int],
    embedded: tuple[int, int],
) -> None:
    (workdir / "page.js").write_text(source, "utf-8")
    with pytest.raises(ScriptError) as caught:
        bxpull.build(engine=engine, format=format_, scripts=["page.js"])
    error = caught.value
    assert (error.line, error.column) == (native if engine == "native" else embedded)
    assert str(error).startswith(f"page.js:{error.line}:{error.column}: ")
    assert error.excerpt.splitlines()[1].index("^") == len(f"    {error.line} | ") + (error.column or 0) - 1
    assert not (workdir / "dist").exists(), "nothing is written when anything is wrong"


@pytest.mark.parametrize(
    "source", ["", "// only a comment", "/* a */\n\n/* b */", "#!/usr/bin/env node\n", ";"]
)
def test_a_script_without_code_is_no_error(workdir: Path, engine: str, source: str) -> None:
    (workdir / "page.js").write_text(source, "utf-8")
    assert bxpull.build(engine=engine, scripts=["page.js"], target="esnext", minify=False).warnings == ()


def test_the_whole_message_shows_the_line(workdir: Path) -> None:
    (workdir / "page.js").write_text("const fine = 1;\n\tlet a = ;\n", "utf-8")
    with pytest.raises(ScriptError) as caught:
        bxpull.build(engine="native", scripts=["page.js"])
    assert str(caught.value) == 'page.js:2:10: Unexpected ";"\n    2 |  let a = ;\n      |          ^'


def test_the_embedded_engine_does_not_guess_at_a_reason_it_cannot_know(workdir: Path) -> None:
    (workdir / "page.js").write_text("let a;\nlet a;", "utf-8")
    with pytest.raises(ScriptError) as caught:
        bxpull.build(engine="embedded", scripts=["page.js"])
    assert str(caught.value).splitlines()[0] == (
        "page.js:2:1: this is not allowed here "
        "(declared twice, forbidden by the rules of strict mode or of await, or a syntax error?)"
    )


def test_scripts_that_cannot_be_read(workdir: Path) -> None:
    (workdir / "latin.js").write_bytes(b"a = 1;\nb = '\xe9';")
    (workdir / "folder.js").mkdir()
    for name, message in [
        ("gone.js", "gone.js: cannot be read: No such file or directory"),
        ("folder.js", "folder.js: cannot be read: Is a directory"),
        ("latin.js", "latin.js:2:6: is not UTF-8 text"),
    ]:
        with pytest.raises(ScriptError) as caught:
            bxpull.build(scripts=[name])
        assert str(caught.value).splitlines()[0] == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "config c.json:1:2: is not JSON: Expecting property name enclosed in double quotes"),
        ("[]", f"config c.json: is not a JSON object; {EXPECTED_CONFIG}"),
        ("{}", f'config c.json: has no object "server"; {EXPECTED_CONFIG}'),
        ('{"result": {"server": 5}}', f'config c.json: has no object "server"; {EXPECTED_CONFIG}'),
        (
            '{"error": "AUTHORIZE_ERROR", "error_description": "x"}',
            f"config c.json: is the refusal 'AUTHORIZE_ERROR', not a config; {EXPECTED_CONFIG}",
        ),
        (
            '{"server": {"a": NaN}}',
            "config c.json: cannot be written as JSON: Out of range float values are not JSON compliant",
        ),
        ("[" * 100_000, "config c.json: is nested too deeply"),
        *[(NESTED % ("[" * depth, "]" * depth), TOO_DEEP) for depth in (400, 600, 800)],
        *[(NESTED % ('{"a":' * depth + "1", "}" * depth), TOO_DEEP) for depth in (400, 600, 800)],
        ('{"server": {"a": %s}}' % ("9" * 5000), "config c.json: has a number too long to read"),
        (
            '{"server": {"a": -%s}}' % ("9" * 400),
            f"config c.json: {TOO_LARGE}",
        ),
        (
            '{"error": "%s"}' % ("x" * 10_000_000),
            f"config c.json: is the refusal '{'x' * 78}…, not a config; {EXPECTED_CONFIG}",
        ),
    ],
)
def test_a_bad_config_is_refused_in_these_words(workdir: Path, text: str, message: str) -> None:
    (workdir / "c.json").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        bxpull.build(config="c.json")
    assert str(caught.value).split(": nan")[0] == message


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"server": {1: 2}}, "config: cannot be written as JSON: JSON needs text as keys, not int"),
        (
            {"server": {"a": 10**5000}},
            f"config: {TOO_LARGE}",
        ),
        (
            {"error": 10**5000},
            f"config: is the refusal a value too large to show (int), not a config; {EXPECTED_CONFIG}",
        ),
    ],
)
def test_a_bad_mapping_is_refused_in_these_words(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bxpull.build(config=config)
    assert str(caught.value) == message


def test_a_config_that_holds_itself_is_refused() -> None:
    config: dict[str, Any] = {"server": {}}
    config["server"]["all"] = config
    with pytest.raises(ConfigError, match=r"nested more than 200 deep$"):
        bxpull.build(config=config)


def test_a_config_may_be_as_deep_as_any_real_one(workdir: Path) -> None:
    (workdir / "c.json").write_text(NESTED % ("[" * 150, "]" * 150), "utf-8")
    assert "[" * 150 in bxpull.build(config="c.json").bundle.path.read_text("utf-8")


def test_a_message_shows_only_the_beginning_of_a_name() -> None:
    with pytest.raises(ScriptError) as script:
        bxpull.build(scripts=["x" * 10_000])
    assert str(script.value) == f"{'x' * 299}…: cannot be read: File name too long"
    with pytest.raises(ConfigError) as config:
        bxpull.build(config="x" * 10_000)
    assert str(config.value) == f"config {'x' * 299}…: cannot be read: File name too long"


def test_a_config_that_cannot_be_read(workdir: Path) -> None:
    (workdir / "c.json").write_bytes(b'{"\xff')
    with pytest.raises(ConfigError, match=r"^config c\.json: is not UTF-8 text \(byte 3\)$"):
        bxpull.build(config="c.json")
    with pytest.raises(ConfigError, match=r"^config gone\.json: cannot be read: No such file or directory$"):
        bxpull.build(config="gone.json")
    with pytest.raises(ConfigError, match=r"^config: cannot be written as JSON: "):
        bxpull.build(config={"server": {"a": object()}})


def test_a_config_is_embedded_with_or_without_the_answer_around_it(workdir: Path) -> None:
    config = {"server": {"version": 3}, "channels": {}}
    (workdir / "c.json").write_text(json.dumps({"result": config, "time": {}}), "utf-8")
    given = bxpull.build(config=config, out="a").bundle.path.read_bytes()
    assert bxpull.build(config="c.json", out="b").bundle.path.read_bytes() == given


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "snippet.html.j2",
            "a\n{% if %}",
            "snippet.html.j2:2: Expected an expression, got 'end of statement block'",
        ),
        ("snippet.html.j2", "\n{{ nobody }}", "snippet.html.j2:2: 'nobody' is undefined"),
        ("demo.js.j2", "{% include 'x' %}", "demo.js.j2: no template x"),
        ("demo.css.j2", "{{ 1 / 0 }}", "demo.css.j2:1: cannot be rendered: division by zero"),
    ],
)
def test_a_bad_template_is_reported_with_its_line(workdir: Path, name: str, text: str, message: str) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / name).write_text(text, "utf-8")
    with pytest.raises(TemplateError) as caught:
        bxpull.build(templates="own")
    assert str(caught.value) == message


def test_a_template_that_cannot_be_read(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "demo.js.j2").write_bytes(b"\xff")
    with pytest.raises(TemplateError, match=r"^demo\.js\.j2: cannot be read: it is not UTF-8 text$"):
        bxpull.build(templates="own")
    with pytest.raises(
        OptionError, match=r"^option templates: 'gone' is not a folder; give one with \*\.j2 files$"
    ):
        bxpull.build(templates="gone")


def test_a_folder_of_templates_that_is_closed_is_not_passed_over(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workdir / "own").mkdir()
    # Whoever runs the tests as root may read everything.
    monkeypatch.setattr("os.access", lambda path, _mode: str(path) != "own")
    with pytest.raises(OptionError, match=r"^option templates: 'own' cannot be read; give one that"):
        bxpull.build(templates="own")


def test_a_folder_of_templates_that_replaces_nothing_is_told(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "demo.htm.j2").write_text("mine", "utf-8")
    (warning,) = bxpull.build(templates="own").warnings
    assert "templates replaces nothing" in warning
    assert "demo.html.j2" in warning
    (workdir / "own" / "demo.css.j2").write_text("mine", "utf-8")
    assert bxpull.build(templates="own").warnings == ()


def test_a_settings_file_that_was_found_above_is_named_from_here(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workdir / "bxpull.toml").write_text("[build]\ntarget = 'es5'\n", "utf-8")
    (workdir / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(workdir / "a" / "b")
    with pytest.raises(OptionError, match=r"^\.\./\.\./bxpull\.toml: option target: "):
        load_settings()
    (workdir / "bxpull.toml").write_text("[build", "utf-8")
    with pytest.raises(InputError, match=r"^\.\./\.\./bxpull\.toml: is not TOML: "):
        load_settings()


def test_a_result_that_cannot_be_written(workdir: Path) -> None:
    (workdir / "dist").write_text("a file", "utf-8")
    with pytest.raises(OutputError, match=r"^cannot write dist/bxpull\.js: .*; choose another place$"):
        bxpull.build()


def test_a_bundle_cannot_take_the_name_of_its_companions() -> None:
    with pytest.raises(
        OptionError, match=r"^option out: 'demo\.js' is written by bxpull itself; choose another name$"
    ):
        bxpull.build(out="dist/demo.js")
