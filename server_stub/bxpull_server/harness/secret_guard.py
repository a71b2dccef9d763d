"""Whether secrets of the servers of this process can be read where people look; no I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bxpull_server.harness.errors import SecretShownError
from bxpull_server.protocol.fingerprint import SECRET, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_SECRETS = 50_000
_IN_ADDRESS = re.compile("%(?:3A|2F)", re.IGNORECASE)
# As pytest shortens texts.
_SHORTENED = re.compile(r"[0-9a-f]{6,}\.\.\.[0-9a-f]{6,}")
_ID_LENGTH = 32
_MIN_OPAQUE = 8
"""A shorter token, which a test has chosen, is a word of its own text too easily."""


class SecretGuard:
    """Knows what was handed out, and finds it.

    Attributes:
        active: Whether it looks at all.
    """

    def __init__(self, *, active: bool = True) -> None:
        self.active = active
        self._kinds: dict[str, str] = {}
        # Those without a form of their own, which have to be looked for one by one.
        self._opaque: dict[str, str] = {}

    def note(self, kind: str, secret: str) -> None:
        """A secret was handed out. The oldest are forgotten in time."""
        if SECRET.fullmatch(secret):
            self._kinds[secret] = kind
            if len(self._kinds) > MAX_SECRETS:
                del self._kinds[next(iter(self._kinds))]
        elif len(secret) >= _MIN_OPAQUE:
            self._opaque[secret] = kind

    def begin(self) -> None:
        """A test begins: tokens that earlier ones have chosen are words like others."""
        self._opaque.clear()

    def shown_in(self, text: str) -> list[str]:
        """The kinds of secrets that can be read in a text, each once."""
        if not self.active:
            return []
        found = [kind for _, kind in self._found(_IN_ADDRESS.sub(" ", text))]
        found += [kind for secret, kind in self._opaque.items() if secret in text]
        return list(dict.fromkeys(found))

    def shown_by(self, fingerprints: Iterable[str]) -> list[str]:
        """The kinds of secrets that have these fingerprints, each once."""
        wanted = set(fingerprints)
        if not self.active or not wanted:
            return []
        return list(
            dict.fromkeys(
                kind for secret, kind in self._kinds.copy().items() if fingerprint(secret) in wanted
            )
        )

    def redacted(self, text: str) -> str:
        """The text with a fingerprint in the place of each secret."""
        if not self.active:
            return text
        for secret, _ in list(self._found(_IN_ADDRESS.sub(" ", text))):
            text = text.replace(secret, fingerprint(secret))
        for secret in self._opaque.copy():
            text = text.replace(secret, fingerprint(secret))
        return _SHORTENED.sub("#...", text)

    def look(self, where: str, text: str) -> None:
        """Look that no secret can be read in a text.

        Args:
            where: What the text is, for the error.
            text: The text.

        Raises:
            SecretShownError: One can; says where and of which kind, and not the secret.
        """
        __tracebackhide__ = True
        self.refuse({where: self.shown_in(text)})

    def refuse(self, shown: dict[str, list[str]]) -> None:
        """Fail if there is anything.

        Args:
            shown: Kinds of secrets by place.

        Raises:
            SecretShownError: There is.
        """
        __tracebackhide__ = True
        places = {where: kinds for where, kinds in shown.items() if kinds}
        if places:
            raise SecretShownError(places)

    def _found(self, text: str) -> Iterator[tuple[str, str]]:
        for match in SECRET.finditer(text):
            # In capitals it is no less a secret.
            run = match[0] if match[0] in self._kinds else match[0].lower()
            if run in self._kinds:
                yield match[0], self._kinds[run]
                continue
            # Other digits may stand right before or behind an id.
            for at in range(len(run) - _ID_LENGTH + 1):
                part = run[at : at + _ID_LENGTH]
                if part in self._kinds:
                    yield match[0][at : at + _ID_LENGTH], self._kinds[part]
