"""Places for requests: fewer while a server is busy."""

from __future__ import annotations

import asyncio

import pytest

from lindi_explorer.remote.slots import Slots


async def test_no_more_are_taken_than_there_are() -> None:
    slots, inside, most = Slots(3), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with slots:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*[work() for _ in range(50)])
    assert (most, inside) == (3, 0)


async def test_refusals_of_one_round_halve_them_once() -> None:
    slots = Slots(64)
    first = slots.round
    for _ in range(10):
        slots.busy(first)
    assert slots.limit == 32
    slots.busy(slots.round)
    assert slots.limit == 16
    for _ in range(10):
        slots.busy(slots.round)
    assert slots.limit == 4


async def test_good_answers_bring_them_back() -> None:
    slots = Slots(8)
    slots.busy(slots.round)
    assert slots.limit == 4
    for _ in range(4 + 5 + 6 + 7):
        slots.good()
    assert slots.limit == 8
    slots.good()
    assert slots.limit == 8


async def test_who_is_cancelled_while_waiting_keeps_nobody_from_it() -> None:
    slots, done = Slots(1), []

    async def work(number: int) -> None:
        async with slots:
            await asyncio.sleep(0)
            done.append(number)

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[2]
    await asyncio.gather(tasks[0], tasks[1], tasks[3], tasks[4])
    assert done == [0, 1, 3, 4]


async def test_who_comes_when_all_who_waited_have_gone_does_not_wait() -> None:
    slots = Slots(1)

    async def hold(seconds: float) -> None:
        async with slots:
            await asyncio.sleep(seconds)

    holding = asyncio.create_task(hold(0.01))
    await asyncio.sleep(0)
    gone = [asyncio.create_task(hold(0)) for _ in range(3)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.gather(holding, *gone, return_exceptions=True)
    await asyncio.wait_for(hold(0), 5)


async def test_a_place_that_is_given_back_wakes_one(monkeypatch) -> None:
    """As many as wait woke up for each place once, and all but one went back to wait."""
    slots, woken = Slots(4), 0

    async def work() -> None:
        nonlocal woken
        async with slots:
            await asyncio.sleep(0)

    create = asyncio.get_running_loop().create_future

    def counted():
        nonlocal woken
        woken += 1
        return create()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_future", counted)
    await asyncio.gather(*[work() for _ in range(100)])
    assert woken <= 100
