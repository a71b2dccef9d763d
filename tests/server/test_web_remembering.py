"""bxpull_server.web.remembering: short texts are read once."""

import pytest

from bxpull_server.web.remembering import remembering


def test_a_short_text_is_read_once_and_others_each_time() -> None:
    read: list[str] = []

    @remembering
    def count(text: str, letter: str) -> int:
        """Counts."""
        read.append(text)
        if not letter:
            raise ValueError("no letter")
        return text.count(letter)

    long = "ab" * 1000
    assert [count("aab", "a"), count("aab", "a"), count("aab", "b")] == [2, 2, 1]
    assert [count(long, "a"), count(long, "a")] == [1000, 1000]
    for _ in range(2):
        with pytest.raises(ValueError, match="no letter"):
            count("aab", "")
    assert read == ["aab", "aab", long, long, "aab", "aab"]
    assert count.__doc__ == "Counts."
