"""One request from question to answer, step by step and without a network."""

from __future__ import annotations

import pytest

from lindi_explorer.errors import StaleFileError, TransferError
from lindi_explorer.remote import ReaderStats, RetryRules
from lindi_explorer.remote.exchange import Exchange
from lindi_explorer.remote.http import judge
from lindi_explorer.remote.messages import (
    Answer,
    Ask,
    Facts,
    Fetched,
    Headers,
    Lead,
    Redirect,
    Resolve,
    Send,
    Sleep,
)
from lindi_explorer.remote.policy import OriginPolicy

URL = "https://host/f"


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(OriginPolicy(None), RetryRules(), {}, ReaderStats())


def _until_sent(talk) -> Send:
    assert next(talk) == Lead(URL, wait=False)
    assert talk.send(True) == Resolve(URL)
    send = talk.send(URL)
    assert isinstance(send, Send)
    return send


def _part(send: Send, etag: str) -> Answer:
    headers = {"content-range": "bytes 0-2/3", "etag": etag}
    return Answer(send.judge(206, headers), b"abc")


def test_two_first_answers_of_two_versions_do_not_both_count(exchange) -> None:
    """Threads that find their way at the same time may meet a file that is just being replaced."""
    first, second = exchange.talk(Ask(URL, 0, 3)), exchange.talk(Ask(URL, 0, 3))
    answers = [_part(_until_sent(first), '"v1"'), _part(_until_sent(second), '"v2"')]
    with pytest.raises(StopIteration) as done:
        first.send(answers[0])
    assert done.value.value.body == b"abc"
    with pytest.raises(StaleFileError):
        second.send(answers[1])
    assert exchange.pins.get(URL).etag == '"v1"'


def test_two_first_answers_of_one_version_agree(exchange) -> None:
    first, second = exchange.talk(Ask(URL, 0, 3)), exchange.talk(Ask(URL, 0, 3))
    for talk, answer in [(t, _part(_until_sent(t), '"v1"')) for t in (first, second)]:
        with pytest.raises(StopIteration):
            talk.send(answer)


def test_whoever_does_not_lead_guesses_once(exchange) -> None:
    talk = exchange.talk(Ask(URL, 0, 3))
    assert next(talk) == Lead(URL, wait=False)
    assert isinstance(talk.send(False), Send)
    assert talk.send(Answer(None, broken="refused")) == Lead(URL)
    # Nobody guesses after that, until the way is known.
    assert next(exchange.talk(Ask(URL, 0, 3))) == Lead(URL)
    exchange.routes.keep(URL, URL)
    assert isinstance(next(exchange.talk(Ask(URL, 0, 3))), Send)


def test_a_good_guess_is_an_answer_and_shows_the_way(exchange) -> None:
    talk = exchange.talk(Ask(URL, 0, 3))
    next(talk)
    with pytest.raises(StopIteration) as done:
        talk.send(_part(talk.send(False), '"v1"'))
    assert done.value.value.body == b"abc"
    assert exchange.routes.get(URL) == URL


def test_only_so_many_guess_at_a_time(exchange) -> None:
    talks = [exchange.talk(Ask(URL, i, 3)) for i in range(100)]
    guesses = sum(next(talk) == Lead(URL, wait=False) and bool(talk.send(False)) for talk in talks)
    assert guesses == 32


@pytest.mark.parametrize(
    "url", ["https://host/api/assets/1/download/?x=1", "https://host/a/Download", "s3://b/k"]
)
def test_addresses_that_lead_elsewhere_are_not_guessed(exchange, url) -> None:
    assert next(exchange.talk(Ask(url, 0, 3))) == Lead(url)


def test_a_known_host_gets_all_tries_and_an_unknown_one_half_of_them(exchange) -> None:
    def tries() -> int:
        talk, count = exchange.talk(Ask(URL, 0, 3)), 0
        action = next(talk)
        try:
            while True:
                count += isinstance(action, Send)
                replies = {
                    Lead: True,
                    Resolve: URL,
                    Sleep: None,
                    Send: Answer(None, broken="refused", no_contact=True),
                }
                action = talk.send(replies[type(action)])
        except TransferError as error:
            assert f"({count} tries)" in str(error)  # noqa: PT017 - the count is known by now only
            return count

    assert tries() == 3
    talk = exchange.talk(Ask(URL, 0, 3))
    with pytest.raises(StopIteration):
        talk.send(_part(_until_sent(talk), '"v1"'))
    assert tries() == 6


def test_the_url_of_a_fault_is_never_told_in_full(exchange) -> None:
    talk = exchange.talk(Ask(URL + "?token=secret", 0, 3))
    next(talk)
    talk.send(True)
    send = talk.send(URL + "?token=secret")
    assert "secret" in send.url
    with pytest.raises(TransferError) as caught:
        talk.send(Answer(send.judge(400, {})))
    assert "secret" not in repr(caught.value) + caught.value.hint


def test_what_was_sent_and_what_came_is_not_shown() -> None:
    """Replies of an archive hold signed links, and so do addresses."""
    secret = "https://host/f?X-Amz-Signature=planted"
    shown = [
        *(Ask(secret), Fetched(secret.encode(), Facts(3)), Answer(None, secret.encode())),
        *(Send(secret, Headers({"Authorization": "planted"}), judge, None), Redirect(secret)),
    ]
    assert "planted" not in repr(shown)
