"""Long work in a thread that doesn't keep the app from closing."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def in_background(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a blocking function and wait for it; the app may end meanwhile, which asyncio.to_thread would delay."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[R] = loop.create_future()

    def tell(method: Callable[[Any], None], value: object) -> None:
        if not answer.done():
            method(value)

    def work() -> None:
        try:
            said: tuple[Callable[[Any], None], object] = (answer.set_result, function(*args, **kwargs))
        except BaseException as error:
            said = (answer.set_exception, error)
        # The loop may be gone by now.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, *said)

    threading.Thread(target=work, name=getattr(function, "__name__", "aside"), daemon=True).start()
    return await answer
