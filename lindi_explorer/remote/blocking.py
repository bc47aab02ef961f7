"""The blocking transport: urllib3, in the caller's own thread.

It serves the reads that h5py waits for. h5py holds its global lock meanwhile, so no other Python thread may
be waited for here: the garbage collector could run there, free an h5py object and wait for that lock.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from lindi_explorer.errors import LindiError
from lindi_explorer.remote import archives
from lindi_explorer.remote.address import SecretUrl, authority_of, request_target
from lindi_explorer.remote.broken import hidden_error, why_broken
from lindi_explorer.remote.cancel import cancelled
from lindi_explorer.remote.http import SHORT_BODY, plain_headers
from lindi_explorer.remote.messages import Answer, Lead, Resolve, Send, Sleep, Take, Unlock
from lindi_explorer.remote.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import urllib3

    from lindi_explorer.remote.cancel import CancelToken
    from lindi_explorer.remote.messages import Action
    from lindi_explorer.remote.policy import OriginPolicy

_T = TypeVar("_T")

_PIECE = 1 << 18


class BlockingTransport:
    """Carries out the requests of one reader; any thread may use it.

    Parameters
    ----------
    policy : OriginPolicy
        Asked about every numeric address before it is connected to.
    """

    def __init__(self, policy: OriginPolicy) -> None:
        self._policy = policy
        # Each request takes pools of connections for itself and puts them back: their locks are never met.
        self._idle: deque[urllib3.PoolManager] = deque()
        self._pid = os.getpid()

    def run(self, talk: Generator[Action, object, _T], token: CancelToken | None) -> _T:
        """Carry a conversation through.

        Parameters
        ----------
        talk : generator
            From `Exchange.talk`, or of its kind.
        token : CancelToken or None
            Stops it, also in the middle of a wait for the network (looking up a host name excepted).

        Returns
        -------
        object
            What the conversation came to.

        Raises
        ------
        LindiError
            One of the family.
        """
        outcome: object = None
        with contextlib.closing(talk):
            while True:
                if token is not None:
                    token.check()
                try:
                    action = talk.send(outcome)
                except StopIteration as stop:
                    result: _T = stop.value
                    return result
                outcome = self._carry_out(action, token)

    def close(self) -> None:
        """Close the connections that are idle; those in use close with the last reference to them."""
        while self._idle:
            with contextlib.suppress(IndexError):
                self._idle.pop().clear()

    def _carry_out(self, action: Action, token: CancelToken | None) -> object:
        match action:
            case Send():
                return self._send(action, token)
            case Resolve():
                return resolve(action.url)
            case Unlock():
                return archives.key_for(action.url)
            case Lead():
                return True  # to wait for another thread that finds the way is what must not happen here
            case Sleep():
                (time.sleep if token is None else token.sleep)(action.seconds)
                return None

    def _send(self, send: Send, token: CancelToken | None) -> Answer:
        from lindi_explorer.remote import wire

        authority = authority_of(send.url)
        target = SecretUrl(request_target(send.url))
        ours: LindiError | None
        with wire.call(target, lambda address: self._policy.check_address(authority, address), token):
            try:
                with self._pools() as pools:
                    return _receive(pools, send, token)
            except LindiError as error:
                ours, why, no_contact = error, "", False
            except wire.BROKEN as error:
                ours, (why, no_contact) = hidden_error(error), why_broken(error)
        # Raised here, and anew: where it was raised first, variables hold what was sent.
        if token is not None and token.is_set():
            raise cancelled()
        if ours is not None:
            raise ours.with_traceback(None)
        return Answer(None, broken=why, no_contact=no_contact)

    @contextlib.contextmanager
    def _pools(self) -> Iterator[urllib3.PoolManager]:
        from lindi_explorer.remote import wire

        if self._pid != os.getpid():  # a forked child must not write into its parent's connections
            self._pid, self._idle = os.getpid(), deque()
        idle = self._idle
        try:
            pools = idle.pop()
        except IndexError:
            pools = wire.pools()
        try:
            yield pools
        finally:
            idle.append(pools)


def _receive(pools: urllib3.PoolManager, send: Send, token: CancelToken | None) -> Answer:
    from lindi_explorer.remote import wire

    response = pools.connection_from_url(send.url).urlopen(
        send.method,
        "/",  # the connection puts the target of the call in its place
        body=None if send.content is None else send.content.pieces(),
        headers=send.headers,
        preload_content=False,
        decode_content=False,
        redirect=False,
        retries=False,
        assert_same_host=False,
        timeout=wire.TIMEOUT,
    )
    try:
        verdict = send.judge(response.status, plain_headers(response.headers))
        if not isinstance(verdict, Take):
            if response.length_remaining is not None and response.length_remaining <= SHORT_BODY:
                response.drain_conn()  # with its short page read, the connection can be used again
            return Answer(verdict)
        body = bytearray()
        most = verdict.limit if verdict.length is None else verdict.length
        try:
            while len(body) < most and (piece := response.read(min(_PIECE, most - len(body)))):
                body += piece
                if token is not None:
                    token.check()
                if send.progress is not None:
                    send.progress(len(body))
        except wire.BROKEN:
            if verdict.length is None or (token is not None and token.is_set()):
                raise
            # Cut off: the body is shorter than promised, and the exchange sees that.
        return Answer(verdict, bytes(body))
    finally:
        response.close()
