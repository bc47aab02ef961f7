"""What people read when an archive refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.errors import AccessDeniedError, MissingFileError

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
