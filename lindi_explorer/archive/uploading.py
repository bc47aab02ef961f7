"""Uploading an edited file to DANDI: `prepare` finds out what that would do, and `Upload.run` does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from lindi_explorer.archive import guard
from lindi_explorer.archive.bucket import Bucket
from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.frozen import Frozen
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.looking import describe_source, look_at_leads, look_at_rest, tell_leads
from lindi_explorer.archive.own import note_upload, own_asset
from lindi_explorer.archive.patch_beside import guarded
from lindi_explorer.archive.paths import default_path
from lindi_explorer.archive.preflight import Conflict, Finding, Mode, Preflight, Progress, Uploaded
from lindi_explorer.archive.sending import Sender
from lindi_explorer.archive.side_by_side import by_caller
from lindi_explorer.archive.steps import Steps
from lindi_explorer.archive.target import Spot, choose_spot, instance_of, look_at_target
from lindi_explorer.archive.this_machine import disk_in_words
from lindi_explorer.archive.writer import Metadata, Writer
from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, LindiError
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.staging.sent import open_record, read_record

__all__ = ["Conflict", "Finding", "Mode", "Preflight", "Progress", "Upload", "Uploaded", "prepare"]

_DANDISET = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")
_MODES = ("auto", "json", "inline", "tar", "nwb")
_CONFLICTS = ("ask", "replace", "rename")


class Upload:
    """An upload that was looked at and can begin; made by `prepare`.

    Parameters
    ----------
    preflight : Preflight
    instance : Instance
    frozen : Frozen
    source : dict
        What the archive says of the asset that the file was made from; empty where there is none.
    errors : list of LindiError
        What is in the way.
    """

    patience: ClassVar[float] = 180.0
    """Seconds to wait for the archive's own check."""
    interval: ClassVar[float] = 2.0
    """Seconds between two questions about it."""

    def __init__(
        self,
        preflight: Preflight,
        instance: Instance,
        frozen: Frozen,
        source: Metadata,
        errors: list[LindiError],
    ) -> None:
        self.preflight = preflight
        self._instance = instance
        self._frozen = frozen
        self._source = source
        self._errors = errors

    def run(self, progress: Callable[[Progress], None] | None = None) -> Uploaded:
        """Send everything, the document last.

        What has arrived is noted on disk: an upload that was stopped, however that was, goes on when it is
        prepared and run again. A token of the surrounding `lindi_explorer.remote.cancelling` block stops it.

        Parameters
        ----------
        progress : callable, optional
            Told again and again how far it is, in the calling thread.

        Returns
        -------
        Uploaded

        Raises
        ------
        AssetExistsError, AssetChangedError
            If there is another file at the path, or there has been another one since the file was opened.
        AccessDeniedError, ConflictError, MissingFileError, FormatError
            If the pre-flight has found something in the way, or something has come in the way since.
        TransferError
            If something does not arrive, or is not what was sent when it is read back.
        CancelledByUserError
            If it was stopped.
        LindiError
            If the disk of this machine is in the way.
        """
        for error in self._errors:
            raise error
        preflight, tell = self.preflight, progress or (lambda _progress: None)
        steps: Steps | None = None

        def waiting(words: str) -> None:
            if steps is not None:
                by_caller(partial(steps.waiting, words))

        with (
            disk_in_words(),
            open_record(self._instance.api, preflight.dandiset, preflight.path) as record,
            Writer(self._instance, preflight.dandiset, waiting=waiting) as writer,
            Bucket(self._instance, waiting) as bucket,
        ):
            sender = Sender(writer, bucket, record, is_open=not preflight.embargoed)
            steps = Steps(
                self._frozen, preflight, self._source, writer, sender, tell, self.patience, self.interval
            )
            done = steps.run()
        note_upload(self._frozen.file, self._instance, preflight.dandiset, preflight.path, done.asset_id)
        return done

    def left_behind(self) -> tuple[str, ...]:
        """What the upload has put into the dandiset, as long as it has come to no end.

        Nothing deletes it: an upload of the same edits to the same path goes on with it.

        Returns
        -------
        tuple of str
            Paths, in order; a file whose reply was lost is among them.
        """
        preflight = self.preflight
        sent = read_record(self._instance.api, preflight.dandiset, preflight.path).values()
        return tuple(sorted(one.path for one in sent if one.asset_id or one.blob_id))


