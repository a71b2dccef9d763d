"""What a delivery costs as connections and channels grow, and what history takes: for bench/growth.py."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import server as fan_out
from bench.processes import drive, serving
from bench.subscriber import connect, cpu_s, hear, subscribe_path
from bxpull_server import AsyncPushServer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CONNECTIONS = (100, 1_000, 10_000)
CHANNELS = (1, 100, 10_000, 100_000)
HISTORY = (20_000, 40_000, 60_000, 80_000, 100_000)
# Whatever the connections, ours has as many events at full speed, so that it gathers as many in a frame; the
# bare one, which gathers none, as many deliveries. At a steady rate both have as many deliveries a second.
MESSAGES, DELIVERIES, DELIVERIES_PER_S = 100, 200_000, 10_000
# One channel each: of all channels these have somebody who listens.
LISTENERS, EVENTS_PER_S = 100, 500
DEFAULT_LIMIT, NO_LIMIT = 20_000, 10**9
PATIENCE_S = 60
MIB = 2**20


def connections(seconds: float) -> list[dict[str, Any]]:
    """CPU µs a delivery to one channel with so many subscribers, of the server and of a bare one."""
    rows = []
    for count in CONNECTIONS:
        for name in (fan_out.FLOOR, "JSON-RPC"):
            messages = DELIVERIES // count if name == fan_out.FLOOR else MESSAGES
            rate = DELIVERIES_PER_S / count
            with serving(fan_out.serve, name) as pipe:
                found = drive(fan_out.measure(pipe, count, messages, seconds, rate))
            full_us = found["cpu_s"] / found["deliveries"] * 1e6
            kept = {key: found[key] for key in ("paced_us", "lost", "wrong", "cut_off")}
            rows.append({"server": name, "connections": count, "full_us": full_us, **kept})
    return rows


def channels(seconds: float) -> list[dict[str, Any]]:
    """CPU µs a delivery, and memory, when so many channels with a message each are there."""
    rows = []
    for count in CHANNELS:
        with serving(_channels, count, int(seconds * EVENTS_PER_S)) as pipe:
            found = drive(_listen_to_some(pipe, int(seconds * EVENTS_PER_S)))
        rows.append({"channels": count, **found})
    return rows


async def _listen_to_some(pipe: Connection, events: int) -> dict[str, Any]:
    port, paths = pipe.recv()
    late: list[int] = []
    subscribers = await connect(port, paths, late)
    pipe.send("publish")
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, pipe.recv)
    # Each has every so manieth of them, counted on its own.
    await hear(subscribers, events // len(subscribers), PATIENCE_S)
    pipe.send("come")
    told = await loop.run_in_executor(None, pipe.recv)
    found = {"us": told["cpu_s"] / len(late) * 1e6, "kib_a_channel": told["bytes"] / told["channels"] / 1024}
    for one in subscribers:
        one.close()
    return {**found, "lost": events - len(late), "wrong": sum(one.wrong for one in subscribers)}


async def _channels(pipe: Connection, count: int, events: int) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncPushServer(server_version=5) as server:
        before = _memory()
        for user in range(1, count + 1):
            await server.add_by_user(user, module_id="bench", command="old")
        taken = _memory() - before
        listeners = min(count, LISTENERS)
        configs = [await server.config(user) for user in range(1, listeners + 1)]
        pipe.send((server.port, [subscribe_path(config, jsonRpc="true") for config in configs]))
        await loop.run_in_executor(None, pipe.recv)
        spent = cpu_s()
        began = loop.time()
        for n in range(events):
            due = began + n / EVENTS_PER_S
            await asyncio.wait([loop.create_future()], timeout=max(0, due - loop.time()))
            params = {"n": n // listeners, "at": time.monotonic_ns(), "text": fan_out.TEXT}
            await server.add_by_user(1 + n % listeners, module_id="bench", command="check", params=params)
        pipe.send("published")
        await loop.run_in_executor(None, pipe.recv)
        pipe.send({"cpu_s": cpu_s() - spent, "bytes": taken, "channels": count})


def history() -> list[dict[str, Any]]:
    """MiB that so many events published to one channel take, with the default limit and without one."""
    rows = []
    for limit in (NO_LIMIT, DEFAULT_LIMIT):
        with serving(_history, limit) as pipe:
            rows += [{"limit": limit, "events": count, "mib": pipe.recv() / MIB} for count in HISTORY]
    return rows


async def _history(pipe: Connection, limit: int) -> None:
    async with AsyncPushServer(server_version=5, history_limit=limit) as server:
        before = _memory()
        done = 0
        for count in HISTORY:
            for n in range(done, count):
                params = {"n": n, "at": time.monotonic_ns(), "text": fan_out.TEXT}
                await server.add_by_user(1, module_id="bench", command="check", params=params)
            done = count
            pipe.send(_memory() - before)


def _memory() -> int:
    """Bytes that this process has in memory."""
    gc.collect()
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
