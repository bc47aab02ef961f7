"""Download links: they expire, lead elsewhere, fail by schedule, and the file behind them may change."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, StaleFileError, TransferError
from lindi_explorer.h5 import open_any
from lindi_explorer.remote import LocalCache, RangeReader
from tests.unit.archive.conftest import ALICE, DATA


@pytest.fixture
def content(assets) -> bytes:
    return assets.path.read_bytes()


@pytest.fixture
def url(double, assets) -> str:
    return double.download_url(assets.h5)


def answers(double) -> list[tuple[str, int]]:
    return [(entry["origin"], entry["status"]) for entry in double.log()]


def test_a_link_is_used_again_while_it_lasts(double, url, content):
    with RangeReader(url) as reader:
        for start in (0, 1_100_000, 2_200_000):
            assert reader.read_now(ByteRange(url, start, 10)) == content[start : start + 10]
    assert answers(double) == [("api", 302), *[("storage", 206)] * 3]


def test_many_reads_at_once_ask_for_one_link(double, url, content):
    ranges = [ByteRange(url, start, 10) for start in range(0, 2_400_000, 150_000)]
    with RangeReader(url) as reader:
        assert reader.read_many(ranges) == [content[one.offset : one.end] for one in ranges]
    assert len(double.log("api")) == 1
    assert len(double.log("storage")) > 5


def test_a_link_that_has_expired_is_replaced_silently(double, url, content):
    with RangeReader(url) as reader:
        reader.read_now(ByteRange(url, 0, 10))
        double.advance(7 * 3600)
        assert reader.read_now(ByteRange(url, 1000, 10)) == content[1000:1010]
        assert reader.read_now(ByteRange(url, 2000, 10)) == content[2000:2010]
    assert answers(double)[2:] == [("storage", 403), ("api", 302), ("storage", 206), ("storage", 206)]


def test_many_reads_at_once_get_over_an_expired_link(double, url, content):
    ranges = [ByteRange(url, start, 10) for start in range(0, 2_400_000, 150_000)]
    with RangeReader(url) as reader:
        reader.read_now(ByteRange(url, 0, 10))
        double.advance(7 * 3600)
        assert reader.read_many(ranges) == [content[one.offset : one.end] for one in ranges]


def test_once_only(double, url):
    with RangeReader(url) as reader:
        reader.read_now(ByteRange(url, 0, 10))
        double.set(link_seconds=0)
        double.advance(7 * 3600)
        with pytest.raises(AccessDeniedError, match="status 403"):
            reader.read_now(ByteRange(url, 1000, 10))
    assert answers(double)[2:] == [("storage", 403), ("api", 302), ("storage", 403)]


def test_a_link_is_given_up_before_it_expires(double, url, content, monkeypatch):
    with RangeReader(url) as reader:
        reader.read_now(ByteRange(url, 0, 10))
        clock = reader._exchange.routes._clock
        monkeypatch.setattr(reader._exchange.routes, "_clock", lambda: clock() + 6 * 3600 - 59)
        assert reader.read_now(ByteRange(url, 1000, 10)) == content[1000:1010]
    assert answers(double)[2:] == [("api", 302), ("storage", 206)]


def test_an_expired_link_under_embargo_is_replaced_with_the_key(double, assets, key):
    key(ALICE)
    with open_any(double.download_url(assets.secret)) as file:
        double.advance(7 * 3600)
        np.testing.assert_array_equal(file["data"][2700:], DATA[2700:])


def test_every_part_is_of_the_version_that_was_opened(double, assets, url, tmp_path):
    with RangeReader(url) as reader:
        reader.read_now(ByteRange(url, 0, 10))
        reader.read_now(ByteRange(url, 50, 10))
        etag = double.describe(assets.h5)["etag"]
        assert double.log("storage")[-1]["if_match"] == f'"{etag}"'
        (tmp_path / "other").write_bytes(bytes(3_000_000))
        double.overwrite(assets.h5, tmp_path / "other")
        with pytest.raises(StaleFileError, match="changed while it was open"):
            reader.read_now(ByteRange(url, 100, 10))


def test_a_replaced_asset_is_opened_anew_and_the_one_that_is_open_goes_on(double, assets, tmp_path):
    source = f"dandi://double/{assets.open_set}/sub-1/a.nwb"
    with open_any(source) as old:
        old.attrs["name"] = "replaced"
        old.to_hdf5(tmp_path / "new.h5")
        double.put_asset(assets.open_set, "sub-1/a.nwb", tmp_path / "new.h5")
        np.testing.assert_array_equal(old["data"][2700:], DATA[2700:])
        with open_any(source) as new:
            assert new.attrs["name"] == "replaced"
            assert new.source.address != old.source.address


def test_the_cache_knows_a_file_by_its_etag_and_not_by_its_link(double, assets, url, tmp_path):
    for _ in range(2):
        cache = LocalCache(cache_dir=tmp_path / "cache")
        with open_any(url, local_cache=cache) as file:
            np.testing.assert_array_equal(file["data"][:10], DATA[:10])
        double.advance(7 * 3600)
    double.forget()
    with open_any(url, local_cache=LocalCache(cache_dir=tmp_path / "cache")) as file:
        np.testing.assert_array_equal(file["data"][:10], DATA[:10])
    assert answers(double) == [("api", 302), ("storage", 304)]


# ---------------------------------------------------------------- faults


def test_faults_by_schedule_change_no_value(double, assets, key):
    key(ALICE)
    for kind, origin, every in (
        ("throttled", "api", 3),
        ("gateway", "api", 4),
        ("reset", "api", 5),
        ("slow-down", "storage", 3),
        ("short", "storage", 4),
        ("reset", "storage", 5),
        ("broken", "storage", 7),
    ):
        double.fault(kind, origin, every=every)
    for source in (
        f"dandi://double/{assets.open_set}/sub-1/a.nwb",
        f"dandi://double/{assets.closed_set}/b.nwb",
    ):
        with open_any(source) as file:
            np.testing.assert_array_equal(file["data"][...], DATA)


def test_an_archive_that_stays_busy(double, assets, url):
    double.fault("throttled", "api", after=1)
    with pytest.raises(TransferError, match="double is busy: the server answered 429, retry 6 of 6"):
        open_any(f"dandi://double/{assets.open_set}/sub-1/a.nwb")
    assert len(double.log("api")) == 6
    with pytest.raises(TransferError, match=r"the server answered 429 \(6 tries\)"):
        open_any(url)


@pytest.mark.parametrize("kind", ["short", "reset"])
def test_an_archive_that_is_cut_off_again_and_again(double, assets, kind):
    double.fault(kind, "api")
    with pytest.raises(TransferError, match="double did not answer"):
        open_any(f"dandi://double/{assets.open_set}/sub-1/a.nwb")


# ---------------------------------------------------------------- where a document may lead


@pytest.fixture
def document(double, assets, tmp_path):
    """Puts a LINDI file in the archive whose one dataset lies at an address; returns its own."""

    def make(address: str) -> str:
        array = {
            "chunks": [10],
            "compressor": None,
            "dtype": "|u1",
            "fill_value": 0,
            "filters": None,
            "order": "C",
            "shape": [10],
            "zarr_format": 2,
        }
        refs = {".zgroup": {"zarr_format": 2}, "x/.zarray": array, "x/0": [address, 0, 10]}
        path = tmp_path / "document"
        path.write_text(json.dumps({"refs": refs, "version": 1}))
        double.put_asset(assets.open_set, "x.nwb.lindi.json", path)
        return f"dandi://double/{assets.open_set}/x.nwb.lindi.json"

    return make


def test_a_document_reaches_the_archive_and_its_storage(double, assets, url, content, document):
    for address in (url, double.describe(assets.h5)["unsigned_url"]):
        with lindi.LindiH5pyFile.from_lindi_file(document(address)) as file:
            assert file["x"][...].tobytes() == content[:10]


def test_a_document_reaches_nothing_else_in_this_computer(double, document, serve, tmp_path):
    (tmp_path / "private").write_bytes(bytes(10))
    server = serve(tmp_path)
    with (
        lindi.LindiH5pyFile.from_lindi_file(document(server.url("private"))) as file,
        pytest.raises(AccessDeniedError, match="inside this computer or network"),
    ):
        file["x"][...]
    assert server.log() == []


def test_a_storage_in_this_computer_has_to_be_named(double, url):
    lindi.add_dandi_instance("double", double.api)
    with pytest.raises(AccessDeniedError, match="inside this computer or network"):
        open_any(url)
    assert double.log("storage") == []
