"""``lindi-explorer validate``: check an NWB file against its schema."""

from __future__ import annotations

import argparse

from lindi_explorer.cli.terminal import say
from lindi_explorer.explorer.words import count_words
from lindi_explorer.h5 import open_any
from lindi_explorer.nwb.validate import Finding, validate


def run(args: argparse.Namespace) -> int:
    """Check a file.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``.

    Returns
    -------
    int
        1 if there are errors, 0 for hints and warnings alone.
    """
    with open_any(args.source) as file:
        findings = validate(file)
    for finding in findings:
        say(finding_words(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        say(f"{count_words(errors, 'error')} in {file.source.name}")
    elif not findings:
        say(f"{file.source.name} is valid NWB")
    return 1 if errors else 0


def finding_words(finding: Finding) -> str:
    """``error  /acquisition/raw/data.unit  unit is missing``."""
    place = f"{finding.path}.{finding.attribute}" if finding.attribute else finding.path
    return f"{finding.severity:<7}  {place}  {finding.text}"
