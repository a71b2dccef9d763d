"""bxpull_server.harness.bundle: the page that has the client in it."""

from __future__ import annotations

from html.parser import HTMLParser

from bxpull_server.harness.bundle import page_html


class _Scripts(HTMLParser):
    """The texts of a page's scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base has it
        """A script begins."""
        if tag == "script":
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """It goes on."""
        if self.texts:
            self.texts[-1] += data


def test_nothing_in_a_client_ends_its_script_in_the_page() -> None:
    page = page_html("t", 1, "before('</SCRIPT>', '<!--<script>'); after()", starts=True)
    _settings, client, recorder = _Scripts(page).texts
    assert "<!--" not in client
    assert "after()" in client
    assert "bxpullRecorder" in recorder
