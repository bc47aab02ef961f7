"""`ReferenceStore` keeps zarr-python's contract for stores."""

from __future__ import annotations

import pytest
from zarr.core.buffer.cpu import Buffer
from zarr.testing.store import StoreTests

from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.store import ReferenceStore


class Nothing(ReferenceSet):
    """References without a single key: the contract starts from an empty store."""

    def __init__(self):
        super().__init__({"": Node()})

    def node_keys(self, path):
        return iter(())

    def __len__(self):
        return 0

    def __contains__(self, key):
        return False

    def metadata(self, key):
        return None


class TestReferenceStore(StoreTests[ReferenceStore, Buffer]):
    store_cls = ReferenceStore
    buffer_cls = Buffer

    # We do not claim to read and write without a loop.
    test_get_sync = test_get_sync_missing = test_set_sync = test_delete_sync = test_delete_sync_missing = None

    @pytest.fixture
    def store_kwargs(self):
        return {"references": Nothing(), "read_only": False}

    async def set(self, store, key, value):
        store._written[key] = value.to_bytes()

    async def get(self, store, key):
        return self.buffer_cls.from_bytes(store._written[key])

    def test_store_repr(self, store):
        assert "Nothing" in repr(store)

    def test_store_supports_writes(self, store):
        assert store.supports_writes

    def test_store_supports_listing(self, store):
        assert store.supports_listing
