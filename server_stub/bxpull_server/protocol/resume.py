"""What a subscriber that asks for it (``verdict=true``) is told first: whether the history covers its mid.

A system message of module ``pull``, command ``resume``, and no mid of its own, with the params:

- ``asked``: The mid the subscriber came with; empty: none.
- ``position``: A mid that everything published from now on is newer than. Who came without one resumes here.
- ``through``: The newest mid under which something that was to be kept is lost. If it is newer than the mid
  the subscriber came with, events up to it may be missing; the kept ones among them follow.
- ``begin``: A mid that everything in this history is newer than; another history of this server has another.

It says ``history=<begin>`` with its mid from then on. If the history begins elsewhere by now, mids may have
begun anew, at a clock that was put back: then all follows that is newer than the mid or the beginning,
whichever is older.

Polls of one connection are told it once: ``verdict=<position>`` says that it has been heard, ``verdict=true``
begins a new one.

An extension of bxpull: configs announce it as ``server.verdict``; who does not ask sees nothing of it.
"""

from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.messages import Message

COMMAND = "resume"


def resume_message(asked: str, position: str, through: str, begin: str, now: int) -> Message:
    """The message; ``now`` is the unix time in seconds."""
    params = {"asked": asked, "position": position, "through": through, "begin": begin}
    body = dump_json({"module_id": "pull", "command": COMMAND, "params": params, "extra": {}})
    return Message("", "", body, now, 0)
