"""The command line: ``lindi-explorer index | show | validate | demo``. Nothing else in the package prints."""

from lindi_explorer.cli.commands import main

__all__ = ["main"]
