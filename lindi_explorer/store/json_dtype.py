"""LINDI's object arrays (``|O`` with numcodecs' JSON codec) as a data type of zarr-python 3.

zarr-python 3 refuses object arrays whose object codec it does not know. Importing `lindi_explorer.store`
registers this type, so that any code in the process can open them. An element is whatever the JSON holds: a
string, a reference object, the list of a compound row, None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from zarr.core.dtype.common import DataTypeValidationError, HasObjectCodec
from zarr.core.dtype.wrapper import ZDType
from zarr.dtype import data_type_registry

_NAME = "lindi_json2"


@dataclass(frozen=True, kw_only=True, slots=True)
class Json2(ZDType[np.dtypes.ObjectDType, Any], HasObjectCodec):
    """Elements that are JSON values; Zarr v2 metadata only."""

    dtype_cls = np.dtypes.ObjectDType
    _zarr_v3_name: ClassVar[str] = _NAME
    object_codec_id: ClassVar[Literal["json2"]] = "json2"

    @classmethod
    def from_native_dtype(cls, dtype: Any) -> Self:
        """Refuse: a NumPy object dtype alone does not say that its elements are JSON."""
        raise DataTypeValidationError(f"{dtype!r} does not say that its elements are JSON values")

    def to_native_dtype(self) -> np.dtypes.ObjectDType:
        """NumPy's object dtype."""
        return self.dtype_cls()

    @classmethod
    def _from_json_v2(cls, data: Any) -> Self:
        if data == {"name": "|O", "object_codec_id": cls.object_codec_id}:
            return cls()
        raise DataTypeValidationError(f"{data!r} is not an object array of JSON values")

    @classmethod
    def _from_json_v3(cls, data: Any) -> Self:
        raise DataTypeValidationError(f"{data!r}: object arrays of JSON values exist in Zarr v2 only")

    def to_json(self, zarr_format: int) -> Any:
        """The data type in Zarr v2 metadata.

        Raises
        ------
        ValueError
            For Zarr v3, which has no such type.
        """
        if zarr_format != 2:
            raise ValueError("object arrays of JSON values exist in Zarr v2 only")
        return {"name": "|O", "object_codec_id": self.object_codec_id}

    def _check_scalar(self, data: object) -> bool:  # noqa: ARG002 - any JSON value will do
        return True

    def cast_scalar(self, data: object) -> Any:
        """Any value, unchanged."""
        return data

    def default_scalar(self) -> int:
        """What upstream LINDI gives elements that were never written."""
        return 0

    def to_json_scalar(self, data: object, *, zarr_format: int) -> Any:  # noqa: ARG002 - as the base class asks
        """A fill value in metadata."""
        return data

    def from_json_scalar(self, data: Any, *, zarr_format: int) -> Any:  # noqa: ARG002 - as the base class asks
        """A fill value from metadata."""
        return data


def register() -> None:
    """Make the type known to zarr-python; once is enough, more does no harm."""
    if _NAME not in data_type_registry.contents:
        data_type_registry.register(_NAME, Json2)
