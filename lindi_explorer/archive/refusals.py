"""What people read when an archive refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.errors import (
    AccessDeniedError,
    AssetChangedError,
    AssetExistsError,
    MissingFileError,
    TransferError,
)

if TYPE_CHECKING:
    from lindi_explorer.archive.instances import Instance
    from lindi_explorer.archive.replies import Me


def refused(
    instance: Instance, what: str, status: int, *, keyed: bool, account: Me | None = None
) -> AccessDeniedError:
    """The error for a refusal with status 401 or 403.

    Parameters
    ----------
    instance : Instance
    what : str
        What was asked for, in words.
    status : int
    keyed : bool
        Whether a key was sent.
    account : Me, optional
        Whom the key belongs to, where that is known.

    Returns
    -------
    AccessDeniedError
    """
    name = instance.name
    if not keyed:
        return AccessDeniedError(
            f"{name} shows {what} to its owners only, and there is no API key for {name}.",
            hint=f"Set {instance.key_variable} to your API key, or keep it in the system's keyring "
            f"(service dandi-api-{name}, user key).",
        )
    if status == 401:
        return AccessDeniedError(
            f"API key not accepted by {name}; sandbox and production keys differ.",
            hint=f"Copy the key from the web page of {name} into {instance.key_variable}.",
        )
    if account is not None and account.status not in ("", "APPROVED"):
        return AccessDeniedError(
            f"Your account {account.username} on {name} is not approved: it is {account.status.lower()}.",
            hint=f"Wait for the approval, or write to the team of {name}.",
        )
    who = "you are" if account is None else f"your account {account.username} is"
    return AccessDeniedError(
        f"{name} does not show {what} with this API key: {who} not an owner.",
        hint="Ask an owner of the dandiset to add you.",
    )


def no_key(instance: Instance) -> AccessDeniedError:
    """The error for something that is done with a key only, where there is none.

    Parameters
    ----------
    instance : Instance

    Returns
    -------
    AccessDeniedError
    """
    return AccessDeniedError(
        f"There is no API key for {instance.name}, or none that may be sent to {instance.api}.",
        hint=f"Set {instance.key_variable} to your API key, or keep it in the system's keyring "
        f"(service dandi-api-{instance.name}, user key). It is sent over https, or within this computer.",
    )


def not_allowed(instance: Instance, what: str, account: Me | None, said: str = "") -> AccessDeniedError:
    """The error for a change that was refused with status 403.

    Parameters
    ----------
    instance : Instance
    what : str
        What was to be changed.
    account : Me or None
        Whom the key belongs to, where that is known.
    said : str
        What the archive says itself.

    Returns
    -------
    AccessDeniedError
    """
    name = instance.name
    if account is not None and account.status not in ("", "APPROVED"):
        return refused(instance, what, 403, keyed=True, account=account)
    who = "You are" if account is None else f"Your account {account.username} is"
    return AccessDeniedError(
        f"{who} not an owner of {what} on {name}, so nothing can be put there.",
        hint="Ask an owner of the dandiset to add you." + (f" {name} said: {said}" if said else ""),
    )


def in_the_way(instance: Instance, what: str, said: str) -> AssetExistsError:
    """The error for a path that is taken, or is that of a folder, or leads through a file.

    Parameters
    ----------
    instance : Instance
    what : str
        Where something was to be put.
    said : str
        What the archive says itself.

    Returns
    -------
    AssetExistsError
    """
    return AssetExistsError(
        f"Something is in the way in {what} on {instance.name}: {said or 'the path is taken'}.",
        hint="Replace it, choose another name, or keep what is there.",
    )


def not_taken(instance: Instance, what: str, status: int, said: str) -> TransferError:
    """The error for something that an archive does not take as it is, or not now.

    Parameters
    ----------
    instance : Instance
    what : str
        Where something was to be put.
    status : int
    said : str
        What the archive says itself.

    Returns
    -------
    TransferError
    """
    why = said or f"it answered with status {status}"
    return TransferError(
        f"{instance.name} did not take what was sent to {what}: {why}",
        hint="Upload it again: what is looked at first shows what has changed, and what has arrived stays.",
    )


def exists(instance: Instance, dandiset: str, path: str) -> AssetExistsError:
    """The error for a file that is there already, and was not to be replaced.

    Parameters
    ----------
    instance : Instance
    dandiset, path : str

    Returns
    -------
    AssetExistsError
    """
    return AssetExistsError(
        f"{path} exists in dandiset {dandiset} on {instance.name}.",
        hint="Replace it, choose another name, or keep what is there.",
    )


def changed(instance: Instance, dandiset: str, path: str) -> AssetChangedError:
    """The error for a file that somebody has replaced or moved since it was opened.

    Parameters
    ----------
    instance : Instance
    dandiset, path : str

    Returns
    -------
    AssetChangedError
    """
    return AssetChangedError(
        f"{path} of dandiset {dandiset} has changed on {instance.name} since you opened it.",
        hint="Reload it, or save under a new name.",
    )


def unknown(instance: Instance, what: str) -> MissingFileError:
    """The error for something that is not there, or not for everybody's eyes.

    Parameters
    ----------
    instance : Instance
    what : str
        What was asked for, in words.

    Returns
    -------
    MissingFileError
    """
    return MissingFileError(
        f"There is no {what} on {instance.name}, or no access to it.",
        hint="Check number, version and archive; dandi and dandi-sandbox have different dandisets.",
    )
