"""Threads that share work."""

from __future__ import annotations

import gc
import threading
import weakref
from queue import SimpleQueue

import pytest

from lindi_explorer.h5.arrays.sharing import work_off


def queue_of(*items):
    waiting = SimpleQueue()
    for item in items:
        waiting.put(item)
    return waiting


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_all_is_done_once(threads):
    done = []
    work_off(queue_of(*range(1, 1000), None), done.append, threads)
    assert sorted(done) == list(range(1, 1000))


def test_what_comes_meanwhile_is_done_too():
    waiting, done, late = queue_of(1), [], threading.Event()

    def work(number):
        done.append(number)
        if number == 1:
            late.set()

    def bring():
        late.wait(30)
        for number in (2, 3, None):
            waiting.put(number)

    bringer = threading.Thread(target=bring)
    bringer.start()
    work_off(waiting, work, 3)
    bringer.join()
    assert sorted(done) == [1, 2, 3]


def test_a_fault_in_another_thread_ends_the_wait_of_this_one():
    here, meeting = threading.get_ident(), threading.Barrier(2, timeout=30)

    def work(_number):
        meeting.wait()
        if threading.get_ident() != here:
            raise ValueError("there")

    # There is no None: who waits for it is woken by the fault.
    with pytest.raises(ValueError, match="there"):
        work_off(queue_of(1, 2), work, 2)


def test_a_fault_holds_nothing_in_a_circle():
    class Held:
        pass

    def work(_number):
        held = Held()
        seen.append(weakref.ref(held))
        raise ValueError("here")

    seen = []
    gc.disable()
    try:
        with pytest.raises(ValueError, match="here"):
            work_off(queue_of(1, None), work, 1)
        assert seen[0]() is None
    finally:
        gc.enable()


def test_at_the_end_of_the_interpreter_this_thread_does_it_all(monkeypatch):
    def none_left(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    done = []
    work_off(queue_of(1, 2, 3, None), done.append, 4)
    assert done == [1, 2, 3]
