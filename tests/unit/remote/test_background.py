"""The event loop in the background."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from lindi_explorer.remote.background import run_in_background

STOPPED = """
import asyncio, signal, threading, os
from lindi_explorer.remote.background import run_in_background

begun = threading.Event()

async def work():
    begun.set()
    try:
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        raise RuntimeError("cannot schedule new futures after shutdown")

def stop():
    begun.wait()
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=stop).start()
try:
    run_in_background(work)
except KeyboardInterrupt:
    print("stopped")
run_in_background(lambda: asyncio.sleep(0))
"""


def test_results_and_faults_belong_to_the_caller() -> None:
    async def broken() -> None:
        raise LookupError("mine")

    assert run_in_background(lambda: asyncio.sleep(0, "result")) == "result"
    assert run_in_background(lambda: asyncio.sleep(0)) is None
    with pytest.raises(LookupError, match="mine"):
        run_in_background(broken)


def test_the_caller_does_something_meanwhile_and_its_fault_ends_the_rest() -> None:
    met, ended = threading.Event(), threading.Event()

    async def wait() -> str:
        try:
            await asyncio.to_thread(met.wait, 30)
            await asyncio.sleep(600 if broken else 0)
        finally:
            ended.set()
        return "result"

    def fail() -> None:
        met.set()
        raise LookupError("mine")

    broken = False
    assert run_in_background(wait, meanwhile=met.set) == "result"
    met.clear()
    ended.clear()
    broken = True
    with pytest.raises(LookupError, match="mine"):
        run_in_background(wait, meanwhile=fail)
    assert ended.wait(30)


def test_what_goes_wrong_after_a_stop_is_told_to_nobody() -> None:
    """The executor of a process that ends refuses work: asyncio printed that below a clean stop."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")
