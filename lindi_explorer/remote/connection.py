"""One HTTP/1.1 connection: a GET at a time, and what comes back.

Of a range of a few kilobytes, a general client's own work is most of the cost: sessions, cookies, proxies,
encodings, timers for each piece. None of that is here. httptools, that is llhttp, takes the answers apart.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import httptools

from lindi_explorer.remote.http import READ_SECONDS, SHORT_BODY
from lindi_explorer.remote.messages import Answer, Take

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from lindi_explorer.remote.messages import Verdict

    _Judge = Callable[[int, Mapping[str, str]], Verdict]

# Servers end connections that nobody uses, often after 20 s.
IDLE_SECONDS = 15.0
# More than any answer takes besides its body, and for each byte of it (chunks of one byte take six).
_LONGEST_HEAD = 1 << 16
_BESIDES_A_BYTE = 16


class Connection(asyncio.Protocol):
    """A connection of the running event loop; `Connections` makes it.

    Attributes
    ----------
    reusable : bool
        Whether another request may follow: the latest answer has come as a whole.
    answered : bool
        Whether anything has come of the answer to the latest request.
    socket : socket.socket or None
        What it was made over.
    """

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.reusable = self.answered = False
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._outcome: asyncio.Future[Answer] | None = None
        self._heard = self._loop.time()
        self._parser = httptools.HttpResponseParser(self)
        self._begin(_nothing_asked)

    def _begin(self, judge: _Judge) -> None:
        self._judge = judge
        self._headers: dict[str, str] = {}
        self._besides = 0
        self._verdict: Verdict | None = None
        self._parts: list[bytes] = []
        self._received = 0
        self._keeps = self._complete = False

    async def get(self, request: bytes, judge: _Judge) -> Answer:
        """Send a request and take what is wanted of the answer.

        Parameters
        ----------
        request : bytes
            All of it.
        judge : callable
            Says what status and headers (names in lower case) mean, and how much of the body is wanted.

        Returns
        -------
        Answer
            With less of the body than the verdict says, if the connection broke before that.

        Raises
        ------
        OSError
            If there was no answer: the connection broke, nothing came for a minute, or it was no HTTP.
        """
        assert self._transport is not None
        self._begin(judge)
        self.reusable = self.answered = False
        outcome: asyncio.Future[Answer] = self._loop.create_future()
        self._outcome = outcome
        self._heard = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(READ_SECONDS, self._look)
        try:
            if self._closed:
                raise ConnectionResetError
            self._transport.write(request)
            return await outcome
        finally:
            self._outcome = None
            self._parts = []
            if not self.reusable:
                self.close()

    @property
    def is_stale(self) -> bool:
        """Whether it has ended, or the server is about to end it."""
        return self._closed or self._loop.time() - self._heard > IDLE_SECONDS

    def close(self) -> None:
        """End it now; an answer that is coming breaks off."""
        if self._transport is not None and not self._closed:
            self._closed = True
            if not self._loop.is_closed():
                self._transport.abort()
            elif self.socket is not None:
                self.socket.close()
        self._stop_timer()

    # ------------------------------------------------------------ told by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note what to write to."""
        self._transport = cast("asyncio.Transport", transport)  # other loops have classes of their own

    def data_received(self, data: bytes) -> None:
        """Take the next bytes of the answer."""
        outcome = self._outcome
        if outcome is None or outcome.done():
            self.reusable = False
            self.close()  # nobody has asked for that
            return
        self._heard = self._loop.time()
        self.answered = True
        received = self._received
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.reusable = False
            self._fail(ConnectionError("the answer is no HTTP"))
            return
        self._besides += len(data) - (self._received - received)
        if self._besides > _LONGEST_HEAD + _BESIDES_A_BYTE * self._received:
            self._fail(ConnectionError("the answer does not come to its body, or its end"))
        elif self._verdict is not None and not self._complete and self._has_all():
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand on what has come, if that can be an answer."""
        self._closed = True
        self._stop_timer()
        if self._verdict is None:
            self._fail(exc or ConnectionResetError())
        elif self._is_open_ended() and (exc is not None or self._is_delimited()):
            self._fail(exc or ConnectionResetError())  # how much is missing cannot be told otherwise
        else:
            self._finish()

    # ------------------------------------------------------------ told by the parser

    def on_message_begin(self) -> None:
        """Note an answer that follows one: nobody has asked for it."""
        if self._complete:
            self.reusable = self._keeps = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; none of those that come after the body means anything here."""
        if self._verdict is None:
            self._headers[name.decode("latin-1").lower()] = value.decode("utf-8", "surrogateescape")

    def on_headers_complete(self) -> None:
        """Judge the answer."""
        status = self._parser.get_status_code()
        if self._complete or status < _FINAL or self._outcome is None or self._outcome.done():
            return
        self._keeps = self._parser.should_keep_alive()
        try:
            self._verdict = self._judge(status, self._headers)
        except Exception as error:  # noqa: BLE001 - it is for whoever has asked
            self._fail(error)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, if it is wanted."""
        if self._verdict is None:
            return  # it belongs to what only says that an answer follows
        if isinstance(self._verdict, Take):
            self._parts.append(body)
        self._received += len(body)

    def on_message_complete(self) -> None:
        """Hand on the answer; what only says that another one follows is none."""
        if self._verdict is None:
            self._headers.clear()
            return
        self._complete = True
        self.reusable = self._keeps
        self._finish()

    # ------------------------------------------------------------

    def _has_all(self) -> bool:
        """Whether the rest of the body is not worth waiting for."""
        if isinstance(self._verdict, Take):
            wanted = self._verdict.limit if self._verdict.length is None else self._verdict.length
            return self._received >= wanted
        length = self._headers.get("content-length", "")
        # With its short page read, the connection can be used again.
        is_short = length.isdecimal() and len(length) < _DIGITS and int(length) <= SHORT_BODY
        return not is_short or self._received > SHORT_BODY

    def _is_open_ended(self) -> bool:
        return isinstance(self._verdict, Take) and self._verdict.length is None

    def _is_delimited(self) -> bool:
        return "content-length" in self._headers or "transfer-encoding" in self._headers

    def _finish(self) -> None:
        if self._outcome is None or self._outcome.done():
            return
        verdict, body = self._verdict, b""
        if isinstance(verdict, Take):
            wanted = verdict.limit if verdict.length is None else verdict.length
            body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            body = body if len(body) <= wanted else body[:wanted]
        self._outcome.set_result(Answer(verdict, body))

    def _fail(self, error: Exception) -> None:
        if self._verdict is not None and not isinstance(self._verdict, Take):
            self._finish()  # all is said: only a page that nobody reads is missing
        elif self._outcome is not None and not self._outcome.done():
            self._outcome.set_exception(error)

    def _look(self) -> None:
        """See whether anything has come lately: one timer serves all requests, as setting one takes long."""
        self._timer = None
        quiet = self._loop.time() - self._heard
        patience = IDLE_SECONDS if self._outcome is None else READ_SECONDS
        if quiet < patience:
            self._timer = self._loop.call_later(patience - quiet, self._look)
        elif self._outcome is None:
            self.close()
        else:
            self._fail(TimeoutError())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _nothing_asked(_status: int, _headers: Mapping[str, str]) -> Verdict:
    raise AssertionError


_FINAL = 200
"""Answers of a lower status say that another one follows."""

_DIGITS = 10
