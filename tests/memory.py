"""How much memory a process has taken."""

from __future__ import annotations

import resource
from pathlib import Path


def peak() -> int:
    """Largest memory of this process so far, in bytes.

    Returns
    -------
    int
    """
    status = Path("/proc/self/status")
    if status.exists():
        # What the C function below tells is never less than what the process that started this one had.
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
