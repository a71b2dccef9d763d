"""An HTTP answer in the application's place, straight to the line."""

from bxpull_server.web.sound_headers import BARE


def raw_reply(status: str, sentence: str) -> bytes:
    """A sentence as an answer that ends the connection.

    Args:
        status: Number and phrase.
        sentence: Nothing in it may come from the peer as it is.
    """
    body = f"{sentence}\n"
    sound = "".join(f"{name}: {value}\r\n" for name, value in BARE.items())
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"{sound}Cache-Control: no-store\r\n"
        f"Content-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}"
    ).encode()
