"""Query strings."""

from urllib.parse import parse_qsl


def read_params(query: str) -> dict[str, str]:
    """What a raw query string says; of several values of a name the last."""
    return dict(parse_qsl(query, keep_blank_values=True))
