"""Pictures and tables of data, and what they cost."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.explorer.protocol.messages import Message, Request, Response

ViewName = Literal["line", "image", "table", "value", "empty"]
"""Kinds of preview."""


class Cost(Message, frozen=True, kw_only=True):
    """What a read costs, before it (``seconds`` estimated) or after it (measured)."""

    chunks: int
    """Chunks the selection touches."""
    total_chunks: int
    bytes: int
    """Stored bytes of those chunks."""
    seconds: float | None = None
    requests: int | None = None


class PreviewChoice(Message, frozen=True, kw_only=True):
    """One way to show a node, with the cost of its first picture."""

    view: ViewName
    label: str
    selection: str
    """The selection the first picture reads, e.g. ``0:4096, 0:16``."""
    cost: Cost


class Column(Message, frozen=True, kw_only=True):
    """A column of a table preview."""

    name: str
    dtype: str
    numeric: bool


class Axis(Message, frozen=True, kw_only=True):
    """An axis of a plot: regular (``start``, ``step`` per sample), or point by point (``step`` None)."""

    label: str
    unit: str
    start: float
    """Coordinate of sample 0 of the dataset, not of the selection."""
    step: float | None


class Statistics(Message, frozen=True, kw_only=True):
    """Of what was read, not of the decimated picture. Texts in the unit shown."""

    minimum: str
    maximum: str
    mean: str
    nan: int


class Slider(Message, frozen=True, kw_only=True):
    """A dimension of which a picture shows one index."""

    dimension: int
    size: int
    index: int


class GetPreview(Request, frozen=True, kw_only=True, tag="preview"):
    """Read a selection and decimate it for a picture. Answer: Preview (one of its kinds) or TooCostly."""

    path: str
    view: ViewName | None = None
    """None = the node's first choice."""
    selection: str | None = None
    """None = the view's first selection."""
    width: int = 800
    """Pixels of the plotting area: what decimation aims at."""
    height: int = 400
    agreed_bytes: int = 0
    """A read of up to so many stored bytes has been agreed to."""


class GetCsv(Request, frozen=True, kw_only=True, tag="csv"):
    """The selection as CSV text in one buffer. Answer: Download."""

    path: str
    selection: str
    agreed_bytes: int = 0


class LinePreview(Response, frozen=True, kw_only=True, tag="line"):
    """Traces.

    Buffers: ``low`` and ``high`` as float32 of shape (traces, points), ``high`` left out where it equals
    ``low`` (not decimated); then, where the axis has no step, the x coordinates as float64 (points,).
    """

    path: str
    selection: str
    """What was read, e.g. ``0:4096, 0:16``; the first dimension is along x."""
    shape: list[int]
    """Shape of the dataset."""
    first: int
    """First sample read along x."""
    last: int
    """End (exclusive) of the samples read."""
    traces: int
    trace_labels: list[str]
    points: int
    samples_per_point: int
    """1 = every sample is a point; otherwise each point spans low..high of so many samples."""
    x: Axis
    y: Axis
    scaling: str
    """What was applied, e.g. ``conversion 2.34 × 10⁻⁶``; empty = nothing."""
    statistics: Statistics
    cost: Cost


class ImagePreview(Response, frozen=True, kw_only=True, tag="image"):
    """A picture.

    Buffer: with one channel float32 of shape (height, width); with 3 or 4 channels uint8 of shape
    (height, width, channels).
    """

    path: str
    selection: str
    shape: list[int]
    height: int
    width: int
    rows: int
    """Rows of the dataset that the picture spans."""
    columns: int
    every_row: int
    """1 = every row is shown, n = one in n."""
    every_column: int
    channels: int
    low: float
    """1st percentile: start of the colour range."""
    high: float
    """99th percentile."""
    sliders: list[Slider]
    row_label: str
    column_label: str
    unit: str
    scaling: str
    statistics: Statistics
    cost: Cost


class TablePreview(Response, frozen=True, kw_only=True, tag="table"):
    """A page of rows, cells as text."""

    path: str
    selection: str
    columns: list[Column]
    total: int
    offset: int
    rows: list[list[str]]
    cost: Cost


class ValuePreview(Response, frozen=True, kw_only=True, tag="value"):
    """A scalar, a string or a few values as text."""

    path: str
    text: str
    dtype: str
    truncated: bool
    target: str = ""
    """Path an object reference leads to."""


class EmptyPreview(Response, frozen=True, kw_only=True, tag="empty"):
    """There is nothing to show; ``words`` say why."""

    path: str
    words: str


class TooCostly(Response, frozen=True, kw_only=True, tag="too_costly"):
    """Nothing was read: the selection costs more than a view reads unasked."""

    path: str
    view: ViewName
    selection: str
    cost: Cost
    limit: int
    allowed: bool
    """Whether asking again with ``agreed_bytes`` would read it; false above the budget."""
    offer: str
    """A smaller selection that is read unasked; empty = none."""
    offer_cost: Cost | None


class Download(Response, frozen=True, kw_only=True, tag="download"):
    """A file for the browser to save. Buffer: its bytes."""

    filename: str
    mime: str
