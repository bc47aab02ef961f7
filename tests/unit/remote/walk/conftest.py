"""Walks over files in memory, with answers that come in waves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from lindi_explorer.remote.pages import PageCache
from lindi_explorer.remote.walk.run import beginning
from lindi_explorer.remote.walk.schedule import Scheduler
from lindi_explorer.remote.walk.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = 4096


@dataclass
class Walk:
    """What one walk did.

    ``waves`` holds, for each round trip, the requests that were sent before any of them was answered.
    """

    survey: Survey
    pages: PageCache
    waves: list[list[tuple[int, int]]] = field(default_factory=list)

    @property
    def requests(self) -> list[tuple[int, int]]:
        """Offset and length of all requests."""
        return [request for wave in self.waves for request in wave]


async def _walk(data: bytes, head: int, cap: int, most_bytes: int, memory: int, **options: Any) -> Walk:
    survey = Survey(len(data), **options)
    walk = Walk(survey, PageCache(len(data), memory_limit=memory))
    walk.pages.put(0, data[:head])
    under_way: list[tuple[int, int, asyncio.Future[bytes]]] = []

    async def fetch(offset: int, length: int) -> bytes:
        answer = asyncio.get_running_loop().create_future()
        under_way.append((offset, length, answer))
        return await answer

    scheduler = Scheduler(walk.pages, len(data), fetch, most_requests=lambda: cap, most_bytes=most_bytes)
    scheduler.forgiving = False
    wants = beginning(survey, walk.pages, len(data), None)
    task = asyncio.get_running_loop().create_task(scheduler.run(wants))
    calm = 0
    while not task.done():
        before = len(under_way)
        await asyncio.sleep(0)
        calm = calm + 1 if len(under_way) == before else 0
        if calm > 10 and under_way:  # nothing more is asked for until an answer comes
            walk.waves.append([(offset, length) for offset, length, _ in under_way])
            answers, under_way[:] = under_way[:], []
            for offset, length, answer in answers:
                answer.set_result(data[offset : offset + length])
    task.result()
    return walk


@pytest.fixture
def walk() -> Callable[..., Walk]:
    """Walk over bytes: ``walk(data, head=..., cap=..., most_bytes=..., memory=..., levels=...)``."""

    def walk(
        data: bytes,
        *,
        head: int = HEAD,
        cap: int = 256,
        most_bytes: int = 1 << 40,
        memory: int = 1 << 30,
        **options: Any,
    ) -> Walk:
        return asyncio.run(_walk(data, head, cap, most_bytes, memory, **options))

    return walk
