"""Pages and scripts that all come with one Content-Security-Policy, as a site's own server sends it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.e2e.support import HTML, JAVASCRIPT, inline, src
from tests.origin import Origin, Quiet

NONCE = "bXlub25jZQ"
# A worker is under the policy that its own script came with, and its violations are told to nobody else.
_TELL = """
new BroadcastChannel("violations").onmessage = ({ data }) => window.violations.push(data);
"""
_TELL_PAGES = """
addEventListener("securitypolicyviolation", ({ violatedDirective }) =>
  new BroadcastChannel("violations").postMessage(`worker: ${violatedDirective}`));
"""


class PolicyPages(Origin):
    """An origin of its own.

    Attributes:
        url: Of the origin.

    Args:
        policy: The header's value.
        has_nonce: Whether scripts are inline and carry ``NONCE``; else each is a file.
    """

    def __init__(self, policy: str, *, has_nonce: bool) -> None:
        self._policy = policy
        self._has_nonce = has_nonce
        self._files: dict[str, tuple[str, str]] = {}
        super().__init__(self._handler())

    def worker(self, name: str, code: str) -> None:
        """Serves the script of a worker, which tells pages of :meth:`page` what it runs into."""
        self._files[f"/{name}"] = JAVASCRIPT, _TELL_PAGES + code

    def page(self, recorder: str, *scripts: str) -> str:
        """Serves a page that runs these scripts, the recorder first; returns its address."""
        elements = [self._element(code) for code in (recorder, _TELL, *scripts)]
        head = '<meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">'
        page = f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{"".join(elements)}</body>\n'
        self._files["/page.html"] = HTML, page
        return f"{self.url}/page.html"

    def _element(self, code: str) -> str:
        if self._has_nonce:
            return inline(code, nonce=NONCE)
        path = f"/script-{len(self._files)}.js"
        self._files[path] = JAVASCRIPT, code
        return src(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        pages = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = pages._files.get(self.path, ("", ""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Security-Policy", pages._policy)
                self.end_headers()
                self.wfile.write(text.encode())

        return Handler
