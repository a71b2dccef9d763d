"""bxpull_server.protocol.tokens."""

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import TokenError
from bxpull_server.protocol.tokens import TokenClaims, issue_token, read_token

A, B = "a" * 32, "b" * 32
NOW = 1_790_072_438
KEY = "a key that is long enough for those who check its length"
GOOD = {"iss": "host", "iat": NOW, "exp": NOW + 60, "sub": "5", "chan": A}


def part(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(claims: object, key: str = KEY, header: Any = None, digest: str = "sha256") -> str:
    """A token made by hand."""
    head = part(json.dumps(header or {"typ": "JWT", "alg": "HS256"}).encode())
    body = part(claims if isinstance(claims, bytes) else json.dumps(claims).encode())
    signature = hmac.new(key.encode(), f"{head}.{body}".encode(), digest).digest()
    return f"{head}.{body}.{part(signature)}"


def read(text: str, key: str = KEY, issuer: str | None = None) -> TokenClaims:
    return read_token(text, key, issuer=issuer, now=NOW)


def test_a_token_has_the_claims_of_the_protocol() -> None:
    token = issue_token(KEY, issuer="host", issued_at=NOW, lifetime_s=43_200, subject="5", channels=[A, B])
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {"iss": "host", "iat": NOW, "exp": NOW + 43_200, "sub": "5", "chan": f"{A},{B}"}
    assert read(token, issuer="host") == TokenClaims(5, (A, B), NOW + 43_200, "host")


def test_a_guests_token_names_only_channels() -> None:
    token = issue_token(KEY, issuer="host", issued_at=NOW, lifetime_s=60, subject=None, channels=[A])
    assert "sub" not in jwt.decode(token, options={"verify_signature": False})
    assert read(token) == TokenClaims(0, (A,), NOW + 60, "host")


@pytest.mark.parametrize("key", ["", "k", '{"kty":"oct"}', "-----BEGIN PUBLIC KEY-----"])
def test_any_shared_key_will_do(key: str) -> None:
    token = issue_token(key, issuer="h", issued_at=NOW, lifetime_s=1, subject="1", channels=[])
    assert read(token, key) == TokenClaims(1, (), NOW + 1, "h")


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        (signed(GOOD, key="another"), "wrong signature"),
        (signed(GOOD, header={"alg": "HS512"}, digest="sha512"), "not signed with HS256"),
        (signed(GOOD, header={"alg": "none"}), "not signed with HS256"),
        (signed(GOOD, header={"alg": "none"}).rpartition(".")[0] + ".", "not signed with HS256"),
        (signed(GOOD, header={"alg": "RS256"}), "not signed with HS256"),
        (signed(GOOD, header={"typ": "JWT"}), "not signed with HS256|malformed"),
        (signed(GOOD, header={"typ": "JWT", "alg": "hs256"}), "not signed with HS256"),
        (signed({**GOOD, "exp": NOW}), "the token has expired"),
        (signed(without("exp")), "no claim exp"),
        (signed({**GOOD, "exp": True}), "no claim exp"),
        (signed({**GOOD, "exp": "soon"}), "no claim exp"),
        (signed(without("iss")), "no claim iss"),
        (signed({key: GOOD[key] for key in ("iss", "exp")}), "neither a user"),
        (signed({**GOOD, "sub": 5}), "sub is not a user id"),
        (signed({**GOOD, "sub": "0"}), "sub is not a user id"),
        (signed({**GOOD, "sub": "-5"}), "sub is not a user id"),
        (signed({**GOOD, "sub": "9" * 17}), "sub is not a user id"),
        (signed({**GOOD, "chan": [A]}), "chan must be a text"),
        (signed({**GOOD, "chan": "x"}), "not a channel id"),
        (signed({**GOOD, "chan": f"{A},"}), "not a channel id"),
        (signed({**GOOD, "chan": ",".join(f"{n:032x}" for n in range(101))}), "at most 100"),
        (signed([1]), "holds no claims"),
        (signed(b"{"), "malformed"),
        (signed(b"[" * 100_000), "malformed"),
        (signed(b"\xff"), "malformed"),
        (signed(GOOD)[:-5], "malformed|wrong signature"),
        ("", "malformed"),
        ("a.b", "malformed"),
        ("\ud800.b.c", "malformed"),
    ],
)
def test_everything_else_is_refused_in_a_sentence_without_the_token(token: str, problem: str) -> None:
    with pytest.raises(TokenError, match=problem) as refusal:
        read(token)
    assert not any(piece and piece in str(refusal.value) for piece in token.split(".") if len(piece) > 5)
    assert refusal.value.__cause__ is None


def test_a_token_of_another_host_is_refused_where_the_host_counts() -> None:
    with pytest.raises(TokenError, match="issued by another host"):
        read(signed(GOOD), issuer="elsewhere")
    assert read(signed(GOOD), issuer="host").user == 5


def test_the_signature_is_over_header_and_claims() -> None:
    head, _, signature = signed(GOOD).split(".")
    changed = part(json.dumps({**GOOD, "sub": "6"}).encode())
    with pytest.raises(TokenError, match="wrong signature"):
        read(f"{head}.{changed}.{signature}")


@given(
    st.text(st.characters(exclude_categories=()))
    | st.builds(
        signed,
        st.binary()
        | st.dictionaries(
            st.sampled_from(["iss", "exp", "sub", "chan"]),
            st.text() | st.integers() | st.none() | st.floats(),
        ),
    )
)
def test_any_token_is_read_or_refused(token: str) -> None:
    problem = ""
    try:
        read(token)
    except TokenError as error:
        problem = str(error)
    assert problem.isprintable()


def test_channels_are_not_shown() -> None:
    assert A not in repr(TokenClaims(5, (A,), NOW, "host"))
