"""What an answer about a file says of the dandiset that the file is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lindi_explorer.explorer.protocol import Opened, Response, UploadTargets

if TYPE_CHECKING:
    from lindi_explorer.archive.dandisets import DandisetName
    from lindi_explorer.explorer.assets import Assets


def with_dandiset(answer: Response, named: DandisetName, listed: Assets | None) -> Response:
    """An answer about the file, with what is known of its dandiset.

    Parameters
    ----------
    answer : Response
    named : DandisetName
    listed : Assets or None
        What is in it, where that has been asked for.

    Returns
    -------
    Response
    """
    place = named.instance.name, named.dandiset
    if isinstance(answer, Opened):
        version = listed.version if listed is not None else named.version
        return msgspec.structs.replace(
            answer,
            dandiset=f"Dandiset {named.dandiset}",
            source=" ".join(filter(None, (*place, version))),
            embargoed=listed is not None and listed.embargoed,
        )
    if isinstance(answer, UploadTargets) and place in {
        (answer.archive, one.identifier) for one in answer.dandisets
    }:
        # Whoever corrects a file mostly means the dandiset that it is in.
        return msgspec.structs.replace(answer, dandiset=named.dandiset)
    return answer
