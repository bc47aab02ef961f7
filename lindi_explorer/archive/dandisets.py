"""What people write to say which dandiset they mean, or which folder of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from lindi_explorer.archive.instances import Instance, instance_named, instances
from lindi_explorer.archive.names import Named, parse
from lindi_explorer.archive.spelling import below
from lindi_explorer.remote.address import is_remote
from lindi_explorer.remote.archives import is_name

if TYPE_CHECKING:
    from typing import Any

_DANDI = re.compile(r"dandi://([^/]+)/(\d{6})(?:@([A-Za-z0-9.]+))?(?:/((?:[^?]*/)?))?", re.IGNORECASE)
_WEB_PAGE = re.compile(r"/dandiset/(\d{6})(?:/(draft|\d[\d.]*))?(?:/files)?/?(?:\?(.*))?")
_API = re.compile(r"/dandisets/(\d{6})(?:/versions/([A-Za-z0-9.]+)(?:/assets)?)?/?")


@dataclass(frozen=True, slots=True)
class DandisetName:
    """A dandiset, as somebody names it.

    Attributes
    ----------
    instance : Instance
    dandiset : str
        Six digits.
    version : str
        ``draft`` or the name of a publication; empty: the newest publication, or the draft if there is none.
    folder : str
        The folder that is meant, without slashes around it; mostly empty.
    """

    instance: Instance
    dandiset: str
    version: str = ""
    folder: str = ""


def dandiset_named(source: Any) -> DandisetName | None:
    """Understand the name of a dandiset, or of a folder of one.

    Parameters
    ----------
    source : object
        ``dandi://instance/dandiset[@version][/folder/]``, or the address of its web page or in the API.

    Returns
    -------
    DandisetName or None
        None for anything else, the name of a file among it.

    Raises
    ------
    FormatError
        If there is no such instance.
    """
    if not isinstance(source, str):
        return None
    match = _DANDI.fullmatch(source)
    if match is not None:
        instance = instance_named(match[1].lower())
        return DandisetName(instance, match[2], match[3] or "", unquote(match[4] or "").strip("/"))
    if not is_remote(source):
        return None
    for instance in instances():
        match = _API.fullmatch(below(instance.api, source) or "")
        if match is not None:
            return DandisetName(instance, match[1], match[2] or "")
        found = _of_web_page(instance, source) if instance.web else None
        if found is not None:
            return found
    return None


def dandiset_around(source: Any) -> DandisetName | None:
    """The dandiset that a file is named to be in.

    Parameters
    ----------
    source : object
        See `lindi_explorer.archive.names.parse`.

    Returns
    -------
    DandisetName or None
        ``folder`` is the path of the file. None for anything else, the id of an asset among it.

    Raises
    ------
    FormatError
        If it is of this kind and names no file.
    """
    if not isinstance(source, (str, tuple)) or not (is_name(source) or is_remote(str(source))):
        return None
    found = parse(source)
    if not isinstance(found, Named):
        return None
    return DandisetName(found.instance, found.dandiset, found.version, found.path)


def _of_web_page(instance: Instance, source: str) -> DandisetName | None:
    # Older pages have their path in the fragment.
    match = _WEB_PAGE.fullmatch(below(instance.web, source.replace("/#/", "/")) or "")
    if match is None:
        return None
    location = dict(parse_qsl(match[3] or "")).get("location", "")
    if location and not location.endswith("/"):
        return None
    return DandisetName(instance, match[1], match[2] or "", location.strip("/"))
