"""``lindi-explorer demo``: a sample file from a web server to a corrected file in pynwb."""

from lindi_explorer.cli.demo.story import run

__all__ = ["run"]
