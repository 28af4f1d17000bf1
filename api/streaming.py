"""An answer as server-sent events: each stage when it is reached, then the whole answer.

Events are named by their stage (`reading`, `rows`, `passages`, `text`), then `answer` with the body that the route sends otherwise, or
`problem` with problem details. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.error_shape import internal, problem_of
from app.observe import LOGGER
from catalog_store.errors import CatalogError
from search.stages import telling

MEDIA_TYPE = "text/event-stream"

KEEP_ALIVE_S = 15.0
"""Seconds of silence after which a comment is sent, so that no proxy takes the connection for dead."""


def wants_stream(accept: str) -> bool:
    """Whether a client asks for events.

    >>> wants_stream("text/event-stream"), wants_stream("application/json, */*")
    (True, False)
    """
    return MEDIA_TYPE in accept.lower()


def streamed(work: Callable[[], BaseModel]) -> StreamingResponse:
    """Do some work in a thread and send what it tells as events.

    Args:
        work: gives the body; what it raises becomes a `problem` event.
    """
    return StreamingResponse(
        _events(work),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(work: Callable[[], BaseModel]) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def put(item: str | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, item)

    def tell(stage: str, said: dict[str, Any]) -> None:
        put(_event(stage, json.dumps(said, ensure_ascii=False, default=str)))

    def run() -> None:
        try:
            with telling(tell):
                put(_event("answer", work().model_dump_json()))
        except CatalogError as error:
            put(_event("problem", bytes(problem_of(error).body).decode()))
        except Exception:  # noqa: BLE001  headers are sent: this is the last place to translate it
            LOGGER.exception("failed while streaming")
            put(_event("problem", bytes(internal().body).decode()))
        finally:
            put(None)

    task = asyncio.create_task(run_in_threadpool(run))
    while True:
        try:
            item = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
        except TimeoutError:
            item = ": still at it\n\n"
        if item is None:
            break
        yield item
    await task


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
