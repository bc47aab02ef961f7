"""What the archive is told of an uploaded file."""

from __future__ import annotations

import json

import pytest

from lindi_explorer.archive.describing import described, plain_metadata
from lindi_explorer.archive.paths import default_path, free_path, patch_path
from lindi_explorer.errors import FormatError
from lindi_explorer.h5 import open_any
from tests.dandi.asking import ask
from tests.unit.archive.conftest import ALICE

SUBJECT = {"subject_id": "m1", "sex": "F", "species": "Mus musculus", "age": "P60D", "genotype": "wt"}
SOURCE = {
    "id": "dandiasset:1",
    "contentSize": 5,
    "digest": {"dandi:dandi-etag": "0-1"},
    "contentUrl": ["https://example.org"],
    "access": [{"status": "dandi:OpenAccess"}],
    "path": "sub-1/a.nwb",
    "dateModified": "2024-01-01T00:00:00Z",
    "schemaVersion": "0.6.0",
    "keywords": ["before"],
    "approach": [{"schemaKey": "ApproachType", "name": "electrophysiological approach"}],
    "measurementTechnique": [{"schemaKey": "MeasurementTechniqueType", "name": "spike sorting"}],
    "variableMeasured": [{"schemaKey": "PropertyValue", "value": "Units"}],
    "wasAttributedTo": [
        {
            "schemaKey": "Participant",
            "identifier": "mouse",
            "species": {"schemaKey": "SpeciesType", "name": "Mus musculus - House mouse", "identifier": "x"},
            "strain": {"schemaKey": "StrainType", "name": "C57"},
        }
    ],
    "wasGeneratedBy": [
        {"schemaKey": "Session", "identifier": "s1", "name": "s1", "description": "before"},
        {
            "schemaKey": "Activity",
            "name": "Metadata generation",
            "wasAssociatedWith": [{"name": "DANDI CLI"}],
        },
    ],
}


@pytest.fixture
def file(tmp_path):
    """A file with a subject and a session, as NWB has them."""
    with open_any({"refs": {".zgroup": {"zarr_format": 2}}, "version": 1}) as made:
        for name, value in SUBJECT.items():
            made[f"general/subject/{name}"] = value
        made["general/session_id"] = "s2"
        made["general/keywords"] = ["ephys", "mouse"]
        made["session_description"] = "after"
        made["session_start_time"] = "2024-03-12T10:00:00+01:00"
        yield made


def tools(metadata) -> list[tuple[str, str]]:
    """Names and versions of the programs behind a file."""
    makers = [one for made in metadata["wasGeneratedBy"] for one in made.get("wasAssociatedWith", [])]
    return [(one["name"], one.get("schemaKey", "")) for one in makers]


def test_what_people_said_is_kept_and_what_the_archive_computes_is_not(file):
    plain = plain_metadata("sub-1/a.nwb.lindi.json", "application/json", "0.7.0")
    made = described(file, plain, SOURCE)
    for name in ("approach", "measurementTechnique", "variableMeasured"):
        assert made[name] == SOURCE[name]
    computed = ("id", "contentSize", "digest", "contentUrl", "access", "dateModified")
    assert made.keys().isdisjoint(computed)
    assert (made["path"], made["encodingFormat"]) == ("sub-1/a.nwb.lindi.json", "application/json")
    assert (made["schemaKey"], made["schemaVersion"]) == ("Asset", "0.7.0")


def test_what_is_in_the_file_now_counts(file):
    made = described(file, plain_metadata("a", "application/json", ""), SOURCE)
    assert made["keywords"] == ["ephys", "mouse"]
    (subject,) = made["wasAttributedTo"]
    assert subject == {
        "schemaKey": "Participant",
        "identifier": "m1",
        "strain": SOURCE["wasAttributedTo"][0]["strain"],
        "species": SOURCE["wasAttributedTo"][0]["species"],
        "sex": {
            "schemaKey": "SexType",
            "identifier": "http://purl.obolibrary.org/obo/PATO_0000383",
            "name": "Female",
        },
        "age": {
            "schemaKey": "PropertyValue",
            "value": "P60D",
            "unitText": "ISO-8601 duration",
            "valueReference": {"schemaKey": "PropertyValue", "value": "dandi:BirthReference"},
        },
        "genotype": "wt",
    }
    session = made["wasGeneratedBy"][0]
    assert session == {
        "schemaKey": "Session",
        "identifier": "s2",
        "name": "s2",
        "description": "after",
        "startDate": "2024-03-12T10:00:00+01:00",
    }
    assert "schemaVersion" not in made


