"""Sending events as the portal does."""

from collections.abc import Iterable, Mapping
from typing import Any

from bxpull_server.api.parts import AsyncParts
from bxpull_server.connection import raw_message
from bxpull_server.errors import EventError
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.users import check_user


class Publishing(AsyncParts):
    """Methods that send something."""

    async def add_by_user(
        self,
        user: int,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one user, or (negative id) guest, like ``CPullStack::AddByUser``.

        Args:
            user: User id; negative for a guest.
            module_id: Module name, any case; published in lower case.
            command: Letters, digits and ``_ : | . -``.
            params: A mapping; or an empty list, which stays ``[]`` as PHP sends an empty array. None: ``[]``.
            extra: Added to (and replacing) what the portal puts there; a value of None takes a key out.
            expiry: Seconds the event is kept for those who connect later; 0: only for those connected now.

        Returns:
            The event's mid.

        Raises:
            EventError: Names the part that is wrong.
        """
        return await self.add_by_users(
            [user], module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )

    async def add_by_users(
        self,
        users: Iterable[int],
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
        user_params: Mapping[int, Mapping[str, Any]] | None = None,
        dictionary: Mapping[str, Any] | None = None,
    ) -> str:
        """Send one event to several users; see :meth:`add_by_user`.

        ``user_params`` (further params by user id) and ``dictionary`` (further params for all of them) are
        merged into ``params``, the dictionary first; where JSON-RPC is spoken, by the client.

        Raises:
            EventError: Names the part that is wrong.
        """
        self._check_running()
        done = await self._services.portal.send(
            [check_user(user) for user in users],
            module_id=module_id,
            command=command,
            params=params,
            extra=extra,
            expiry=expiry,
            user_params=user_params,
            dictionary=dictionary,
        )
        return done.mid or ""

    async def add_shared(
        self,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to everybody, like ``CPullStack::AddShared``; see :meth:`add_by_user`."""
        self._check_running()
        done = await self._services.portal.send_shared(
            module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid or ""

    async def add_by_channel(
        self,
        channel: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one channel, by its id (signed or not); see :meth:`add_by_user`.

        Raises:
            ChannelError: The id is malformed.
            SignatureError: It is signed wrongly.
        """
        self._check_running()
        done = await self._services.portal.send_to_channel(
            channel, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid or ""

    async def watch_add(self, user: int, tag: str) -> None:
        """Let ``user`` watch ``tag`` for 1,860 seconds, like ``CPullWatch::Add``."""
        if not tag:
            raise EventError("tag", "must not be empty")
        self._services.portal.watches.add(check_user(user), tag)

    async def add_to_stack(
        self,
        tag: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str | None:
        """Send an event to all who watch ``tag``, like ``CPullWatch::AddToStack``; see :meth:`add_by_user`.

        Returns:
            The event's mid; None if nobody watches the tag.
        """
        self._check_running()
        done = await self._services.portal.send_to_tag(
            tag, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid

    async def send_raw(self, user: int, message: str | bytes) -> int:
        """Send a message as it is to a user's connections, for tests of malformed frames.

        Args:
            user: User id; negative for a guest.
            message: A text or binary WebSocket message; the whole answer to a long poll.

        Returns:
            How many connections it was queued for.

        Raises:
            EventError: The message cannot be sent.
        """
        self._check_running()
        raw = raw_message(message, "message")
        return sum(connection.push_raw(raw) for connection in self._services.hub.of_user(user))
