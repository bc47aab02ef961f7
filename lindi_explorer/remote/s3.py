"""Addresses ``s3://bucket/key``: which https address they are, and how access is shown where it is needed.

A bucket is read without credentials if it lets itself be read so. Otherwise, and if AWS access is configured
on this computer, the requests go to signed links, which are made anew before they expire. A document holds
the plain https address: it says nothing secret, and every reader of LINDI understands it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.remote.address import scheme_of
from lindi_explorer.remote.resolve import add_additional_url_resolver

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNED_SECONDS = 3600
_PROBE_SECONDS = 10

_signed: dict[str, Callable[[], str]] = {}
"""Plain https address -> what signs a link to it; for objects that cannot be read without."""

_changing = threading.Lock()


def is_s3(address: str) -> bool:
    """Tell whether an address begins with ``s3://``."""
    return scheme_of(address) == "s3"


def https_address(address: str) -> str:
    """The https address of an object in S3.

    Region, endpoint and credentials are those that AWS's own tools use (``AWS_REGION``, ``AWS_ENDPOINT_URL``,
    profiles, roles ...).

    Parameters
    ----------
    address : str
        ``s3://bucket/key``.

    Returns
    -------
    str
        Without signature. Where the object is not public and access is configured, requests to it are signed
        from now on.

    Raises
    ------
    FormatError
        If it names no object.
    UnsupportedError
        If botocore is not installed.
    """
    parts = urlsplit(address)
    bucket, key = parts.netloc, unquote(parts.path.removeprefix("/"))
    if not bucket or not key:
        raise FormatError(f"{address} names no object.", hint="Write it as s3://bucket/path/of/the/file.")
    try:
        import botocore.session
        from botocore import UNSIGNED
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise UnsupportedError(
            f"{address} cannot be read: botocore is not installed.",
            hint="pip install 'lindi-explorer[s3]', or use the file's https address.",
        ) from error

    session = botocore.session.Session()
    region = session.get_config_variable("region") or "us-east-1"

    def link(**options: Any) -> str:
        client = session.create_client("s3", region_name=region, config=Config(**options))
        made = client.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=_SIGNED_SECONDS
        )
        return str(made)

    try:
        plain = link(signature_version=UNSIGNED)
        if session.get_credentials() is not None and _is_denied(plain):
            _sign(plain, lambda: link(signature_version="s3v4"))
    except BotoCoreError as error:
        raise FormatError(
            f"{address} cannot be read: {error}", hint="Check the configuration of AWS."
        ) from error
    return plain


def _is_denied(url: str) -> bool:
    """Whether a server wants to know who is asking. Any other trouble shows when the file is read."""
    import urllib3

    try:
        answer = urllib3.request("HEAD", url, timeout=_PROBE_SECONDS, retries=False, redirect=False)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status in (401, 403)


def _sign(plain: str, link: Callable[[], str]) -> None:
    with _changing:
        if not _signed:
            add_additional_url_resolver(_resolver)
        _signed[plain] = link


def _resolver(url: str) -> str:
    link = _signed.get(url)
    return url if link is None else link()