def prepare(
    file: LindiH5pyFile,
    dandiset: str,
    *,
    path: str | None = None,
    instance: str = "dandi-sandbox",
    mode: Mode = "auto",
    production: bool = False,
    conflict: Conflict = "ask",
    replaces: str | None = None,
) -> Upload:
    """Find out whether an edited file can be uploaded, and what that would do; nothing is sent.

    Parameters
    ----------
    file : LindiH5pyFile
        As it is now: what is edited later is not uploaded.
    dandiset : str
        Six digits.
    path : str, optional
        Of the file in the dandiset; by default that of the asset that it was made from, with another ending.
    instance : str
        Name of the archive, or the address of its API.
    mode : str
        ``auto``, ``json``, ``inline``, ``tar`` or ``nwb``; see `lindi_explorer.archive.preflight.Mode`.
    production : bool
        Has to be True for archives that are no sandbox and not the user's own.
    conflict : str
        ``ask``, ``replace`` or ``rename``: what to do with a file that is at the path already.
    replaces : str, optional
        The asset that somebody has seen at the path and agreed to replace (``Preflight.replaces``), whatever
        ``conflict`` says. If another one is there now, or none, `AssetChangedError` is in the way.

    Returns
    -------
    Upload
        Whatever is in the way is in its ``preflight``.

    Raises
    ------
    FormatError
        If there is no such archive, or an argument is odd.
    TransferError
        If the archive does not answer.
    LindiError
        Another one of the family, if the file cannot be read.
    """
    _require_dandiset(dandiset)
    if mode not in _MODES or conflict not in _CONFLICTS:
        raise ValueError(f"mode is one of {', '.join(_MODES)}, and conflict of {', '.join(_CONFLICTS)}")
    place = instance_of(instance)
    frozen = Frozen.of(file)
    mode = frozen.resolved(mode)
    frozen = guarded(frozen, place)
    findings = Findings()
    with Writer(place, dandiset) as writer:
        target = look_at_target(writer, findings, production=production)
        leads = look_at_leads(frozen, place, mode)
        sources = guard.look_at_sources([file.reader.source or "", *frozen.addresses])
        # Of these the file has a copy: they count for what it is, not for where its references lead.
        all_sources = sources.and_of(guard.look_at_sources(frozen.origins))
        if target is not None:
            embargoed = target.embargoed
            guard.check_embargo(all_sources, leads.reached, writer, embargoed=embargoed, found=findings)
        described = describe_source(frozen, all_sources)
        path = path or default_path(str(described.get("path") or file.source.name), mode)
        spot = Spot(path, None)
        if target is not None:
            spot = choose_spot(
                writer,
                findings,
                path,
                mode=mode,
                conflict=conflict,
                opened=own_asset(file, place, dandiset, path, str(described.get("path") or "")),
                agreed=replaces,
            )
        tell_leads(leads, findings)
        if target is not None and mode != "nwb":
            guard.check_durability(sources, writer, target.dandiset, findings)
    blobs = frozen.new.blobs(mode)
    look_at_rest(frozen, mode, blobs, findings)
    before = read_record(place.api, dandiset, spot.path)
    there = sum(1 for sent in before.values() if sent.asset_id)
    if before:
        findings.add("note", "Earlier upload", f"was interrupted and goes on; {there:,} files are there")
    preflight = Preflight(
        instance=place.name,
        dandiset=dandiset,
        path=spot.path,
        mode=mode,
        account=None if target is None else target.account.username,
        embargoed=target is not None and target.embargoed,
        replaces=spot.replaces,
        size=frozen.size(mode),
        blobs=len(blobs),
        findings=tuple(findings.all),
    )
    return Upload(preflight, place, frozen, described, findings.errors)


def _require_dandiset(dandiset: object) -> None:
    """Raise for what is no number of a dandiset, however it was written."""
    if isinstance(dandiset, str) and _DANDISET.fullmatch(dandiset):
        return
    known = _DANDISET.findall(str(dandiset))
    raise FormatError(
        f"{redact_url(str(dandiset))[:40]!r} is no number of a dandiset.",
        hint=f"Did you mean {known[0]!r}?" if len(known) == 1 else "It is a text of six digits: '000123'.",
    )
