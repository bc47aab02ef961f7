"""Open any NWB, HDF5 or LINDI file, see what is in it, correct it, export a small LINDI file."""

from __future__ import annotations

from importlib import import_module

# Public name -> module that defines it. Loaded on first use: h5py, zarr and pynwb take a while to import.
_HOMES = {"LindiError": "errors"}

__version__ = "0.1.0.dev0"
__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - keys of the table above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
