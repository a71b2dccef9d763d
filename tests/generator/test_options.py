"""Options: what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bxpull.errors import OptionError
from bxpull.options import TARGETS, BuildOptions

TARGET_LIST = ", ".join(TARGETS)
PATHS = ("out", "config", "templates")
KNOWN = ", ".join(BuildOptions.names())

BAD = [
    ({"target": "es2025"}, f"option target: 'es2025' is not one of {TARGET_LIST}; did you mean es2024?"),
    ({"target": "ES2018"}, f"option target: 'ES2018' is not one of {TARGET_LIST}; did you mean es2018?"),
    ({"target": 2018}, f"option target: 2018 is not one of {TARGET_LIST}"),
    (
        {"engine": "nativ"},
        "option engine: 'nativ' is not one of auto, native, embedded; did you mean native?",
    ),
    ({"format": "cjs"}, "option format: 'cjs' is not one of iife, esm"),
    (
        {"sourcemap": True},
        "option sourcemap: True is not one of none, linked, external, inline",
    ),
    (
        {"events": "dekstop"},
        "option events: 'dekstop' is not one of both, desktop, mobile; did you mean desktop?",
    ),
    ({"minify": "yes"}, "option minify: 'yes' is not a boolean; give true or false"),
    ({"autostart": 1}, "option autostart: 1 is not a boolean; give true or false"),
    ({"console": "yes"}, "option console: 'yes' is not a boolean; give true or false"),
    ({"types": "yes"}, "option types: 'yes' is not a boolean; give true or false"),
    ({"user_id": 0}, "option user_id: 0 must be positive, like 5"),
    ({"user_id": "7"}, "option user_id: '7' is not a whole number; give one like 5"),
    ({"user_id": True}, "option user_id: True is not a whole number; give one like 5"),
    (
        {"user_id": 2**53},
        "option user_id: 9007199254740992 is beyond what JavaScript holds exactly (2^53 - 1)",
    ),
    ({"guest_id": 1}, "option guest_id: 1 must be negative, like -1"),
    ({"guest_id": 0}, "option guest_id: 0 must be negative, like -1"),
    (
        {"publish_wait": "10 s"},
        "option publish_wait: '10 s' is not a whole number of milliseconds; give one like 5000",
    ),
    ({"publish_wait": -1}, "option publish_wait: -1 must be from 0 to 2147483647 milliseconds"),
    (
        {"min_reconnect_delay": 0},
        "option min_reconnect_delay: 0 must be from 1 to 2147483647 milliseconds",
    ),
    (
        {"min_reconnect_delay": 2000, "max_reconnect_delay": 1000},
        "option max_reconnect_delay: 1000 must be from 2000 to 2147483647 milliseconds",
    ),
    ({"user_id": 1, "guest_id": -1}, "options user_id and guest_id exclude each other: give one of them"),
    (
        {"config": {"server": {}}, "config_url": "/c"},
        "options config and config_url exclude each other: give one of them",
    ),
    (
        {"site_id": "</script>"},
        (
            "option site_id: '</script>' is not a site id; "
            "give 1 to 32 letters, digits, '_', '.' or '-', like 's1'"
        ),
    ),
    (
        {"rest_url": "javascript:alert(1)"},
        "option rest_url: a URL with 'javascript' is refused; give http:, https: or a path like '/rest/'",
    ),
    (
        {"config_url": "DATA:text/json,{}"},
        "option config_url: a URL with 'DATA' is refused; give http:, https: or a path like '/rest/'",
    ),
    (
        {"config_url": "java\tscript:alert(1)"},
        "option config_url: character 5 of the URL is '\\t'; write it percent-encoded",
    ),
    (
        {"rest_url": " https://portal.example/"},
        "option rest_url: character 1 of the URL is ' '; write it percent-encoded",
    ),
    (
        {"rest_url": "\\\\portal.example"},
        "option rest_url: character 1 of the URL is '\\\\'; write it percent-encoded",
    ),
    (
        {"rest_url": "https:///rest/"},
        "option rest_url: the URL names no host; write it like 'https://portal.example/rest/'",
    ),
    (
        {"rest_url": "https://portal.example:99999/"},
        "option rest_url: the URL cannot be read (Port out of range 0-65535)",
    ),
    (
        {"rest_url": "https://user:secret@portal.example/"},
        "option rest_url: browsers refuse a URL with user and password; remove that part",
    ),
    ({"config_url": "/config#top"}, "option config_url: a URL's '#' part is never sent; remove it"),
    ({"rest_url": ""}, "option rest_url: '' is not a URL; give one like '/rest/'"),
    ({"out": ""}, "option out: the path is empty; give text like 'dist'"),
    ({"out": "a\0b"}, "option out: 'a\\x00b' has a NUL character, no file can have that name"),
    ({"out": None}, "option out: None is not a path; give text like 'dist'"),
    ({"config": 5}, "option config: 5 is not a path; give text like 'dist'"),
    ({"scripts": "page.js"}, "option scripts: 'page.js' is not a list; give one like ['page.js']"),
    ({"scripts": [1]}, "option scripts: 1 is not a path; give text like 'dist'"),
    ({"protocols": []}, "option protocols: the list is empty; name at least one of text, protobuf, jsonrpc"),
    (
        {"protocols": ["json-rpc"]},
        "option protocols: 'json-rpc' is not one of text, protobuf, jsonrpc; did you mean jsonrpc?",
    ),
    ({"protocols": ["text", 5]}, "option protocols: 5 is not one of text, protobuf, jsonrpc"),
    ({"protocols": "text"}, "option protocols: 'text' is not a list; give one like ['text']"),
    ({"long_polling": "no"}, "option long_polling: 'no' is not a boolean; give true or false"),
    ({"shim": None}, "option shim: None is not a boolean; give true or false"),
    (
        {"rest_application": "local.1'"},
        (
            'option rest_application: "local.1\'" is not the client id of an application; give 1 to 64 '
            "letters, digits, '_', '.' or '-', like 'local.5f0c1b2e3d4a56.12345678'"
        ),
    ),
    ({"banner": "a\x1bb"}, "option banner: character 2 is '\\x1b'; leave control characters out"),
    ({"banner": None}, "option banner: None is not text"),
    ({"taget": "es2018"}, f"unknown option 'taget'; did you mean target? (known: {KNOWN})"),
    ({"guest-ids": -1}, f"unknown option 'guest-ids'; did you mean guest_id? (known: {KNOWN})"),
    ({"guest-id": -1, "guest_id": -1}, "option guest_id is given twice, with - and with _: keep one"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=[str(item[0])[:60] for item in BAD])
def test_a_bad_option_is_refused_in_these_words(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        BuildOptions.from_mapping(options)
    assert str(caught.value) == message
    assert caught.value.code == "option-invalid"


@pytest.mark.parametrize("name", [name for name in BuildOptions.names() if name != "banner"])
@pytest.mark.parametrize(
    "value", [10**5000, "y:" * 5_000_000, ["\0" * 10_000_000]], ids=["number", "text", "list"]
)
def test_a_huge_value_is_refused_in_few_words(name: str, value: object) -> None:
    if isinstance(value, str) and name in PATHS:
        value += "\0"
    with pytest.raises(OptionError) as caught:
        BuildOptions.from_mapping({name: value})
    assert caught.value.option == name
    assert len(str(caught.value)) < 300


def test_a_huge_name_is_refused_in_few_words() -> None:
    with pytest.raises(OptionError, match=r"^unknown option .{80} \(known: "):
        BuildOptions.from_mapping({"target" * 100_000: 1})


@pytest.mark.parametrize("name", ["out", "config", "templates"])
def test_a_path_is_text_that_can_be_written_down(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        BuildOptions.from_mapping({name: "a\ud800.js"})
    assert str(caught.value) == f"option {name}: 'a\\ud800.js' is not Unicode text; rename the file or folder"


@pytest.mark.parametrize("name", ["rest_url", "config_url"])
def test_a_url_in_a_message_never_shows_its_query(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        BuildOptions.from_mapping({name: "ftp://portal.example/?auth=t0ken"})
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "/rest/",
        "rest/",
        "../rest/?auth=1",
        "//portal.example/rest/",
        "https://portal.example:8080/r?a=b&c=d",
        "?a=b:c",
    ],
)
def test_ordinary_urls_are_accepted(url: str) -> None:
    assert BuildOptions(rest_url=url).rest_url == url


def test_names_may_be_written_with_dashes() -> None:
    assert BuildOptions.from_mapping({"guest-id": -3}).guest_id == -3


def test_relative_paths_in_a_file_start_at_its_folder() -> None:
    base = Path("/project").absolute()
    options = BuildOptions.from_mapping({"out": "dist", "scripts": ["a.js"], "config": "c.json"}, base=base)
    assert options.out == base / "dist"
    assert options.scripts == (base / "a.js",)
    assert options.config == base / "c.json"


def test_an_unset_path_does_not_move_to_the_folder_of_the_file() -> None:
    options = BuildOptions.from_mapping({"minify": True}, base=Path("/project"))
    assert options.out == "dist"


def test_options_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        BuildOptions().target = "es2015"  # type: ignore[misc]
