"""Every exception of bxpull_server: one tree, each class with a stable ``code``.

::

    PushServerError              push_server_error
    ├── OptionsError             invalid_option    (ValueError)   .option .problem
    ├── StartError               start_failed
    │   └── PortInUseError       port_in_use                      .host .port
    ├── NotRunningError          not_running
    ├── WaitTimeoutError         wait_timeout      (TimeoutError)
    ├── EventError               invalid_event     (ValueError)   .field
    ├── CaptureError             bad_capture       (ValueError)   .place
    └── RefusedError             refused           (ValueError)
        ├── QueryError           bad_query
        ├── ChannelError         bad_channel
        ├── StaleChannelError    stale_channel
        ├── SignatureError       bad_signature
        ├── TokenError           bad_token
        ├── ClientIdError        bad_client_id
        ├── VersionError         wrong_version
        ├── TooManyConnectionsError  too_many_connections
        ├── EventTooLargeError   event_too_large
        ├── RateError            too_fast
        ├── StoppingError        stopping
        ├── FrameError           bad_frame
        ├── JsonRpcError         json_rpc_error                   .number
        └── PublishRefusedError  publish_refused                  .close_code

A :class:`RefusedError` is the server saying no to a peer: its text is shown to that peer, so it never holds a
channel id, signature or token, only a fingerprint of it.
"""


class PushServerError(Exception):
    """Base of every exception this package raises on purpose."""

    code = "push_server_error"


class OptionsError(PushServerError, ValueError):
    """An option has a value that cannot be used.

    Attributes:
        option: Name of the option, as in :class:`bxpull_server.ServerOptions`.
        problem: What is wrong with it.
    """

    code = "invalid_option"

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"option {option}: {problem}")
        self.option = option
        self.problem = problem


class StartError(PushServerError):
    """The server could not start listening."""

    code = "start_failed"


class PortInUseError(StartError):
    """Another program listens on the wanted port.

    Attributes:
        host: The address asked for.
        port: The port asked for.
    """

    code = "port_in_use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is in use: stop the program that listens there, "
            f"choose another port, or give port 0 to let the system choose"
        )
        self.host = host
        self.port = port


class NotRunningError(PushServerError):
    """The call needs a running server: start it first, or use it as a context manager."""

    code = "not_running"


class WaitTimeoutError(PushServerError, TimeoutError):
    """A condition that was waited for did not come true in time; the text says what was seen."""

    code = "wait_timeout"


class EventError(PushServerError, ValueError):
    """An event to publish is not valid.

    Attributes:
        field: Which part is wrong: ``module_id``, ``command``, ``params``, ``extra``, ``expiry``, ``user``…;
            ``event``: all of it, being too large.
    """

    code = "invalid_event"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class CaptureError(PushServerError, ValueError):
    """A capture cannot be read, or not be replayed as it was asked for.

    Attributes:
        place: The file; ``file:line`` where it is about a line.
    """

    code = "bad_capture"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place


class RefusedError(PushServerError, ValueError):
    """A peer's request is refused; the text is one sentence for that peer."""

    code = "refused"


class QueryError(RefusedError):
    """A query string or body cannot be understood."""

    code = "bad_query"


class ChannelError(RefusedError):
    """``CHANNEL_ID`` is missing or malformed."""

    code = "bad_channel"


class StaleChannelError(RefusedError):
    """A channel was in use once; nothing is sent to it any more."""

    code = "stale_channel"


class SignatureError(RefusedError):
    """A channel's signature is missing or wrong."""

    code = "bad_signature"


class TokenError(RefusedError):
    """A token (JWT) is malformed, forged, expired, or lacks a claim."""

    code = "bad_token"


class ClientIdError(RefusedError):
    """``clientId``, which servers in shared mode need, is missing or wrong."""

    code = "bad_client_id"


class VersionError(RefusedError):
    """What a subscriber's config told it to ask for needs a higher server version than the user has now."""

    code = "wrong_version"


class TooManyConnectionsError(RefusedError):
    """A user has as many connections as one user may have."""

    code = "too_many_connections"


class EventTooLargeError(RefusedError):
    """An event to publish is larger than ``event_limit`` allows."""

    code = "event_too_large"


class RateError(RefusedError):
    """A page publishes, or asks for something, more often than ``publish_rate`` allows."""

    code = "too_fast"


class StoppingError(RefusedError):
    """Something to publish came when the server was about to stop: it is not stored, and reaches nobody."""

    code = "stopping"


class FrameError(RefusedError):
    """A protobuf frame cannot be read; the text says where, never what is in it."""

    code = "bad_frame"


class JsonRpcError(RefusedError):
    """A JSON-RPC request is refused; the text is the error's ``message``.

    Attributes:
        number: The error's ``code``, -32700 to -32603.
    """

    code = "json_rpc_error"

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


class PublishRefusedError(RefusedError):
    """Something to publish is refused, and with it all that came in the same request.

    Attributes:
        close_code: The WebSocket close code that says why, 4012 to 4021.
    """

    code = "publish_refused"

    def __init__(self, close_code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.close_code = close_code
