"""Numbers inside sentences."""

from __future__ import annotations

import pytest

from lindi_explorer.explorer.words import bytes_words, count_words, duration_words, rate_words, time_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (412_345, "412 kB"),
        (1_250_000, "1.25 MB"),
        (999_999, "1 MB"),
        (137_200_000_000, "137 GB"),
        (5 << 70, "5,903 EB"),
    ],
)
def test_bytes(count, words):
    assert bytes_words(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0001, "1 ms"),
        (0.003, "3 ms"),
        (0.9, "0.9 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (5625, "1 h 33 min 45 s"),
        (86_400 * 65, "65 d"),
    ],
)
def test_durations(seconds, words):
    assert duration_words(seconds) == words


def test_rates_and_counts():
    assert rate_words(30_000) == "30 kHz"
    assert rate_words(29.97) == "29.97 Hz"
    assert rate_words(24_414.0625) == "24.41 kHz"
    assert count_words(1, "row") == "1 row"
    assert count_words(1640, "row") == "1,640 rows"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-03-12T15:30:05+01:00", "2024-03-12 15:30:05 +01:00"),
        ("2024-03-12T15:30:05.123456Z", "2024-03-12 15:30:05 +00:00"),
        ("2024-03-12T15:30:05", "2024-03-12 15:30:05"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_times_keep_their_offset_and_anything_else_stays_as_it_is(text, words):
    assert time_words(text) == words
