"""API keys: where they are looked for, and what keeps them from being seen."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING

from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.remote.messages import Headers

if TYPE_CHECKING:
    from lindi_explorer.archive.instances import Instance

_PLAIN = re.compile(r"[!-~]{1,500}")


def key_headers(instance: Instance) -> Headers | None:
    """The headers that carry the key of an instance.

    It comes from the environment (``DANDI_API_KEY`` ...) or else from the system's keyring, where DANDI's own
    client keeps it; nobody is asked for it. It is looked up each time, and kept nowhere.

    Parameters
    ----------
    instance : Instance

    Returns
    -------
    Headers or None
        None if there is no key.

    Raises
    ------
    AccessDeniedError
        If what is there cannot be a key.
    """
    key = os.environ.get(instance.key_variable, "").strip() or _from_keyring(instance)
    if not key:
        return None
    if not _PLAIN.fullmatch(key):
        key = ""  # not even for those who look at the variables of a traceback
        raise AccessDeniedError(
            f"What is kept as the API key of {instance.name} cannot be one.",
            hint=f"Copy the key from the archive's web page once more into {instance.key_variable}.",
        )
    return Headers({"Authorization": f"token {key}"})


def without_key(said: str, sent: Headers | None) -> str:
    """What an archive said, should it repeat the key.

    Parameters
    ----------
    said : str
    sent : Headers or None
        With the request that this is the answer to.

    Returns
    -------
    str
    """
    for value in (sent or {}).values():
        said = said.replace(value.rpartition(" ")[2], "\N{HORIZONTAL ELLIPSIS}")
    return said


def _from_keyring(instance: Instance) -> str:
    try:
        keyring = importlib.import_module("keyring")
        return str(keyring.get_password(f"dandi-api-{instance.name}", "key") or "").strip()
    except Exception:  # noqa: BLE001 - not installed, or locked, or whatever a keyring may raise: then there is no key
        return ""
