"""The same done to a file of h5py's and to one of ours."""

from __future__ import annotations

from tests.contract.same import Judge


class Both:
    """Does the same to a file of h5py's and to ours, and compares."""

    def __init__(self, theirs, ours):
        self.theirs = theirs
        self.ours = ours
        self.judge = Judge(theirs, ours)

    def do(self, *works):
        """Do some things; what they raise must be the same, and undo must take them back."""
        before = self.ours.to_reference_file_system()
        steps = len(self.ours.journal.steps)
        failures = 0
        for work in works:
            wanted, found = failure(work, self.theirs), failure(work, self.ours)
            assert isinstance(found, type(wanted)), (wanted, found)
            failures += wanted is not None
        done = len(self.ours.journal.steps) - steps
        assert done <= len(works) - failures
        after = self.ours.to_reference_file_system()
        for _ in range(done):
            self.ours.journal.undo()
        assert self.ours.to_reference_file_system() == before
        for _ in range(done):
            self.ours.journal.redo()
        assert self.ours.to_reference_file_system() == after

    def same(self, *names):
        """Assert that datasets hold the same."""
        for name in names or self.theirs:
            self.judge.value(self.theirs[name][()], self.ours[name][()])
            assert self.ours[name].shape == self.theirs[name].shape


def setting(name, where, value):
    """What sets a selection of a dataset."""
    return lambda file: file[name].__setitem__(where, value)


def failure(work, file):
    """What something raises, None if nothing."""
    try:
        work(file)
    except (
        TypeError,
        ValueError,
        LookupError,
        OSError,
        RuntimeError,
        OverflowError,
        AttributeError,
    ) as error:
        return error
    return None
