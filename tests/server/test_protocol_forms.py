"""bxpull_server.protocol.forms."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import QueryError
from bxpull_server.protocol.forms import form_list, form_text, parse_form


@pytest.mark.parametrize(
    "body",
    [
        "TAGS[]=a&TAGS[]=b",
        "tags[0]=a&tags[1]=b",
        "sessid=x&&tags[0]=a&tags[]=b",
        "Tags%5B%5D=a&tags[7]=b",
        "tags[5]=a&tags[]=b",
    ],
)
def test_reads_lists_however_they_are_written(body: str) -> None:
    assert form_list(parse_form(body), "tags") == ["a", "b"]


def test_a_new_list_item_follows_the_highest_index() -> None:
    assert parse_form("t[5]=a&t[x]=b&t[]=c") == {"t": {"5": "a", "x": "b", "6": "c"}}


def test_reads_nested_fields() -> None:
    assert parse_form("a[b][c]=1&a[b][]=2&a[][]=3") == {"a": {"b": {"c": "1", "0": "2"}, "0": {"0": "3"}}}


def test_the_last_field_of_a_name_wins() -> None:
    assert parse_form("a=1&A=2&b=1&b[x]=2") == {"a": "2", "b": {"x": "2"}}


@pytest.mark.parametrize("name", ["", "[]", "a[", "a]b", "a[[b]]"])
def test_fields_with_nonsense_names_are_ignored(name: str) -> None:
    assert parse_form(f"{name}=1&ok=2") == {"ok": "2"}


def test_a_plain_field_is_a_text_and_a_list_of_one() -> None:
    form = parse_form("a=1&b[]=2")
    assert (form_text(form, "a"), form_text(form, "c")) == ("1", None)
    assert (form_list(form, "a"), form_list(form, "b"), form_list(form, "c")) == (["1"], ["2"], [])


def test_what_is_nested_is_not_taken_for_what_it_is_not() -> None:
    form = parse_form("b[]=2&b[x][y]=3")
    with pytest.raises(QueryError, match="b must be one value, not a list"):
        form_text(form, "b")
    with pytest.raises(QueryError, match="b must be a list of single values, not of lists"):
        form_list(form, "b")


def test_a_number_too_long_for_an_index_is_a_key_like_any_other() -> None:
    form = parse_form(f"a[3]=1&a[{'9' * 5000}]=2&a[]=3")
    assert form_list(form, "a") == ["1", "2", "3"]
    assert isinstance(form["a"], dict)
    assert list(form["a"])[-1] == "4"


def test_too_much_is_refused() -> None:
    with pytest.raises(QueryError, match="more than 1000 fields"):
        parse_form("&".join("a=1" for _ in range(1001)))
    with pytest.raises(QueryError, match="deeper than 8"):
        parse_form("a" + "[b]" * 8 + "=1")


@given(st.dictionaries(st.text("abcdef", min_size=1), st.text(), max_size=10))
def test_plain_fields_come_back(fields: dict[str, str]) -> None:
    assert parse_form(urlencode(fields, errors="surrogatepass")) == fields
