"""However an upload or a read ends, its error shows no key and no link, nor do variables."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import LindiError
from lindi_explorer.remote import CancelToken, RangeReader, cancelling
from lindi_explorer.remote.calls import WebCalls
from tests.unit.archive.conftest import ALICE, NEW

SIGNED = ("X-Amz-Signature", "X-Amz-Credential")


def all_that_is_said(error: BaseException | None) -> str:
    """The error, those that it came of, and all variables of their tracebacks, as debuggers show them."""
    said = []
    while error is not None:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        said += [*shown.format(), repr(error), str(vars(error)), repr(getattr(error, "args", ()))]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def assert_nothing_is_told(error: BaseException) -> None:
    said = all_that_is_said(error)
    assert ALICE not in said
    for sign in SIGNED:
        at = said.find(sign)
        assert at < 0, said[max(0, at - 900) : at + 100]


@pytest.mark.parametrize(
    ("kind", "origin", "method", "path"),
    [
        *((kind, "storage", "PUT", "") for kind in ("expired", "denied", "broken", "reset", "damaged")),
        *((kind, "storage", "POST", "") for kind in ("denied", "broken", "late-error", "other-etag")),
        *(
            ("broken", "api", "POST", path)
            for path in ("/initialize/", "/complete/", "/validate/", "/assets/$")
        ),
    ],
)
def test_errors_of_all_kinds(desk, kind, origin, method, path):
    desk.double.fault(kind, origin, method=method, path=path)
    with desk.edited() as file, pytest.raises(LindiError) as raised:
        desk.prepare(file, mode="json").run()
    assert_nothing_is_told(raised.value)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_errors_of_who_listens(desk, error):
    desk.double.set(part_seconds=0.1)

    def told(progress):
        if progress.step == 4 and progress.done > NEW.nbytes:
            raise error

    with desk.edited() as file, pytest.raises(error) as raised:
        desk.prepare(file, mode="json").run(told)
    assert_nothing_is_told(raised.value)


@pytest.mark.parametrize("step", range(1, 8))
def test_being_cancelled(desk, step):
    token = CancelToken()
    desk.double.set(part_seconds=0.05)

    def told(progress):
        if progress.step == step and (step != 4 or progress.done > NEW.nbytes):
            token.set()

    with desk.edited() as file, cancelling(token):
        try:
            desk.prepare(file, mode="json").run(told)
        except LindiError as error:
            assert_nothing_is_told(error)
        else:
            assert step == 7, "the document was there before anybody could stop it"


def test_an_error_of_ours_in_the_middle_of_a_request(desk, monkeypatch):
    send = WebCalls._talk

    def odd(self, method, url, headers, content):
        if method != "GET" and "uploadId" in url:
            raise ZeroDivisionError
        return (yield from send(self, method, url, headers, content))

    monkeypatch.setattr(WebCalls, "_talk", odd)
    with desk.edited() as file, pytest.raises(ZeroDivisionError) as raised:
        desk.prepare(file, mode="json").run()
    assert_nothing_is_told(raised.value)


@pytest.mark.parametrize("kind", ["expired", "denied", "broken", "reset", "short"])
def test_reads(desk, kind):
    url = desk.double.download_url(desk.assets.secret)
    byte_range = ByteRange(url, 0, 1000)

    async def concurrently() -> None:
        reader = RangeReader(url)
        try:
            await reader.read(byte_range)
        finally:
            await reader.aclose()

    desk.double.fault(kind, "storage", method="GET")
    for read in (lambda: RangeReader(url).read_now(byte_range), lambda: asyncio.run(concurrently())):
        with pytest.raises(LindiError) as raised:
            read()
        assert_nothing_is_told(raised.value)


def test_a_read_that_is_cancelled(desk, monkeypatch):
    url = desk.double.download_url(desk.assets.secret)
    token, come = CancelToken(), []

    def progress(count):
        come.append(count)
        token.set()

    with cancelling(token), RangeReader(url) as reader, pytest.raises(LindiError) as raised:
        reader.read_many([ByteRange(url, 0, 100), ByteRange(url, 2_000_000, 100)], progress=progress)
    assert_nothing_is_told(raised.value)
