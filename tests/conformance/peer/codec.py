"""protobufjs as a peer: a long-lived Node.js process that reads the client's own ``pull.proto``."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING, Any, Self

from tests.conformance.peer.batches import as_data, from_data
from tests.docs.markdown import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = ROOT / "client" / "src" / "codec" / "protobuf" / "pull.proto"
PROGRAM = ROOT / "tests" / "conformance" / "peer" / "codec.mjs"


class PeerCodec:
    """Encodes and decodes with protobufjs; messages go in and come out as the server's dataclasses."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(PROGRAM), str(SCHEMA)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Without more input the program ends.
        self._process.communicate()

    def encode(self, messages: Sequence[Any], *, defaults: bool = False) -> list[bytes]:
        """The bytes of messages of one type; with ``defaults`` also those of fields nobody has to write."""
        data = [as_data(message, defaults=defaults) for message in messages]
        return [
            base64.b64decode(text)
            for text in self._ask(type=type(messages[0]).__name__, encode=data)["encoded"]
        ]

    def decode(self, kind: type, frames: Sequence[bytes]) -> list[Any]:
        """The messages in the bytes; None for what protobufjs refuses."""
        texts = [base64.b64encode(frame).decode() for frame in frames]
        found = self._ask(type=kind.__name__, decode=texts)["decoded"]
        return [None if data is None else from_data(kind, data) for data in found]

    def messages(self) -> list[str]:
        """Names of all messages of the schema, sorted."""
        return sorted(self._ask()["messages"])

    def fields(self, name: str) -> list[dict[str, Any]]:
        """What the schema declares for a message: number, name, kind, repeated, oneof."""
        return list(self._ask(type=name)["fields"])

    def _ask(self, **job: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
