"""Message history behind one small interface.

A store gives every published event its mid and keeps it until its expiry, per channel. Memory is the default;
a store shared by several nodes implements the same :class:`Store`.
"""

from bxpull_server.store.base import NO_ADDITIONS, History, Store
from bxpull_server.store.memory import MemoryStore

__all__ = ["NO_ADDITIONS", "History", "MemoryStore", "Store"]
