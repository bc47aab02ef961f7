"""An upload that ends at any request goes on from there."""

from __future__ import annotations

import itertools

import numpy as np

from lindi_explorer.h5 import open_any
from lindi_explorer.remote.calls import WebCalls
from tests.dandi.asking import ask
from tests.unit.archive.conftest import ALICE, NEW

DOCUMENT = "sub-1/a.nwb.lindi.json"


class KilledError(BaseException):
    """Ends an upload at any place, as being killed would; only what was copied is still cleaned up."""


def killed_at(desk, monkeypatch, number: int) -> bool:
    """Whether an upload came to its so-many-th request, and ended there, when that was answered."""
    send, numbers = WebCalls.send, itertools.count(1)

    def send_or_die(self, *arguments):
        mine = next(numbers)
        if mine > number:
            raise KilledError
        reply = send(self, *arguments)
        if mine == number:
            raise KilledError
        return reply

    with monkeypatch.context() as patch, desk.edited() as file:
        patch.setattr(WebCalls, "send", send_or_die)
        try:
            desk.prepare(file, mode="json", conflict="replace").run()
        except KilledError:
            return True
    return False


def test_killed_after_any_request_it_goes_on(desk, monkeypatch, count):
    number, step = 3, count(4, 1)
    while killed_at(desk, monkeypatch, number):
        with desk.edited() as file:
            done = desk.prepare(file, mode="json", conflict="replace").run()
        assert (done.status, done.orphans) == ("Valid", ())
        listed = desk.listed()
        assert len(listed) == 4
        assert listed[DOCUMENT] == done.asset_id
        with open_any(done.url) as file:
            np.testing.assert_array_equal(file["new"][...], NEW)
        for path in listed:
            if path != "sub-1/a.nwb":
                route = f"/dandisets/{desk.assets.open_set}/versions/draft/assets/{listed[path]}/"
                ask("DELETE", f"{desk.double.api}{route}", token=ALICE)
        number += step
    assert number > 20
