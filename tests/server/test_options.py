"""bxpull_server.options."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bxpull_server import PushServer
from bxpull_server.clock import SystemClock, unix_time
from bxpull_server.errors import OptionsError
from bxpull_server.options import ServerOptions, check_page, options_from_table
from bxpull_server.protocol.dates import iso8601


def test_defaults_are_valid() -> None:
    options = ServerOptions()
    assert (options.host, options.port, options.user, options.server_version) == ("127.0.0.1", 0, 1, 4)


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("host", "", "must not be empty"),
        ("host", 5, "must be a text, not 5"),
        ("port", 70_000, "a whole number from 0 to 65535, not 70000"),
        ("port", "80", "a whole number from 0 to 65535, not '80'"),
        ("port", True, "a whole number"),
        ("user", 1.5, "a whole number"),
        ("server_version", 6, "6 is none: choose 1, 2, 3, 4 or 5"),
        ("mode", "cloud", "must be personal or shared, not 'cloud'"),
        ("hostname", 5, "must be a text, not 5"),
        ("client_id", "my client", "must be printable ASCII without spaces, not 'my client'"),
        ("host_id", "хост", "must be printable ASCII without spaces"),
        ("module_configured", 1, "must be true or false"),
        ("websocket_enabled", "no", "must be true or false"),
        ("verdict", "no", "must be true or false"),
        ("poll_timeout_s", 0, "must be seconds, more than 0 and less than 60, not 0"),
        ("poll_timeout_s", 60, "more than 0 and less than 60, not 60"),
        ("poll_timeout_s", float("nan"), "less than 60, not nan"),
        ("poll_timeout_s", "40", "less than 60, not '40'"),
        ("connections_per_user", 0, "at least 1, not 0"),
        ("server_version", True, "True is none"),
        ("signature_key", 5, "must be a text"),
        ("signature_algorithm", "crc", "'crc' is unknown: take sha1"),
        ("signature_key", "\udcff", "must be a text in UTF-8"),
        ("server_name", "\udcff", "must be a text in UTF-8"),
        ("control_token", "", "must not be empty"),
        ("control_token", "\udcff", "must be a text in UTF-8"),
        ("control_token", "тайна", "must be printable ASCII"),
        ("control_token", "t0ken ", "must be printable ASCII, without spaces around it"),
        ("check_sessid", 1, "must be true or false"),
        ("channel_lifetime_s", 0, "from 1 to 3153600000, not 0"),
        ("channel_lifetime_s", 10**12, "from 1 to 3153600000, not 1000000000000"),
        ("token_lifetime_s", 0, "from 1 to 3153600000, not 0"),
        ("config_ttl_s", -1, "at least 0, not -1"),
        ("config_timestamp", 1.5, "at least 0, not 1.5"),
        ("static", "/no/such/folder", "'/no/such/folder' is not a folder"),
        ("static", "", "must not be empty: '.' is the folder you are in"),
        ("static", 5, "must be the path of a folder"),
        ("pages", [], "must map a path"),
        ("pages", {"x": ("text/html", b"")}, "the path 'x' must begin with /"),
        ("pages", {"/": ("html", b"")}, "/: 'html' is no content type"),
        ("pages", {"/": b""}, "must be a pair"),
        ("cors_origins", "https://a.example", "must be a list of origins"),
        ("cors_origins", ("a.example",), "'a.example' is no origin"),
        ("cors_origins", ("https://a.example/",), "is no origin"),
        ("allowed_hosts", "a.example", "must be a list of names"),
        (
            "allowed_hosts",
            ("a.example:80",),
            "'a.example:80' is no name such as portal.example, without a port",
        ),
        ("allowed_hosts", (5,), "5 is no name"),
    ],
)
def test_a_bad_value_names_its_option(option: str, value: Any, problem: str) -> None:
    with pytest.raises(OptionsError, match=re.escape(problem)) as caught:
        ServerOptions(**{option: value})
    assert caught.value.option == option
    assert str(caught.value).startswith(f"option {option}: ")


def test_secrets_are_not_shown() -> None:
    shown = repr(ServerOptions(signature_key="s3cret", control_token="t0ken", client_id="cl1ent"))
    assert not any(secret in shown for secret in ("s3cret", "t0ken", "cl1ent"))


def test_pages_may_be_text_or_bytes() -> None:
    check_page("/a", ("text/html; charset=utf-8", "text"))
    check_page("/b", ("image/png", b""))


def test_a_table_may_use_dashes_and_lists(tmp_path: Path) -> None:
    table = {"signature-key": "k", "cors_origins": ["https://a.example"], "static": str(tmp_path)}
    assert ServerOptions(**options_from_table(table)).cors_origins == ("https://a.example",)
    assert ServerOptions(**options_from_table({"cors_origins": ["*"]})).cors_origins == ("*",)


def test_origins_are_as_browsers_say_them() -> None:
    given = ("HTTPS://Portal.Example:443", "http://Portal.example:80", "http://a.example:443", "*")
    options = ServerOptions(cors_origins=given)
    expected = ("https://portal.example", "http://portal.example", "http://a.example:443", "*")
    assert options.cors_origins == expected
    assert replace(options, user=5).cors_origins == expected


def test_a_channel_may_live_for_ever_and_a_day() -> None:
    options = ServerOptions(channel_lifetime_s=100 * 365 * 86_400)
    assert iso8601(unix_time(SystemClock()) + options.channel_lifetime_s).startswith("21")


def test_lists_may_be_lists() -> None:
    lists: dict[str, Any] = {"cors_origins": ["https://a.example"], "allowed_hosts": ["a.example"]}
    options = ServerOptions(**lists)
    assert (options.cors_origins, options.allowed_hosts) == (("https://a.example",), ("a.example",))
    # Compilers of types let them be lists, too.
    server = PushServer(cors_origins=["https://a.example"], allowed_hosts=["a.example"])
    assert server.options.allowed_hosts == ("a.example",)
    lists["allowed_hosts"] = [5]
    with pytest.raises(OptionsError, match="5 is no name"):
        ServerOptions(**lists)


@pytest.mark.parametrize("name", ["prot", "pages"])
def test_an_unknown_name_in_a_table_is_refused(name: str) -> None:
    with pytest.raises(
        OptionsError, match=f"option {name}: there is no such option; known are allowed_hosts"
    ):
        options_from_table({name: 1})
