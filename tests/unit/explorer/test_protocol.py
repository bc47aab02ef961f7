"""The protocol: one source for both sides, every request answered, nothing else let in."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from lindi_explorer.explorer import answers, choosing, session
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.protocol_ts import typescript

GENERATED = Path(__file__).resolve().parents[3] / "js" / "src" / "protocol.gen.ts"


def test_typescript_is_generated_from_this_protocol():
    assert GENERATED.read_text(encoding="utf-8") == typescript(), "run `make protocol`"


def test_every_request_but_cancel_has_one_answer():
    tables = [answers.READS, answers.WITH_BUFFERS, answers.EDITS, session._OWN, choosing._OWN]
    answered = [kind for table in tables for kind in table]
    assert sorted(kind.__name__ for kind in answered) == sorted(
        kind.__name__ for kind in set(get_args(p.AnyRequest)) - {p.Cancel}
    )


def test_requests_come_as_json_with_defaults_left_out():
    request = p.decode_request(b'{"op": "children", "id": "v1:7", "path": "/a"}')
    assert request == p.GetChildren(id="v1:7", path="/a", offset=0, limit=500)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b'{"op": "destroy", "id": "1"}',
        b'{"op": "node", "id": "1"}',
        b'{"op": "node", "id": 1, "path": "/"}',
        b'{"op": "children", "id": "1", "path": "/", "offset": "0"}',
        b'{"op": "revert", "id": "1", "changes": [1.5]}',
    ],
)
def test_what_is_no_request_is_refused(text):
    with pytest.raises(msgspec.ValidationError):
        p.decode_request(text)
