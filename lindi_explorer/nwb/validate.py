"""pynwb's validator on an edited file that exists nowhere as a whole."""

from __future__ import annotations

import re
import threading
import warnings
from dataclasses import dataclass
from typing import Any, Literal

from lindi_explorer.errors import CancelledByUserError, LindiError, UnsupportedError
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.references import keys
from lindi_explorer.remote import CancelToken, cancelling

SOURCE = "pynwb.validate"

# Python's warning filters belong to the whole process.
_quiet = threading.Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say.

    Attributes
    ----------
    severity : str
        ``error``, ``warning`` or ``hint``.
    text : str
    path : str
        Absolute path of the object it is about; the nearest that exists.
    attribute : str
        Name of the attribute it is about; empty = the object itself.
    source : str
        Which check says so.
    """

    severity: Literal["error", "warning", "hint"]
    text: str
    path: str
    attribute: str = ""
    source: str = SOURCE


def validate(file: LindiH5pyFile, *, cancel: CancelToken | None = None) -> list[Finding]:
    """Check a file against the NWB schema it carries (or pynwb's own, where it carries none).

    Takes seconds, and reads what pynwb reads. Not for an event loop's thread.

    Parameters
    ----------
    file : LindiH5pyFile
        Stays open.
    cancel : CancelToken, optional
        Stops the next read.

    Returns
    -------
    list of Finding
        Empty = valid. A file that is not NWB gives one hint that says so.

    Raises
    ------
    CancelledByUserError
        If it was stopped.
    TransferError, AccessDeniedError, StaleFileError
        If the file cannot be read.
    """
    version = _text(file.attrs.get("nwb_version"))
    if version is None:
        words = "This is not an NWB file: the root has no attribute nwb_version. Nothing was checked"
        return [Finding("hint", words, "/")]
    if version.lstrip("v").startswith(("0.", "1.", "NWB-1", "NWB-0")):
        return [Finding("warning", f"pynwb does not check files of NWB {version}, only 2.0 and later", "/")]
    with cancelling(cancel):
        try:
            found = _run(file)
        except Exception as error:  # noqa: BLE001 - pynwb raises anything for files it cannot make sense of
            _raise_ours(error)
            found = [_unreadable(error)]
    if cancel is not None:
        cancel.check()
    return found


def _run(file: LindiH5pyFile) -> list[Finding]:
    import pynwb

    lent = _Lent(file)
    try:
        with _quiet, warnings.catch_warnings():
            # What pynwb warns about while it loads namespaces is not for the person who looks at a file.
            warnings.simplefilter("ignore")
            with pynwb.NWBHDF5IO(file=lent, mode="r") as io:
                errors = pynwb.validate(io=io)
    finally:
        lent.close()
    findings = (_finding(file, error) for error in errors)
    return list(dict.fromkeys(findings))


class _Lent(LindiH5pyFile):
    """The file as pynwb gets it: pynwb closes what it is given, and ours stays open."""

    def __init__(self, file: LindiH5pyFile) -> None:
        self.__dict__.update(file.__dict__)
        self._is_lent = True

    def __bool__(self) -> bool:
        return self._is_lent

    def close(self) -> None:
        """Give it back."""
        self._is_lent = False


def _finding(file: LindiH5pyFile, error: Any) -> Finding:
    leaf = str(error.name).rpartition("/")[2]
    reason = str(error.reason)
    path, attribute = _place(file, str(error.location or ""))
    missing = reason == "argument missing"
    text = f"{leaf} is missing" if missing else f"{leaf}: {reason}"
    return Finding("error", text, f"/{path}", attribute)


def _place(file: LindiH5pyFile, location: str) -> tuple[str, str]:
    """Path and attribute of hdmf's ``group/dataset.attribute``; names of objects may hold dots too."""
    path, attribute = keys.normalise(location), ""
    while path and not file.journal.has(path):
        shorter, dot, name = path.rpartition(".")
        if dot and "/" not in name and not attribute:
            path, attribute = shorter, name
        else:
            path, attribute = keys.split(path)[0], ""
    return path, attribute


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _raise_ours(error: BaseException | None) -> None:
    """Raise the error of a read that lies behind what pynwb made of it."""
    while error is not None:
        if isinstance(error, CancelledByUserError) or (
            isinstance(error, (LindiError, OSError))
            and not isinstance(error, (UnsupportedError, KeyError, ValueError))
        ):
            raise error
        error = error.__cause__ or error.__context__


def _unreadable(error: Exception) -> Finding:
    words = re.sub(r"\s+", " ", str(error)).strip()
    # Queries of URLs may be secrets.
    words = re.sub(r"(https?://[^\s?#]*)[?#]\S*", r"\1", words)
    shown = words if len(words) <= 300 else words[:299] + "…"
    return Finding("error", f"pynwb cannot read this file: {shown or type(error).__name__}", "/")
