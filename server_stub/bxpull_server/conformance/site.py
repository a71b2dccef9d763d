"""The files of the conformance page."""

from importlib.resources import files
from typing import NamedTuple

JAVASCRIPT = "text/javascript; charset=utf-8"
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": JAVASCRIPT}
INDEX = "index.html"


class SiteFile(NamedTuple):
    """A file as it is served.

    Attributes:
        content_type: With its charset.
        content: Its bytes.
    """

    content_type: str
    content: bytes


def page_files() -> dict[str, SiteFile]:
    """What is served below ``/conformance/``, by its path there; the page itself at "" too."""
    found = {
        item.name: SiteFile(_TYPES[suffix], item.read_bytes())
        for item in files("bxpull_server.conformance").joinpath("page").iterdir()
        if (suffix := item.name[item.name.rfind(".") :]) in _TYPES
    }
    return {**found, "": found[INDEX]}
