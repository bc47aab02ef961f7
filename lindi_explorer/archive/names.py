"""What people write to say which file of the archive they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from lindi_explorer.archive.instances import (
    DEFAULT,
    Instance,
    instance_named,
    instances,
    place_at,
)
from lindi_explorer.archive.spelling import below
from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ASSET_ID = re.compile(_ID)
_DANDISET = re.compile(r"(\d{6})(?:@([A-Za-z0-9.]+))?")
_WEB_PAGE = re.compile(r"/dandiset/(\d{6})(?:/(draft|\d[\d.]*))?(?:/files)?/?(?:\?(.*))?")
_API_ASSET = re.compile(
    rf"((?:/dandisets/\d{{6}}/versions/[^/]+)?/assets/)({_ID})(?:/download)?/?", re.IGNORECASE
)
_API_LIST = re.compile(r"/dandisets/(\d{6})/versions/([^/]+)/assets/?\?(.*)")
_NO_READY_MADE = "?ready-made=no"

_FORMS = "Write it as dandi://dandi/000003/path/of/the/file, or with @version behind the number."


@dataclass(frozen=True, slots=True)
class Named:
    """A file of a dandiset.

    Attributes
    ----------
    instance : Instance
    dandiset : str
        Six digits.
    version : str
        ``draft`` or the name of a publication; empty: the newest publication, or the draft if there is none.
    path : str
    ready_made : bool
        Whether a LINDI file beside it will do as well.
    """

    instance: Instance
    dandiset: str
    version: str
    path: str
    ready_made: bool = True


def dandi_address(
    dandiset: str, path: str, *, version: str = "", instance: str = "dandi", ready_made: bool = True
) -> str:
    """The address of a file of a dandiset, for whatever opens files.

    Parameters
    ----------
    dandiset : str
        Six digits.
    path : str
        Of the file in the dandiset.
    version : str, optional
        ``draft`` or the name of a publication; by default the newest one, or the draft if there is none.
    instance : str, optional
        Name of the instance: ``dandi``, ``dandi-sandbox``, ``ember-dandi``, or one of `add_dandi_instance`.
    ready_made : bool, optional
        Open ``<path>.lindi.json`` in its place, if the dandiset has one.

    Returns
    -------
    str
        ``dandi://instance/dandiset@version/path``

    Raises
    ------
    FormatError
        If it would be none.
    """
    at = f"@{version}" if version else ""
    address = f"dandi://{instance}/{dandiset}{at}/{quote(path)}{'' if ready_made else _NO_READY_MADE}"
    parse(address)
    return address


def parse(source: str | tuple[Any, ...]) -> Named | str | None:
    """Understand what somebody wrote.

    Parameters
    ----------
    source : str or tuple
        An address ``dandi://``, the id of an asset, an address of an API or a web page, or (dandiset, path).

    Returns
    -------
    Named, str or None
        The download address of an asset that was given by its id; None for anything else of the web.

    Raises
    ------
    FormatError
        If it is of this kind and names no file.
    """
    if isinstance(source, tuple):
        if len(source) != 2 or not all(isinstance(part, str) for part in source):
            return None
        return _of_dandiset(DEFAULT, source[0], source[1], f"({source[0]!r}, {source[1]!r})")
    if _ASSET_ID.fullmatch(source.lower()):
        return DEFAULT.download_address(source.lower())
    if source.lower().startswith("dandi://"):
        return _of_address(source)
    return _of_api(source) or _of_web_page(source)


def _of_address(source: str) -> Named | str:
    rest = source[len("dandi://") :]
    ready_made = not rest.endswith(_NO_READY_MADE)
    name, _, rest = rest.removesuffix(_NO_READY_MADE).partition("/")
    instance = instance_named(name)
    if _ASSET_ID.fullmatch(rest.lower()):
        return instance.download_address(rest.lower())
    dandiset, _, path = rest.partition("/")
    return _of_dandiset(instance, dandiset, unquote(path), redact_url(source), ready_made=ready_made)


def _of_dandiset(
    instance: Instance, dandiset: str, path: str, written: str, *, ready_made: bool = True
) -> Named:
    match = _DANDISET.fullmatch(dandiset)
    if match is None or not path or path.endswith("/") or "?" in path:
        raise FormatError(f"{written} names no file of a dandiset.", hint=_FORMS)
    return Named(instance, match[1], match[2] or "", path, ready_made)


def _of_api(url: str) -> Named | str | None:
    found = place_at(url)
    if found is None:
        return None
    instance, rest = found
    # However it is written, there is one address that does not redirect to another, and that has a key.
    if (asset := _API_ASSET.fullmatch(rest)) is not None:
        return f"{instance.api}{asset[1]}{asset[2].lower()}/download/"
    match = _API_LIST.fullmatch(rest)
    path = dict(parse_qsl(match[3])).get("path", "") if match else ""
    return _of_dandiset(instance, f"{match[1]}@{match[2]}", path, redact_url(url)) if match else None


def _of_web_page(url: str) -> Named | None:
    for instance in instances():
        # Older pages have their path in the fragment.
        rest = below(instance.web, url.replace("/#/", "/")) if instance.web else None
        match = _WEB_PAGE.fullmatch(rest or "")
        if match is None:
            continue
        location = dict(parse_qsl(match[3] or "")).get("location", "")
        if not location or location.endswith("/"):
            raise FormatError(
                f"{redact_url(url)} is a page about dandiset {match[1]}, not about a file.",
                hint="Copy the address of the file's download there, or write dandi://"
                f"{instance.name}/{match[1]}/path/of/the/file.",
            )
        return Named(instance, match[1], match[2] or "", location)
    return None
