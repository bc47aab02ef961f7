"""Previews: what of a dataset is shown, what that costs, and how it is read.

Every read is preceded by its cost, stays within the budget, can be cancelled, and is measured. A new kind of
preview is a file with a `Kind`, and a row in `table_of_kinds`.
"""

from lindi_explorer.explorer.preview.answers import choices, csv, preview
from lindi_explorer.explorer.preview.reading import TellProgress

__all__ = ["TellProgress", "choices", "csv", "preview"]
