"""What an archive is told of a file: from the asset it was made from, and from what is in it now.

The fields are those of DANDI's schema. What the archive computes itself (size, digests, addresses, access) is
not among them, and neither is what nobody has said.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import numpy as np

from lindi_explorer.archive.writer import Metadata
from lindi_explorer.errors import LindiError
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.h5.patches.patch_source import tool

_LISTS = (
    "about",
    "approach",
    "contributor",
    "ethicsApproval",
    "keywords",
    "license",
    "measurementTechnique",
    "protocol",
    "relatedResource",
    "studyTarget",
    "variableMeasured",
    "wasAttributedTo",
    "wasDerivedFrom",
    "wasGeneratedBy",
)
_TEXTS = ("acknowledgement", "description", "name")
"""Fields that people or their files have filled in, by what they hold."""

_NAME = 150
"""The longest name of a session."""

_LONGEST = 10_000

_OBO = "http://purl.obolibrary.org/obo/"
_MALE = {"schemaKey": "SexType", "identifier": f"{_OBO}PATO_0000384", "name": "Male"}
_FEMALE = {"schemaKey": "SexType", "identifier": f"{_OBO}PATO_0000383", "name": "Female"}
_UNKNOWN, _OTHER = ({"schemaKey": "SexType", "name": name} for name in ("Unknown", "Other"))
_SEXES = {
    "f": _FEMALE,
    "female": _FEMALE,
    "m": _MALE,
    "male": _MALE,
    "o": _OTHER,
    "other": _OTHER,
    "u": _UNKNOWN,
    "unknown": _UNKNOWN,
}
_SPECIES = {
    "caenorhabditis elegans": "NCBITaxon_6239",
    "danio rerio": "NCBITaxon_7955",
    "drosophila melanogaster": "NCBITaxon_7227",
    "homo sapiens": "NCBITaxon_9606",
    "macaca mulatta": "NCBITaxon_9544",
    "mus musculus": "NCBITaxon_10090",
    "rattus norvegicus": "NCBITaxon_10116",
}
_AGE = re.compile(r"P(?=\d|T\d)(\d+(\.\d+)?[YMWD])*(T(\d+(\.\d+)?[HMS])+)?")

ENCODINGS = {
    "inline": "application/json",
    "json": "application/json",
    "nwb": "application/x-nwb",
    "tar": "application/x-tar",
}
"""The format of a file, by how it is uploaded."""

BLOB = "application/octet-stream"


def plain_metadata(path: str, encoding: str, schema_version: str) -> Metadata:
    """What is said of blobs and patches.

    Parameters
    ----------
    path, encoding : str
    schema_version : str
        Which the archive has; it may be empty.

    Returns
    -------
    dict
    """
    version = {"schemaVersion": schema_version} if schema_version else {}
    return {
        **version,
        "schemaKey": "Asset",
        "path": path,
        "encodingFormat": encoding,
        "wasGeneratedBy": [_activity()],
    }


def described(file: LindiH5pyFile, plain: Metadata, source: Metadata) -> Metadata:
    """What is said of an edited file.

    Parameters
    ----------
    file : LindiH5pyFile
    plain : dict
        From `plain_metadata`.
    source : dict
        What the archive says of the asset that it was made from; empty where there is none.

    Returns
    -------
    dict
    """
    fields: Metadata = {
        name: source[name]
        for names, kind in ((_LISTS, list), (_TEXTS, str))
        for name in names
        if source.get(name) and isinstance(source[name], kind)
    }
    if keywords := _texts(file, "general/keywords"):
        fields["keywords"] = keywords
    if (subject := _subject(file, _first(fields.get("wasAttributedTo")))) is not None:
        fields["wasAttributedTo"] = [subject, *_list(fields.get("wasAttributedTo"))[1:]]
    before = [one for one in _list(fields.get("wasGeneratedBy")) if not _is_ours(one)]
    sessions = [one for one in before if one.get("schemaKey") == "Session"]
    others = [one for one in before if one.get("schemaKey") != "Session"]
    session = _session(file, sessions[0] if sessions else {})
    generated = [*([session] if session else []), *sessions[1:], *others, *plain["wasGeneratedBy"]]
    return {**fields, **plain, "wasGeneratedBy": generated}


def is_ours(metadata: Metadata) -> bool:
    """Whether a file was made by this program, by what the archive says of it."""
    return any(map(_is_ours, _list(metadata.get("wasGeneratedBy"))))


def _activity() -> Metadata:
    name, _, version = tool().partition(" ")
    software = {"schemaKey": "Software", "name": name, "version": version or "unknown"}
    return {
        "schemaKey": "Activity",
        "name": "Editing with lindi_explorer",
        "description": "What was edited is new; all other data may lie where it was.",
        "wasAssociatedWith": [software],
    }


def _is_ours(activity: Metadata) -> bool:
    makers = _list(activity.get("wasAssociatedWith"))
    return any(maker.get("name") == tool().partition(" ")[0] for maker in makers)


def _session(file: LindiH5pyFile, before: Metadata) -> Metadata:
    """The session of a file, as the archive knew it or not; empty where nothing is said of it."""
    description, identifier = _text(file, "session_description"), _text(file, "general/session_id")
    new = {"schemaKey": "Session", **before}
    if description:
        new["description"] = description
    if identifier:
        new["identifier"] = identifier
    if _is_time(start := _text(file, "session_start_time")):
        new["startDate"] = start
    name = identifier or description
    if name and (not before or "name" not in before or identifier):
        new["name"] = name[:_NAME]
    return new if "name" in new else {}


def _subject(file: LindiH5pyFile, before: Metadata) -> Metadata | None:
    """The subject of a file; None where nothing is said of it in the file."""
    said = {
        name: _text(file, f"general/subject/{name}")
        for name in ("subject_id", "sex", "species", "age", "genotype")
    }
    if not any(said.values()):
        return None
    new = {"schemaKey": "Participant", **before}
    if said["subject_id"]:
        new["identifier"] = said["subject_id"]
    if (known := _SEXES.get(said["sex"].casefold())) is not None:
        new["sex"] = dict(known)
    if said["species"]:
        new["species"] = _species(said["species"], before.get("species"))
    if _AGE.fullmatch(said["age"]):
        new["age"] = _age(said["age"])
    if said["genotype"]:
        new["genotype"] = said["genotype"]
    return new if "identifier" in new else None


def _species(name: str, before: Any) -> Metadata:
    known = str(before.get("name", "")) if isinstance(before, dict) else ""
    if known.casefold().startswith(name.casefold()):
        return dict(before)  # the archive says it with the common name behind
    taxon = _SPECIES.get(name.casefold())
    found = {"schemaKey": "SpeciesType", "name": name}
    return found if taxon is None else {**found, "identifier": _OBO + taxon}


def _age(text: str) -> Metadata:
    birth = {"schemaKey": "PropertyValue", "value": "dandi:BirthReference"}
    unit = "ISO-8601 duration"
    return {"schemaKey": "PropertyValue", "value": text, "unitText": unit, "valueReference": birth}


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- from the file


def _text(file: LindiH5pyFile, path: str) -> str:
    """The text of a dataset with one value; empty where there is none, whatever else there is."""
    found = _texts(file, path)
    return found[0] if len(found) == 1 else ""


def _texts(file: LindiH5pyFile, path: str) -> list[str]:
    try:
        dataset = file[path]
        if not hasattr(dataset, "shape") or dataset.size is None or dataset.size > _LONGEST:
            return []
        values = np.atleast_1d(dataset[()]).tolist()
    except (LindiError, KeyError, TypeError, ValueError, OSError):
        return []  # what cannot be read is said nowhere else either
    if not isinstance(values, list):
        return []
    texts = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in values]
    return [one.strip()[:_LONGEST] for one in texts if isinstance(one, str) and one.strip()]


def _list(value: Any) -> list[Metadata]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(value: Any) -> Metadata:
    return next(iter(_list(value)), {})
