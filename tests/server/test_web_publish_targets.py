"""bxpull_server.web.publish_targets: what a query says is read once, and means the same each time."""

import pytest

from bxpull_server.errors import ChannelError, PublishRefusedError, QueryError, SignatureError
from bxpull_server.protocol.channels import Signer, parse_channel_list
from bxpull_server.protocol.publications import PublishLimits
from bxpull_server.web import publish_targets
from bxpull_server.web.publish_targets import PublishTarget, PublishTargets

A, B = "a" * 32, "b" * 32
SIGNED = Signer("key").sign(A)


@pytest.fixture
def targets() -> PublishTargets:
    return PublishTargets(Signer("key"), PublishLimits(channels=2))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The values of CHANNEL_ID that were read."""
    parse, read = parse_channel_list, list[str]()

    def noted(text: str, limit: int) -> object:
        read.append(text)
        return parse(text, limit)

    monkeypatch.setattr(publish_targets, "parse_channel_list", noted)
    return read


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (f"CHANNEL_ID={A}", PublishTarget(binary=False, channels=(A,))),
        (f"CHANNEL_ID={SIGNED}/{B}", PublishTarget(binary=False, channels=(A, B))),
        (f"binaryMode=false&CHANNEL_ID={B}&CHANNEL_ID={A}", PublishTarget(binary=False, channels=(A,))),
        ("binaryMode=true&signature=x", PublishTarget(binary=True)),
    ],
)
def test_a_query_says_the_same_each_time(targets: PublishTargets, query: str, target: PublishTarget) -> None:
    assert [targets.of(query), targets.of(query)] == [target, target]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", ChannelError),
        ("CHANNEL_ID=x", ChannelError),
        (f"CHANNEL_ID={A}.{'f' * 40}", SignatureError),
        (f"CHANNEL_ID={A}/{B}/{'c' * 32}", PublishRefusedError),
        (f"binaryMode=yes&CHANNEL_ID={A}", QueryError),
    ],
)
def test_what_is_wrong_is_refused_each_time(
    targets: PublishTargets, query: str, error: type[Exception]
) -> None:
    for _ in range(2):
        with pytest.raises(error):
            targets.of(query)


def test_short_queries_are_read_once(targets: PublishTargets, read: list[str]) -> None:
    for query in (f"CHANNEL_ID={A}", f"CHANNEL_ID={B}&x={'x' * 512}"):
        targets.of(query)
        targets.of(query)
    assert read == [A, B, B]


def test_only_the_newest_are_remembered(targets: PublishTargets, read: list[str]) -> None:
    queries = [f"CHANNEL_ID={A}&n={n}" for n in range(8192 + 1)]
    for query in queries:
        targets.of(query)
    count = len(read)
    for query in reversed(queries):
        targets.of(query)
    assert len(read) == count + 1
