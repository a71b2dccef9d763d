"""bxpull_server.protocol.strict_json."""

import json

import pytest

from bxpull_server.protocol.strict_json import load_json


@pytest.mark.parametrize("text", ['{"a":[1,-2.5,1e308,null,true,"\\ud800"]}', b'"\xc3\xa4"', "1", " [] "])
def test_json_is_read(text: str | bytes) -> None:
    assert load_json(text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Expecting value"),
        ("NaN", "NaN is no JSON value"),
        ("[-Infinity]", "-Infinity is no JSON value"),
        ("[1e999]", "a number is too large"),
        ("-1e999", "a number is too large"),
        ("9" * 5000, "Exceeds the limit"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff", "can't decode"),
    ],
)
def test_what_could_not_be_written_again_is_refused(text: str | bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        load_json(text)
