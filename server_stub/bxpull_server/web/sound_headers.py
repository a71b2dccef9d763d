"""Headers that every answer has, unless it says something else itself."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {"X-Content-Type-Options": "nosniff"}
_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Opened by itself, or embedded in a page of another origin, an answer must be good for nothing.
NOBODYS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For answers past which the middleware does not come.
BARE = {**ALWAYS, **NOBODYS}
_OWN = "bxpull.users_own"
_STARTS = ("http.response.start", "websocket.http.response.start")


def leave_to_its_author(scope: Scope) -> None:
    """The answer to this request is a file or page of the user's, who says what it may do."""
    scope[_OWN] = True


class SoundHeaders:
    """ASGI middleware: adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back."""

        async def with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in (ALWAYS if scope.get(_OWN) else BARE).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
