"""One implementation for programs with and without an event loop.

What talks to a browser is written as a generator that yields calls, each a function without arguments;
:func:`run` makes them one after the other, :func:`arun` awaits what they return.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")
Steps = Generator[Callable[[], Any], Any, T]


@dataclass(frozen=True, slots=True)
class Blocking:
    """A call that waits, and must not keep an event loop from running meanwhile."""

    call: Callable[[], Any]

    def __call__(self) -> Any:
        """Make it."""
        return self.call()


def run(steps: Steps[T]) -> T:
    """Make the calls; their results are values."""
    __tracebackhide__ = True
    try:
        call = next(steps)
        while True:
            try:
                value = call()
            except Exception as error:  # noqa: BLE001 - the steps decide
                call = steps.throw(error)
            else:
                call = steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def arun(steps: Steps[T]) -> T:
    """Make the calls; their results may have to be awaited."""
    __tracebackhide__ = True
    try:
        call = next(steps)
        while True:
            try:
                value = asyncio.to_thread(call) if isinstance(call, Blocking) else call()
                if inspect.isawaitable(value):
                    value = await value
            except Exception as error:  # noqa: BLE001 - the steps decide
                call = steps.throw(error)
            else:
                call = steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


def now(steps: Callable[P, Steps[T]]) -> Callable[P, T]:
    """A function that makes the calls; its parameters and docstring are those of ``steps``."""

    @functools.wraps(steps)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        return run(steps(*args, **kwargs))

    return call


def awaited(steps: Callable[P, Steps[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A coroutine function that makes the calls; its parameters and docstring are those of ``steps``."""

    @functools.wraps(steps)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        return await arun(steps(*args, **kwargs))

    return call
