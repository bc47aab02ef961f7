"""Whether what we give is what h5py gives: value, type, dtype with h5py's marks, shape."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np


class Judge:
    """Compares objects and values of one file, opened by h5py and by us.

    Parameters
    ----------
    theirs : h5py.File
    ours : LindiH5pyFile
    """

    def __init__(self, theirs: Any, ours: Any) -> None:
        self.theirs = theirs
        self.ours = ours

    def value(self, theirs: Any, ours: Any) -> None:
        """Assert that a value we read is the one h5py read."""
        if isinstance(theirs, h5py.Empty):
            assert isinstance(ours, h5py.Empty)
            same_dtype(theirs.dtype, ours.dtype)
        elif isinstance(theirs, (h5py.Reference, h5py.RegionReference)):
            self.reference(theirs, ours)
        elif isinstance(theirs, np.ndarray):
            assert isinstance(ours, np.ndarray), type(ours)
            assert ours.shape == theirs.shape
            same_dtype(theirs.dtype, ours.dtype)
            self._elements(theirs, ours)
        else:
            assert type(ours) is type(theirs)
            if isinstance(theirs, np.generic):
                same_dtype(theirs.dtype, ours.dtype)
                self._elements(np.array(theirs), np.array(ours))
            else:
                assert ours == theirs

    def _elements(self, theirs: Any, ours: Any) -> None:
        if theirs.dtype.names:
            for name in theirs.dtype.names:
                self._elements(theirs[name], ours[name])
        elif theirs.dtype.kind == "O":
            for one, other in zip(theirs.reshape(-1), ours.reshape(-1), strict=True):
                if isinstance(one, np.ndarray):  # h5py does not mark the arrays inside of an array
                    assert (other.dtype, other.shape) == (one.dtype, one.shape)
                    self._elements(one, other)
                else:
                    self.value(one, other)
        elif theirs.dtype.kind in "fc":
            np.testing.assert_array_equal(ours, theirs)
            numbers = ~np.isnan(theirs)
            for part in (np.real, np.imag):  # -0.0 is not 0.0
                np.testing.assert_array_equal(
                    np.signbit(part(ours[numbers])), np.signbit(part(theirs[numbers]))
                )
        else:
            assert np.ascontiguousarray(theirs).tobytes() == np.ascontiguousarray(ours).tobytes()

    def reference(self, theirs: Any, ours: Any) -> None:
        """Assert that a reference of ours is of the same kind and leads to the same object."""
        assert isinstance(ours, type(theirs))
        assert isinstance(ours, h5py.RegionReference) == isinstance(theirs, h5py.RegionReference)
        assert bool(ours) == bool(theirs)
        if not theirs:
            return
        try:
            name = self.theirs[theirs].name
        except (KeyError, ValueError):
            return  # its target is gone
        if name is not None:
            assert self.theirs[self.ours[ours].name] == self.theirs[name]

    def attributes(self, theirs: Any, ours: Any) -> None:
        """Assert that two objects have the same attributes, one by one and as a whole."""
        assert sorted(ours, key=repr) == sorted(theirs, key=repr)
        assert len(ours) == len(theirs)
        for name in theirs:
            assert name in ours
            try:
                expected = theirs[name]
            except (OSError, TypeError, RuntimeError, ValueError):
                continue  # h5py itself cannot read it
            self.value(expected, ours[name])


def same_dtype(theirs: np.dtype[Any], ours: np.dtype[Any]) -> None:
    """Assert that two dtypes are equal, h5py's marks at every depth included."""
    assert ours == theirs
    if theirs.names:
        assert ours.names == theirs.names
        for name in theirs.names:
            same_dtype(theirs[name], ours[name])
    elif theirs.subdtype:
        same_dtype(theirs.subdtype[0], ours.subdtype[0])
    else:
        for check in (h5py.check_string_dtype, h5py.check_enum_dtype, h5py.check_ref_dtype):
            assert check(ours) == check(theirs)
        vlen = h5py.check_vlen_dtype(theirs)
        assert (h5py.check_vlen_dtype(ours) is None) == (vlen is None)
        if vlen is not None:
            same_dtype(np.dtype(vlen), np.dtype(h5py.check_vlen_dtype(ours)))
