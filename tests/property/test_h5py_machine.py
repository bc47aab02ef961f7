"""Random h5py calls on a file of ours and on one of h5py: they stay equal, and undo takes all back."""

from __future__ import annotations

import os

import h5py
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from lindi_explorer.references import codec
from lindi_explorer.staging.journal import EditJournal, revert
from tests.contract.same import Judge
from tests.property.h5py_sides import CONTAINERS, Sides
from tests.property.test_files import FILTERS, values

LONG = os.environ.get("LINDI_LONG") == "1"
NAMES = st.sampled_from(["a", "b", "c d", "é", "x.y", "0"])
COUNTS = st.integers(0, 2**32 - 1)
NUMBERS = ["<i2", ">i4", "<u8", "<f4", ">f8", "|i1", "<f2", "?", "<c8", "S4", "V3"]
KINDS = st.sampled_from(
    [
        *map(np.dtype, NUMBERS),
        h5py.string_dtype(),
        h5py.string_dtype("ascii"),
        h5py.string_dtype("utf-8", 5),
        np.dtype([("a", "<i4"), ("b", ">f8")]),
        np.dtype([("s", h5py.string_dtype()), ("n", "u1")]),
        h5py.enum_dtype({"A": 0, "B": 1}),
        h5py.vlen_dtype("i4"),
        h5py.ref_dtype,
        np.dtype([("target", h5py.ref_dtype), ("n", "<i2")]),
    ]
)
SHAPES = st.one_of(
    st.just(()),
    st.lists(st.integers(0, 6), min_size=1, max_size=3).map(tuple),
    st.sampled_from([(1500,), (60, 40)]),
)
ATTRIBUTES = st.one_of(
    st.integers(-3, 3),
    st.floats(allow_nan=True),
    st.text(max_size=3),
    st.lists(st.integers(0, 9), max_size=3),
)


def fill(file):
    """What is there in the beginning: something of every kind."""
    file.attrs["title"] = "first"
    group = file.create_group("a")
    group.attrs["n"] = np.int16(3)
    group.create_dataset(
        "b", data=np.arange(24, dtype="<i4").reshape(4, 6), chunks=(3, 2), maxshape=(None, 6)
    )
    file.create_dataset("0", data=np.arange(5.0))
    file["c d"] = h5py.SoftLink("/a/b")
    group["é"] = [b"one", b"two", b"three"]


@st.composite
def indices(draw, shape):
    """What stands between the brackets."""
    if not shape or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([(), Ellipsis]))
    if draw(st.integers(0, 5)) == 0:
        mask = np.random.default_rng(draw(COUNTS)).integers(0, 2, shape).astype(bool)
        return mask if mask.any() else Ellipsis
    out, lists = [], 0
    for size in shape[: draw(st.integers(1, len(shape)))]:
        how = draw(st.sampled_from(["one", "part", "step", "all", "list"]))
        if how == "one" and size:
            out.append(draw(st.integers(-size, size - 1)))
        elif how == "list" and size and not lists:
            lists = 1
            out.append(sorted(draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=4))))
        elif how in ("part", "step"):
            start = draw(st.integers(0, size))
            out.append(
                slice(
                    start, draw(st.integers(start, size)), draw(st.integers(2, 3)) if how == "step" else None
                )
            )
        else:
            out.append(slice(None))
    return tuple(out)


_ERRORS = (TypeError, ValueError, KeyError, OSError, RuntimeError, NotImplementedError, OverflowError)


