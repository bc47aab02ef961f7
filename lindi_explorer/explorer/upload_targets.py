"""Where a file could be uploaded to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.archive.browsing import Browser, DandisetFacts
from lindi_explorer.archive.dandi import asset_of
from lindi_explorer.archive.instances import Instance, instances
from lindi_explorer.archive.keys import key_headers
from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.protocol import GetUploadTargets, UploadArchive, UploadDandiset, UploadTargets
from lindi_explorer.explorer.wire import to_wire

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_FIRST = "dandi-sandbox"


def upload_targets(state: State, request: GetUploadTargets, work: Work) -> UploadTargets:
    """The archives, and the dandisets of one that the user may write to.

    A key is looked for where the kernel runs, in the environment and the system's keyring. It is never asked
    for in the view, a password field of a widget included: what is typed there is a trait, and traits and
    messages can be read by whatever else runs in the page, and end up in logs and saved notebooks.
    """
    known = instances()
    keyed = {one.name for one in known if _has_key(one)}
    chosen = next((one for one in known if one.name == request.archive), None)
    chosen = chosen or _usual(state, known, keyed)
    work.check()
    found: list[DandisetFacts] = []
    code = problem = hint = ""
    try:
        with Browser(chosen) as browser:
            found = browser.own_dandisets()
    except LindiError as error:
        work.check()
        code, problem, hint = error.code, error.message, error.hint
    return UploadTargets(
        archives=[
            UploadArchive(name=one.name, production=one.is_production, key=one.name in keyed) for one in known
        ],
        archive=chosen.name,
        dandisets=[_dandiset(one) for one in found],
        dandiset=found[0].identifier if found else "",
        web_page=chosen.web,
        code=code,
        problem=problem,
        hint=hint,
    )


def _has_key(instance: Instance) -> bool:
    try:
        return key_headers(instance) is not None
    except LindiError:
        return False


def _usual(state: State, known: tuple[Instance, ...], keyed: set[str]) -> Instance:
    """The archive that the file is from, or one that there is a key for; never one that wants a yes."""
    opened = asset_of(state.file.source.address)
    candidates = ([opened[0]] if opened else []) + [one for one in known if one.name in keyed]
    usable = [one for one in candidates if one.name in keyed and not one.is_production]
    return next(iter(usable), None) or next(one for one in known if one.name == _FIRST)


def _dandiset(facts: DandisetFacts) -> UploadDandiset:
    draft = facts.draft_version
    return UploadDandiset(
        identifier=facts.identifier,
        title=to_wire(draft.name if draft else ""),
        embargoed=facts.embargo_status != "OPEN",
    )
