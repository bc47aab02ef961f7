"""A byte range and what may be shown of a URL."""

import dataclasses
import pickle

import pytest

from lindi_explorer.byterange import ByteRange, redact_url


def test_end_is_exclusive() -> None:
    assert ByteRange("https://a/b", 10, 5).end == 15
    assert ByteRange("https://a/b", 10, 0).end == 10


@pytest.mark.parametrize(("offset", "length"), [(-1, 5), (0, -5)])
def test_negative_numbers_are_refused(offset: int, length: int) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        ByteRange("https://a/b", offset, length)


def test_is_a_frozen_value() -> None:
    value = ByteRange("https://a/b", 1, 2)
    assert value == ByteRange("https://a/b", 1, 2)
    assert len({value, ByteRange("https://a/b", 1, 2)}) == 1
    assert pickle.loads(pickle.dumps(value)) == value
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.offset = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/f.nwb?X-Amz-Signature=secret", "https://h/f.nwb"),
        ("https://h/f.nwb#secret", "https://h/f.nwb"),
        ("https://user:secret@h:8080/f.nwb", "https://h:8080/f.nwb"),
        ("https://user:sec@ret@h/f", "https://h/f"),
        ("https://h?secret", "https://h"),
        ("https://[broken?secret", "https://[broken"),
        ("s3://bucket/key?secret", "s3://bucket/key"),
        ("/data/what?#.nwb", "/data/what?#.nwb"),
        ("https://h/a\nb", "https://h/a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_redacted_url_shows_no_secret(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_redacted_url_is_cut() -> None:
    assert len(redact_url("https://h/" + "x" * 10_000)) < 320
