"""The h5py-shaped view: what users and pynwb hold in their hands."""

from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.file import LindiH5pyFile
from lindi_explorer.h5.group import LindiH5pyGroup
from lindi_explorer.h5.links import LindiH5pyExternalLink, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.h5.opening.open import open_any
from lindi_explorer.h5.opening.source_info import SourceInfo
from lindi_explorer.h5.reference import LindiH5pyReference, LindiH5pyRegionReference

__all__ = [
    "LindiH5pyDataset",
    "LindiH5pyExternalLink",
    "LindiH5pyFile",
    "LindiH5pyGroup",
    "LindiH5pyHardLink",
    "LindiH5pyReference",
    "LindiH5pyRegionReference",
    "LindiH5pySoftLink",
    "SourceInfo",
    "open_any",
]
