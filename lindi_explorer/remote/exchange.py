"""One request from question to answer, with redirects, retries and renewed links, but without I/O.

`Exchange.talk` is a generator: it yields what is to be done next and is sent the outcome. The blocking and
the concurrent transport both drive it, so the rules exist once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import TransferError
from lindi_explorer.remote import archives
from lindi_explorer.remote.address import SecretUrl, basic_authorization, joined, origin_of, wire_url
from lindi_explorer.remote.faults import stale
from lindi_explorer.remote.http import MAX_REDIRECTS, judge, request_headers
from lindi_explorer.remote.messages import (
    Action,
    Answer,
    Ask,
    Failed,
    Fetched,
    Headers,
    Lead,
    Redirect,
    Resolve,
    Retry,
    Send,
    Sleep,
    Take,
    Unchanged,
    Unlock,
)
from lindi_explorer.remote.pins import Pins
from lindi_explorer.remote.policy import check_redirect, may_carry_credentials
from lindi_explorer.remote.resolve import Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from lindi_explorer.remote.messages import Verdict
    from lindi_explorer.remote.policy import OriginPolicy
    from lindi_explorer.remote.retry import RetryRules
    from lindi_explorer.remote.stats import ReaderStats


# Refusals of a busy server, while it answers others, that one request takes in all.
MOST_REFUSALS = 100


@dataclass(frozen=True)
class Exchange:
    """What all requests of one reader share.

    Attributes
    ----------
    policy : OriginPolicy
        Where requests may go.
    rules : RetryRules
        When failed ones are sent again.
    credentials : mapping
        Origin -> headers that are sent to that origin only.
    stats : ReaderStats
        Counts them.
    keys : bool
        Whether archives are asked for a key where there is a refusal.
    """

    policy: OriginPolicy
    rules: RetryRules
    credentials: Mapping[str, Mapping[str, str]]
    stats: ReaderStats
    routes: Routes = field(default_factory=Routes)
    pins: Pins = field(default_factory=Pins)
    keys: bool = True

    def talk(
        self, ask: Ask, progress: Callable[[int], None] | None = None
    ) -> Generator[Action, Any, Fetched]:
        """Fetch what is asked for; drive the generator and take its return value.

        Parameters
        ----------
        ask : Ask
            What is wanted.
        progress : callable, optional
            Told how many bytes of the body have come, again and again.

        Raises
        ------
        LindiError
            One of the family, when it cannot be had.
        """
        for renewed in (False, True):
            address = yield from self._way(ask, may_guess=not renewed)
            if isinstance(address, Fetched):
                return address
            if ask.mode == "check" and (held := self.pins.get(ask.url)) is not None:
                return Fetched(b"", held, unchanged=True)
            known_way = address is not None
            if address is None:
                address = yield from self._start(ask.url)
            outcome = yield from self._follow(ask, address, progress)
            if isinstance(outcome, Fetched):
                return outcome
            if not (outcome.renewable and known_way and not renewed):
                raise outcome.error
            self.routes.forget(ask.url, address)
        raise AssertionError  # the second round returns or raises

    def _way(self, ask: Ask, *, may_guess: bool) -> Generator[Action, Any, str | Fetched | None]:
        """The address that answers for a URL; None for the one who is to find it.

        Others need not wait meanwhile where the URL looks as if it answered itself. They guess, once: any
        other answer than the bytes costs no more than that request, and they wait like everybody else.
        """
        may_guess = may_guess and ask.mode == "exact"
        while (address := self.routes.get(ask.url)) is None:
            may_guess = may_guess and self.routes.may_be_straight(ask.url)
            if (yield Lead(ask.url, wait=not may_guess)):
                return None
            if may_guess:
                may_guess = False
                if (fetched := (yield from self._guess(ask))) is not None:
                    return fetched
        return address

    def _guess(self, ask: Ask) -> Generator[Action, Any, Fetched | None]:
        with self.routes.guessing(ask.url):
            answer = yield from self._sent(ask, ask.url)
        verdict = whole_verdict(answer)
        if not isinstance(verdict, Take):
            self.routes.refute(ask.url)
            return None
        outcome = self._conclude(ask, ask.url, verdict, answer.body)
        return outcome if isinstance(outcome, Fetched) else None

    def _sent(
        self,
        ask: Ask,
        address: str,
        key: Headers | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Generator[Action, Any, Answer]:
        self.policy.check_url(address)
        own = self._credentials_for(ask.url, address)
        headers = Headers({**own, **(key or {}), **request_headers(ask, self.pins.get(ask.url))})
        self.stats.add(requests=1)
        answer: Answer = yield Send(wire_url(address), headers, self._judge(ask), progress)
        self.stats.add(received=len(answer.body))
        return answer

    def _start(self, url: str) -> Generator[Action, Any, str]:
        address: str = yield Resolve(url)
        if address != url:
            self.policy.trust(address)
        return address

    def _follow(
        self, ask: Ask, address: str, progress: Callable[[int], None] | None
    ) -> Generator[Action, Any, Fetched | Failed]:
        hops = failures = sent = 0
        got_through = self.stats.received
        key = Headers()
        while True:
            answer = yield from self._sent(ask, address, key, progress)
            verdict = whole_verdict(answer)
            if isinstance(verdict, Redirect):
                hops += 1
                target = SecretUrl(joined(address, verdict.location))
                if hops > MAX_REDIRECTS:
                    return Failed(
                        TransferError(f"{redact_url(ask.url)} redirects more than {MAX_REDIRECTS} times.")
                    )
                check_redirect(address, target)
                address, key = target, Headers()  # a key is for the address that asked for it
                failures = sent = 0  # it is another request, which has tries of its own
            elif isinstance(verdict, Retry):
                sent += 1
                others_got = self.stats.received > got_through
                got_through = self.stats.received
                if verdict.busy and others_got and sent < MOST_REFUSALS:
                    # It is not down, but asked for too much at a time, which `Slots` mends: no failure.
                    failures = max(failures, 1)
                else:
                    # A host that never answered is more likely misspelt than busy: it gets half the tries.
                    failures += 2 if answer.no_contact and self.pins.get(ask.url) is None else 1
                yield Sleep(self._pause(ask, verdict, failures, sent))
            elif self.keys and _is_locked(verdict) and not key and (found := (yield Unlock(address))):
                key, failures, sent = found, 0, 0
            else:
                if isinstance(verdict, Failed) and verdict.refused:
                    told = archives.refusal(address, verdict.refused, keyed=bool(key))
                    verdict = verdict if told is None else replace(verdict, error=told)
                return self._conclude(ask, address, verdict, answer.body)

    def _judge(self, ask: Ask) -> Callable[[int, Mapping[str, str]], Verdict]:
        # Asked for when the answer is there: meanwhile another answer may have said what the file is.
        return lambda status, headers: judge(ask, status, headers, self.pins.get(ask.url))

    def _pause(self, ask: Ask, verdict: Retry, failures: int, sent: int) -> float:
        delay = self.rules.delay(failures, verdict.after)
        if delay is None:
            times = "1 try" if sent == 1 else f"{sent} tries"
            raise TransferError(
                f"{redact_url(ask.url)} could not be read: {verdict.why} ({times}).",
                hint="Check the connection and try again later.",
            )
        self.stats.add(retries=1)
        return delay

    def _conclude(
        self, ask: Ask, address: str, verdict: Take | Unchanged | Failed, body: bytes
    ) -> Fetched | Failed:
        facts = ask.known if isinstance(verdict, Unchanged) else verdict.facts
        if facts is not None:
            held = self.pins.hold(ask.url, facts)
            self.routes.keep(ask.url, address)
            if facts.differs_from(held):
                # Two first answers at once, of two versions: whoever comes second has to give way.
                return Failed(stale(ask.url))
        if isinstance(verdict, Failed):
            return verdict
        assert facts is not None
        if isinstance(verdict, Unchanged):
            return Fetched(b"", facts, unchanged=True)
        return Fetched(body, facts, verdict.ranges)

    def _credentials_for(self, url: str, address: str) -> Headers:
        if not may_carry_credentials(address):
            return Headers()
        origin = origin_of(address)
        headers = Headers(self.credentials.get(origin, {}))
        for holder in (url, address):
            if (
                "@" in holder
                and not headers
                and origin_of(holder) == origin
                and (basic := basic_authorization(holder))
            ):
                headers["Authorization"] = basic
        return headers


def _is_locked(verdict: Verdict) -> bool:
    return isinstance(verdict, Failed) and verdict.refused != 0


def whole_verdict(answer: Answer) -> Verdict:
    """Turn an answer that broke off into one that is worth another try."""
    if answer.verdict is None:
        return Retry(answer.broken)
    wanted = answer.verdict.length if isinstance(answer.verdict, Take) else 0
    if wanted is not None and len(answer.body) < wanted:
        return Retry(f"the answer was cut off after {len(answer.body):,} of {wanted:,} bytes")
    return answer.verdict
