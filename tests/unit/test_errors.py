"""The family of errors as a caller meets it."""

import pickle
import traceback

import pytest

from lindi_explorer import errors

BUILTINS = {
    "NodeNotFoundError": (KeyError, "not-found"),
    "MissingFileError": (FileNotFoundError, "no-file"),
    "InvalidSelectionError": (ValueError, "bad-selection"),
    "FormatError": (ValueError, "format"),
    "UnsupportedError": (NotImplementedError, "unsupported"),
    "ReadOnlyError": (ValueError, "read-only"),
    "AccessDeniedError": (PermissionError, "denied"),
    "RangeNotSupportedError": (OSError, "no-ranges"),
    "StaleFileError": (OSError, "stale"),
    "TransferError": (OSError, "transfer"),
    "ExistingFileError": (FileExistsError, "exists"),
    "FileInUseError": (BlockingIOError, "in-use"),
    "ConflictError": (ValueError, "conflict"),
    "AssetExistsError": (ValueError, "asset-exists"),
    "AssetChangedError": (ValueError, "asset-changed"),
    "ChunkTooLargeError": (ValueError, "chunk-too-large"),
    "CancelledByUserError": (Exception, "cancelled"),
}


@pytest.mark.parametrize("name", BUILTINS)
def test_each_error_is_its_builtin_and_keeps_its_code(name: str) -> None:
    builtin, code = BUILTINS[name]
    cls = getattr(errors, name)
    error = cls("no 'x' in /a", hint="Look at the tree.")
    assert isinstance(error, builtin)
    assert isinstance(error, errors.LindiError)
    assert (cls.code, str(error), error.message, error.hint) == (
        code,
        "no 'x' in /a",
        "no 'x' in /a",
        "Look at the tree.",
    )


def test_the_family_is_complete() -> None:
    family = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert family == {"LindiError", *BUILTINS}
    codes = [code for _, code in BUILTINS.values()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", BUILTINS)
def test_errors_survive_pickling(name: str) -> None:
    error = getattr(errors, name)("what", hint="do this")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.message, again.hint) == (type(error), "what", "do this")


def test_traceback_shows_the_hint() -> None:
    error = errors.TransferError("The transfer broke", hint="Try again later.")
    assert "Try again later." in "".join(traceback.format_exception(error))
