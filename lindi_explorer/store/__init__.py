"""The one Zarr store, and the data type zarr-python lacks for LINDI's object arrays."""

from lindi_explorer.store.json_dtype import register
from lindi_explorer.store.reference_store import ReferenceStore

register()

__all__ = ["ReferenceStore"]