class Machine(RuleBasedStateMachine):
    """`linked`: an object has several names, or had; which of them HDF5 tells is its own affair."""

    @initialize(kind=st.sampled_from([*CONTAINERS, "memory", "hdf5", "remote"]))
    def open(self, kind):
        self.sides = Sides(self.root, kind, fill, self.url)
        self.linked = False

    def teardown(self):
        if hasattr(self, "sides"):
            try:
                self._all_the_way()
            finally:
                self.sides.close()

    def _all_the_way(self):
        """Undo everything, and redo everything."""
        last = self.sides.count()
        self.sides.undo_to(self.sides.first)
        assert self.sides.ours.journal.changes() == [] or self.sides.first
        self.sides.redo_to(last)

    # ------------------------------------------------------------ doing the same on both sides

    def both(self, what, call):
        """Call with each file; where one raises the other does, and nothing has happened."""
        raised = []
        note(what)
        for file in (self.sides.theirs, self.sides.ours):
            try:
                call(file)
            except _ERRORS as error:
                raised.append(error)
            else:
                raised.append(None)
        assert (raised[0] is None) == (raised[1] is None), raised
        if raised[0] is None:
            self.sides.note()
        else:
            self.sides.unchanged()  # HDF5 may have made a group above
        self.sides.compare(linked=self.linked)

    def paths(self, *kinds):
        found = ["/"] if h5py.Group in kinds else []

        def visit(name, item):
            if isinstance(item, kinds):
                found.append(f"/{name}")

        self.sides.theirs.visititems(visit)
        return sorted(found)

    def links(self):
        found = []
        self.sides.theirs.visit_links(found.append)
        return sorted(f"/{name}" for name in found)

    def draw_path(self, data, *kinds):
        return data.draw(st.sampled_from(self.paths(*kinds)))

    def draw_new(self, data):
        parent = self.draw_path(data, h5py.Group)
        more = data.draw(st.sampled_from(["", "", "", "new/"]))
        return f"{parent.rstrip('/')}/{more}{data.draw(NAMES)}"

    def draw_values(self, data, dtype, shape):
        """Gives values for each file: references lead to objects of its own."""
        seed = data.draw(COUNTS)
        objects = self.paths(h5py.Group, h5py.Dataset)

        def make(file):
            rng = np.random.default_rng(seed)
            if h5py.check_ref_dtype(dtype):
                out = np.empty(shape, dtype)
                for place in np.ndindex(*shape):
                    out[place] = file[objects[rng.integers(len(objects))]].ref
                return out
            if dtype.names and h5py.check_ref_dtype(dtype[0]):
                out = np.zeros(shape, dtype)
                for place in np.ndindex(*shape):
                    out[place] = (file[objects[rng.integers(len(objects))]].ref, rng.integers(9))
                return out
            if h5py.check_string_dtype(dtype) is not None and dtype.kind == "S":
                return rng.choice(np.array([b"", b"a", b"abcd"]), size=shape).astype(dtype)
            return values(rng, dtype, shape)

        return make

    # ------------------------------------------------------------ groups and datasets

    @rule(data=st.data(), ordered=st.sampled_from([None, None, True]), require=st.booleans())
    def group(self, data, ordered, require):
        path = self.draw_new(data)
        if require:
            self.both(f"require_group {path}", lambda file: file.require_group(path))
        else:
            self.both(f"create_group {path}", lambda file: file.create_group(path, track_order=ordered))

    @rule(
        data=st.data(), dtype=KINDS, shape=SHAPES, chunked=st.booleans(), full=st.booleans(), filters=FILTERS
    )
    def dataset(self, data, dtype, shape, chunked, full, filters):
        path = self.draw_new(data)
        options = {}
        if shape and chunked:
            options["chunks"] = tuple(data.draw(st.integers(1, max(size, 1))) for size in shape)
            options["maxshape"] = tuple(data.draw(st.sampled_from([size, None, size + 5])) for size in shape)
            options |= filters
        if dtype.kind in "iuf" and h5py.check_enum_dtype(dtype) is None and data.draw(st.booleans()):
            options["fillvalue"] = data.draw(st.sampled_from([0, 7, 1]))
        if data.draw(st.integers(0, 5)) == 0:
            options["track_order"] = True
        make = self.draw_values(data, dtype, shape)

        def create(file):
            if full:
                file.create_dataset(path, data=make(file), dtype=dtype, **options)
            else:
                file.create_dataset(path, shape, dtype, **options)

        self.both(f"create_dataset {path} {shape} {dtype} {options} {full}", create)

    @rule(
        data=st.data(),
        content=st.sampled_from([h5py.Empty("f4"), "text", b"bytes", 3, [1, 2], ["a", "bc"], 2.5]),
    )
    def assign(self, data, content):
        path = self.draw_new(data)
        self.both(f"{path} = {content!r}", lambda file: file.__setitem__(path, content))

    @precondition(lambda self: self.paths(h5py.Dataset))
    @rule(data=st.data())
    def write(self, data):
        path = self.draw_path(data, h5py.Dataset)
        dataset = self.sides.theirs[path]
        if dataset.shape is None:
            return
        index = data.draw(indices(dataset.shape))
        if dataset.dtype.kind in "iuf" and data.draw(st.booleans()):
            self.both(f"{path}[{index!r}] = 5", lambda file: file[path].__setitem__(index, 5))
            return
        shape = np.shape(np.zeros(dataset.shape)[index])
        make = self.draw_values(data, dataset.dtype, shape)
        self.both(f"{path}[{index!r}] = ...", lambda file: file[path].__setitem__(index, make(file)))

    @precondition(lambda self: self.paths(h5py.Dataset))
    @rule(data=st.data())
    def read(self, data):
        path = self.draw_path(data, h5py.Dataset)
        shape = self.sides.theirs[path].shape
        if shape is not None:
            index = data.draw(indices(shape))
            note(f"{path}[{index!r}]")
            sides = self.sides
            Judge(sides.theirs, sides.ours).value(sides.theirs[path][index], sides.ours[path][index])

    @precondition(lambda self: self.paths(h5py.Dataset))
    @rule(data=st.data())
    def resize(self, data):
        path = self.draw_path(data, h5py.Dataset)
        shape = self.sides.theirs[path].shape
        if shape:
            new = tuple(data.draw(st.sampled_from([size, 0, 1, size + 1, size + 5])) for size in shape)
            self.both(f"{path}.resize({new})", lambda file: file[path].resize(new))

    # ------------------------------------------------------------ attributes

    @rule(data=st.data(), name=NAMES, dtype=KINDS, shape=SHAPES.filter(lambda shape: np.prod(shape) < 100))
    def attribute(self, data, name, dtype, shape):
        path = self.draw_path(data, h5py.Group, h5py.Dataset)
        make = self.draw_values(data, dtype, shape)
        self.both(
            f"{path}.attrs.create({name!r}, {shape}, {dtype})",
            lambda file: file[path].attrs.create(name, make(file), dtype=dtype),
        )

    @rule(data=st.data(), name=NAMES, content=ATTRIBUTES, modify=st.booleans())
    def set_attribute(self, data, name, content, modify):
        path = self.draw_path(data, h5py.Group, h5py.Dataset)
        how = "modify" if modify else "__setitem__"
        self.both(
            f"{path}.attrs.{how}({name!r}, {content!r})",
            lambda file: getattr(file[path].attrs, how)(name, content),
        )

    @rule(data=st.data())
    def delete_attribute(self, data):
        path = self.draw_path(data, h5py.Group, h5py.Dataset)
        name = data.draw(st.sampled_from(["a", *self.sides.theirs[path].attrs]))
        self.both(f"del {path}.attrs[{name!r}]", lambda file: file[path].attrs.__delitem__(name))

    # ------------------------------------------------------------ links, deleting, moving, copying

    @rule(data=st.data(), kind=st.sampled_from(["soft", "relative", "dangling", "external"]))
    def link(self, data, kind):
        path = self.draw_new(data)
        target = self.draw_path(data, h5py.Group, h5py.Dataset)
        link = {
            "soft": lambda: h5py.SoftLink(target),
            "relative": lambda: h5py.SoftLink(data.draw(NAMES)),
            "dangling": lambda: h5py.SoftLink("/nowhere"),
            "external": lambda: h5py.ExternalLink("nowhere.h5", target),
        }[kind]()
        self.both(f"{path} = {link!r}", lambda file: file.__setitem__(path, link))

    @rule(data=st.data())
    def hard_link(self, data):
        path = self.draw_new(data)
        target = self.draw_path(data, h5py.Group, h5py.Dataset)
        self.linked = True
        self.both(f"{path} = file[{target!r}]", lambda file: file.__setitem__(path, file[target]))

    @precondition(lambda self: self.links())
    @rule(data=st.data())
    def delete(self, data):
        path = data.draw(st.sampled_from(self.links()))
        self.both(f"del {path}", lambda file: file.__delitem__(path))

    @precondition(lambda self: self.links())
    @rule(data=st.data())
    def move(self, data):
        path, to = data.draw(st.sampled_from(self.links())), self.draw_new(data)
        if to != path and f"{to}/".startswith(f"{path}/"):
            return  # HDF5 makes a circle that nothing leads to
        self.both(f"move {path} {to}", lambda file: file.move(path, to))

    @rule(
        data=st.data(),
        options=st.sets(st.sampled_from(["shallow", "expand_soft", "without_attrs"]), max_size=2),
    )
    def copy(self, data, options):
        path, to = self.draw_path(data, h5py.Group, h5py.Dataset), self.draw_new(data)
        if f"{to}/".startswith(f"{path.rstrip('/')}/"):
            return  # HDF5 copies what it is just making, or not, as it happens
        self.both(
            f"copy {path} {to} {options}", lambda file: file.copy(path, to, **dict.fromkeys(options, True))
        )

    # ------------------------------------------------------------ saving, and the journal

    @rule()
    def flush(self):
        self.sides.ours.flush()
        self.sides.compare(linked=self.linked)

    @rule()
    def reopen(self):
        self._all_the_way()
        self.sides.reopen()
        self.sides.compare(linked=self.linked)

    @rule(data=st.data())
    def undo(self, data):
        earlier = [count for count in self.sides.known if count <= self.sides.count()]
        self.sides.undo_to(data.draw(st.sampled_from(earlier)))
        self.sides.compare(linked=self.linked)

    @rule(data=st.data())
    def redo(self, data):
        later = [count for count in self.sides.known if count >= self.sides.count()]
        self.sides.redo_to(data.draw(st.sampled_from(later)))
        self.sides.compare(linked=self.linked)

    @rule()
    def the_steps_written_down_make_the_same(self):
        again = self.sides.replayed()
        assert codec.to_text(codec.encode(again)) == self.sides.text()
        assert codec.to_text(codec.encode(again.flatten())) == self.sides.text()

    @rule()
    def reverting_every_change_makes_the_source(self):
        base = self.sides.ours.journal.base
        journal = EditJournal(base)
        for step in self.sides.ours.journal.steps:
            journal.apply(step.words, step.edits)
        for _ in range(100):
            changes = journal.changes()
            if not changes:
                break
            journal.apply("Revert", revert(changes[0], journal.overlay))
        assert journal.changes() == []
        assert codec.to_text(codec.encode(journal)) == codec.to_text(codec.encode(base))


@pytest.fixture(autouse=True)
def _around(tmp_path, serve):
    Machine.root = tmp_path
    served = serve(tmp_path)
    Machine.url = staticmethod(lambda path: served.url(str(path.relative_to(tmp_path))))


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=1000 if LONG else 20,
    stateful_step_count=40 if LONG else 12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