def test_this_program_is_named_once_however_often_a_file_was_edited(file):
    plain = plain_metadata("a", "application/json", "")
    first = described(file, plain, SOURCE)
    assert tools(first) == [("DANDI CLI", ""), ("lindi_explorer", "Software")]
    assert described(file, plain, first) == first
    (software,) = first["wasGeneratedBy"][-1]["wasAssociatedWith"]
    assert software["version"]


def test_without_a_source_the_file_speaks_for_itself(file):
    made = described(file, plain_metadata("a", "application/json", ""), {})
    species = made["wasAttributedTo"][0]["species"]
    assert species == {
        "schemaKey": "SpeciesType",
        "name": "Mus musculus",
        "identifier": "http://purl.obolibrary.org/obo/NCBITaxon_10090",
    }


def test_what_makes_no_sense_is_not_said():
    with open_any({"refs": {".zgroup": {"zarr_format": 2}}, "version": 1}) as made:
        made["general/subject/age"] = "ten days"
        made["general/subject/subject_id"] = [1, 2]
        made["general/subject/sex"] = "?"
        made["general/keywords"] = 3
        made["session_start_time"] = "yesterday"
        made.create_group("session_description")
        plain = plain_metadata("a", "application/json", "")
        found = described(made, plain, {"keywords": "x", "wasAttributedTo": 3, "name": ["x"]})
    assert found == plain


def test_the_archive_gets_it(desk):
    route = f"/dandisets/{desk.assets.open_set}/versions/draft/assets/{desk.assets.h5}/"
    blob = desk.api(f"/assets/{desk.assets.h5}/info/")["blob"]
    described_source = {**SOURCE, "schemaKey": "Asset", "encodingFormat": "application/x-nwb"}
    asset = ask(
        "PUT",
        f"{desk.double.api}{route}",
        {"metadata": described_source, "blob_id": blob},
        token=ALICE,
    ).json["asset_id"]
    with desk.edited(desk.double.download_url(asset)) as file:
        file["general/keywords"] = ["after"]
        done = desk.prepare(file, mode="json").run()
    found = desk.metadata(done.asset_id)
    assert found["approach"] == SOURCE["approach"]
    assert found["keywords"] == ["after"]
    assert tools(found)[-1][0] == "lindi_explorer"
    for path, asset_id in desk.listed().items():
        if path.startswith("lindi_blobs/"):
            blob = desk.metadata(asset_id)
            assert blob["encodingFormat"] == "application/octet-stream"
            assert "approach" not in blob
        if "patch" in path:
            assert json.loads(desk.content(asset_id))["format"] == "lindi_explorer patch"


def test_where_files_go_by_themselves():
    assert default_path("sub-1/a.nwb", "json") == "sub-1/a.nwb.lindi.json"
    assert default_path("sub-1/a.nwb.lindi.json", "inline") == "sub-1/a.nwb.lindi.json"
    assert default_path("sub-1/a.nwb.lindi.json", "tar") == "sub-1/a.nwb.lindi.tar"
    assert default_path("sub-1/a.nwb.lindi.json", "nwb") == "sub-1/a.nwb"
    assert default_path("a.h5", "json") == "a.h5.lindi.json"
    assert default_path("memory-1", "nwb") == "memory-1.nwb"
    assert patch_path("sub-1/a.nwb.lindi.json") == "sub-1/a.nwb.lindi_patch.json"
    assert patch_path("a.nwb.lindi.tar") == "a.nwb.lindi.tar_patch.json"
    assert patch_path("a.nwb") == "a.nwb_patch.json"
    taken = {"a/b.nwb.lindi.json", "a/b-2.nwb.lindi.json"}
    assert free_path("a/b.nwb.lindi.json", taken.__contains__) == "a/b-3.nwb.lindi.json"
    with pytest.raises(FormatError, match="very many"):
        free_path("a", lambda _path: True)
