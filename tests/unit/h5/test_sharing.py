"""Threads that share work."""

from __future__ import annotations

import gc
import threading
import time
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


def test_an_interruption_stops_the_others_and_is_what_is_raised(monkeypatch):
    begun, done, start = threading.Event(), [], threading.Thread.start

    def starting(thread):
        start(thread)
        assert begun.wait(30)
        raise KeyboardInterrupt  # while the threads are started

    def work(number):
        begun.set()
        done.append(number)
        time.sleep(0.001)

    monkeypatch.setattr(threading.Thread, "start", starting)
    with pytest.raises(KeyboardInterrupt):
        work_off(queue_of(*range(1, 10_001)), work, 3)
    count = len(done)
    time.sleep(0.1)
    assert count <= len(done) <= count + 1 < 10_000


def test_an_interruption_of_this_thread_comes_before_the_faults_of_others():
    here, meeting = threading.get_ident(), threading.Barrier(2, timeout=30)

    def work(_number):
        meeting.wait()
        if threading.get_ident() == here:
            time.sleep(0.1)  # the other one fails first
            raise KeyboardInterrupt
        raise ValueError("there")

    with pytest.raises(KeyboardInterrupt):
        work_off(queue_of(1, 2), work, 2)
