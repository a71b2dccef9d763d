"""Sending events as the portal does, from any thread."""

from collections.abc import Iterable, Mapping
from typing import Any

from bxpull_server.api.thread_parts import ThreadParts
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S


class ThreadPublishing(ThreadParts):
    """See :class:`bxpull_server.api.publishing.Publishing`."""

    def add_by_user(
        self,
        user: int,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one user or guest; returns its mid. See :meth:`AsyncPushServer.add_by_user`."""
        return self._call(
            self._server.add_by_user(
                user, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def add_by_users(
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
        """Send one event to several users; returns its mid. See :meth:`AsyncPushServer.add_by_users`."""
        return self._call(
            self._server.add_by_users(
                users,
                module_id=module_id,
                command=command,
                params=params,
                extra=extra,
                expiry=expiry,
                user_params=user_params,
                dictionary=dictionary,
            )
        )

    def add_shared(
        self,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to everybody; returns its mid. See :meth:`AsyncPushServer.add_shared`."""
        return self._call(
            self._server.add_shared(
                module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def add_by_channel(
        self,
        channel: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one channel; returns its mid. See :meth:`AsyncPushServer.add_by_channel`."""
        return self._call(
            self._server.add_by_channel(
                channel, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def watch_add(self, user: int, tag: str) -> None:
        """Let a user watch a tag. See :meth:`AsyncPushServer.watch_add`."""
        self._call(self._server.watch_add(user, tag))

    def add_to_stack(
        self,
        tag: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str | None:
        """Send an event to all who watch a tag; returns its mid. See :meth:`AsyncPushServer.add_to_stack`."""
        return self._call(
            self._server.add_to_stack(
                tag, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def send_raw(self, user: int, message: str | bytes) -> int:
        """Send a message as it is. See :meth:`AsyncPushServer.send_raw`."""
        return self._call(self._server.send_raw(user, message))
