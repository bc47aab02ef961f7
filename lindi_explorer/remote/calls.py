"""Requests to a web interface: whole replies, whatever their status, for those who ask questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import TransferError
from lindi_explorer.remote.address import wire_url
from lindi_explorer.remote.blocking import BlockingTransport
from lindi_explorer.remote.cancel import current_token
from lindi_explorer.remote.exchange import whole_verdict
from lindi_explorer.remote.http import busy_verdict
from lindi_explorer.remote.messages import Action, Answer, Content, Facts, Headers, Retry, Send, Sleep, Take
from lindi_explorer.remote.policy import OriginPolicy
from lindi_explorer.remote.retry import RetryRules

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from lindi_explorer.remote.messages import Verdict

# More than any page of a listing takes.
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service said.

    Attributes
    ----------
    status : int
        Of any kind but those that are worth another try.
    headers : dict
        Names in lower case.
    body : bytes
        All of it.
    """

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class WebCalls:
    """Sends requests to one service, in the caller's thread; redirects are for the caller to judge.

    Parameters
    ----------
    origin : str
        Any address of the service; only this host and port may lie inside this computer or network.
    name : str
        What errors call it.
    retries : RetryRules, optional
        When failed requests are sent again.
    waiting : callable, optional
        Told in words, before a request is sent again.
    """

    def __init__(
        self,
        origin: str,
        name: str,
        retries: RetryRules | None = None,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self._name = name
        self._policy = OriginPolicy(origin)
        self._rules = retries or RetryRules()
        self._transport = BlockingTransport(self._policy)
        self._waiting = waiting

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for something.

        Parameters
        ----------
        url : str
            Where.
        headers : mapping, optional
            Sent along, a key perhaps; they go nowhere else.

        Returns
        -------
        Reply

        Raises
        ------
        TransferError
            If no reply came, or only such as say to come again.
        """
        return self.send("GET", url, headers)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: Content | None = None,
    ) -> Reply:
        """Send a request; it may arrive more than once, where the reply to it was lost.

        Parameters
        ----------
        method : str
        url : str
        headers : mapping, optional
            As for `get`.
        content : Content, optional
            Taken along.

        Returns
        -------
        Reply

        Raises
        ------
        TransferError
            As for `get`.
        """
        sent = Headers(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "lindi-explorer",
                **(headers or {}),
            }
        )
        if content is not None or method != "GET":
            sent["Content-Length"] = str(0 if content is None else content.length)
        if content is not None and content.kind:
            sent["Content-Type"] = content.kind
        return self._transport.run(self._talk(method, url, sent, content), current_token())

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _talk(
        self, method: str, url: str, headers: Headers, content: Content | None
    ) -> Generator[Action, Any, Reply]:
        failures = 0
        while True:
            self._policy.check_url(url)
            come: list[tuple[int, dict[str, str]]] = []

            def judge(status: int, named: Mapping[str, str], come: list[Any] = come) -> Verdict:
                come.append((status, dict(named)))
                length = named.get("content-length", "")
                known = int(length) if length.isdecimal() and len(length) < 10 else None
                # The most bytes are read whatever was announced; more than that is no reply.
                wanted = None if known is None else min(known, _LARGEST)
                return busy_verdict(status, named) or Take(wanted, _LARGEST, Facts(None), ranges=False)

            answer: Answer = yield Send(wire_url(url), headers, judge, None, method, content)
            verdict = whole_verdict(answer)
            if not isinstance(verdict, Retry):
                status, named = come[-1]
                if len(answer.body) >= _LARGEST:
                    raise TransferError(f"{self._name} sent more than a reply can be: {redact_url(url)}")
                return Reply(status, named, answer.body)
            failures += 2 if answer.no_contact else 1
            delay = self._rules.delay(failures, verdict.after)
            if delay is None:
                raise self._given_up(url, verdict, failures)
            if self._waiting is not None:
                state = "is busy" if verdict.status else "does not answer"
                self._waiting(f"{self._name} {state}, retry {failures} of {self._rules.tries}")
            yield Sleep(delay)

    def _given_up(self, url: str, verdict: Retry, failures: int) -> TransferError:
        most = self._rules.tries
        if verdict.status:
            return TransferError(
                f"{self._name} is busy: {verdict.why}, retry {min(failures, most)} of {most}.",
                hint="Try again in a minute.",
            )
        return TransferError(
            f"{self._name} did not answer: {verdict.why} ({redact_url(url)}).",
            hint="Check the connection and try again later.",
        )
