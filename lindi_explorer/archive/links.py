"""Pages of the web that show an uploaded file."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.preflight import Mode
from lindi_explorer.remote.address import authority_of, bare_host, scheme_of
from lindi_explorer.remote.policy import is_private

_NEUROSIFT = "https://neurosift.app/nwb"


def web_page(instance: Instance, dandiset: str, path: str) -> str | None:
    """The page of the folder that a file is in.

    Parameters
    ----------
    instance : Instance
    dandiset, path : str

    Returns
    -------
    str or None
        None where the archive has no web pages.
    """
    if not instance.web:
        return None
    folder = path.rpartition("/")[0]
    return f"{instance.web}/dandiset/{dandiset}/draft/files?location={quote(folder, safe='')}"


def neurosift(instance: Instance, dandiset: str, asset_id: str, mode: Mode, *, embargoed: bool) -> str | None:
    """The page of Neurosift that shows a file.

    Parameters
    ----------
    instance : Instance
    dandiset, asset_id : str
    mode : str
    embargoed : bool

    Returns
    -------
    str or None
        None for what Neurosift cannot read: under embargo, or inside a network.
    """
    host = bare_host(authority_of(instance.api))
    if embargoed or scheme_of(instance.api) != "https" or is_private(host) or host == "localhost":
        return None
    query = {"url": instance.download_address(asset_id), "dandisetId": dandiset, "dandisetVersion": "draft"}
    if mode in ("json", "inline"):
        query["st"] = "lindi"
    return f"{_NEUROSIFT}?{urlencode(query)}"
