"""Every message between the explorer's Python side and its view.

This module is the single source of the protocol: ``js/src/protocol.gen.ts`` is generated from it
(``make protocol``) and a test compares the two. A request names its operation in ``op``, everything
that goes the other way names its kind in ``type``. Binary data travels beside a response as buffers;
the response says what each buffer holds.

Values that are shown or typed travel as text, so that no integer is rounded by JavaScript and no type
is lost: the Python side alone parses and prints them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["group", "dataset", "datatype", "link", "broken", "asset"]
"""What a node is. ``link`` can be followed; ``broken`` is a link that cannot, or an unreadable node.
``asset`` is a file or a folder of a dandiset, before one is open."""

Icon = Literal[
    "folder", "box", "activity", "table", "image", "grid", "hash", "type", "clock", "link", "unlink"
]
"""Icon of a tree row by meaning, as the icon list of the design names them."""

Mark = Literal["", "M", "A", "D", "R"]
"""Edited, added, deleted, renamed; empty = untouched. A collapsed parent shows the strongest below it."""

Severity = Literal["error", "warning", "hint"]

ViewName = Literal["line", "image", "table", "value", "empty"]
"""Kinds of preview."""

Place = Literal["source", "inline", "staged", "local", "external", "missing"]
"""Where a chunk lives: in the source file, in the document itself, in the staging area, in another
local file, behind an external array link, or nowhere (fill value)."""


UploadMode = Literal["auto", "json", "inline", "tar", "nwb"]
"""How an edited file goes to an archive; see `lindi_explorer.archive.preflight.Mode`."""

UploadConflict = Literal["ask", "replace", "rename"]
"""What to do where there is a file of this name already."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all parts of messages."""


# ---------------------------------------------------------------- parts


class Row(Message, frozen=True, kw_only=True):
    """One row of the tree."""

    path: str
    """Absolute path, ``/`` is the root."""
    name: str
    kind: Kind
    icon: Icon
    type_name: str = ""
    """``neurodata_type`` where the node has one."""
    shape: list[int] | None = None
    """None for groups, links and null dataspaces; empty for scalars."""
    dtype: str = ""
    stored_bytes: int | None = None
    """Stored bytes of all chunks below or in the node, None where counting would need a read."""
    children: int = 0
    """How many children a group has; 0 = not expandable."""
    target: str = ""
    """Path a link leads to, or the path an object reference scalar leads to."""
    problem: str = ""
    """Why a broken node cannot be followed or read."""
    mark: Mark = ""
    below: Mark = ""
    """Strongest mark among the descendants, shown while the row is collapsed."""
    finding: Literal["", "error", "warning"] = ""
    finding_below: Literal["", "error", "warning"] = ""


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


class Attribute(Message, frozen=True, kw_only=True):
    """One attribute of a node."""

    name: str
    type: str
    """``float32``, ``utf-8``, ``int32 [384]``, ``reference`` ..."""
    text: str
    """The value for display, shortened."""
    edit_text: str
    """The whole value as it can be typed; empty where ``editable`` is false."""
    editable: bool
    why_not: str = ""
    mark: Mark = ""
    old_text: str = ""
    """The value before the edits, where ``mark`` is M or D."""
    change: int | None = None
    """Identifier of the last change of this attribute, for Revert."""
    target: str = ""
    """Path an object reference leads to."""
    finding: Literal["", "error", "warning"] = ""
    finding_text: str = ""


class ArrayFacts(Message, frozen=True, kw_only=True):
    """What is known of a dataset without reading its data."""

    shape: list[int] | None
    maxshape: list[int | None] | None
    dtype: str
    """Spelt for people: ``int16``, ``utf-8 string``, ``compound (3 fields)``."""
    chunks: list[int] | None
    """None = contiguous or inside the document."""
    filters: list[str]
    fill_value: str
    stored_bytes: int | None
    size_bytes: int | None
    """Bytes of the decoded array, None for variable-length data."""
    fields: list[str] = []
    """Field names of a compound dtype."""


class NodeCard(Message, frozen=True, kw_only=True):
    """Everything about one node but its data."""

    row: Row
    in_type: str
    """``neurodata_type`` of the nearest parent that has one."""
    array: ArrayFacts | None
    attributes: list[Attribute]
    previews: list[PreviewChoice]
    """The first one is the default; empty for groups without a view of their own."""
    value: Attribute | None = None
    """For a scalar dataset: its value, editable as an attribute is (name is empty)."""


class Status(Message, frozen=True, kw_only=True):
    """State of the whole explorer; comes with every answer that changes it."""

    changes: int
    undo: str
    """What undo would do, empty = nothing to undo."""
    redo: str
    check: Literal["unchecked", "checking", "valid", "findings"]
    """``unchecked`` also when the last result belongs to an older edit."""
    errors: int = 0
    warnings: int = 0
    requests: int = 0
    bytes: int = 0
    """Requests made and bytes received since opening."""


class PendingJournal(Message, frozen=True, kw_only=True):
    """Changes of an earlier explorer that ended without exporting or discarding them."""

    changes: int
    saved_at: str
    """Local date and time with offset."""


class Fact(Message, frozen=True, kw_only=True):
    """A labelled fact of the home card."""

    label: str
    text: str
    path: str = ""


class Item(Message, frozen=True, kw_only=True):
    """A named link to a node."""

    name: str
    path: str
    note: str = ""


class Contents(Message, frozen=True, kw_only=True):
    """A line of the home card's contents."""

    label: str
    items: list[Item]
    stored_bytes: int | None


class TimeBar(Message, frozen=True, kw_only=True):
    """When one object has data, in seconds of the session's time."""

    name: str
    path: str
    spans: list[tuple[float, float]]
    note: str
    """``30 kHz``, ``640 rows`` ..."""


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


class ChunkRow(Message, frozen=True, kw_only=True):
    """Where one chunk lives."""

    index: list[int]
    place: Place
    url: str
    """Without query; the file name alone for local files."""
    offset: int | None
    length: int | None


class Change(Message, frozen=True, kw_only=True):
    """One difference between the source and the edited file."""

    id: int
    mark: Mark
    path: str
    name: str
    """Attribute name; empty for the value of a dataset."""
    type: str
    old: str | None
    new: str | None
    revertible: bool = True


class Finding(Message, frozen=True, kw_only=True):
    """One finding of a check."""

    severity: Severity
    text: str
    path: str
    source: str
    """Which check says so, e.g. ``pynwb.validate``."""


class UploadArchive(Message, frozen=True, kw_only=True):
    """An archive that files may be uploaded to."""

    name: str
    production: bool
    """Whether an upload to it wants a yes of its own."""
    key: bool
    """Whether the kernel has an API key for it; the key itself is never told."""


class UploadDandiset(Message, frozen=True, kw_only=True):
    """A dandiset that the key's owner may write to."""

    identifier: str
    title: str
    embargoed: bool


class UploadFinding(Message, frozen=True, kw_only=True):
    """One thing that was looked at before an upload."""

    level: Literal["ok", "note", "warning", "blocked"]
    title: str
    detail: str


class UploadedAsset(Message, frozen=True, kw_only=True):
    """What came of an upload."""

    url: str
    web_page: str
    """Empty where there is none."""
    neurosift: str
    """Empty where there is none."""
    bytes: int
    sent: int
    """Bytes that were really sent."""
    status: Literal["Valid", "Pending", "Invalid"]
    errors: list[str]
    orphans: list[str]
    """Paths of blobs that an earlier upload has left, and nobody needs."""


# ---------------------------------------------------------------- requests


class Request(Message, frozen=True, kw_only=True, tag_field="op"):
    """Base of all requests."""

    id: str
    """Unique; starts with the prefix of the view that asks, as replies reach every view."""


class Open(Request, frozen=True, kw_only=True, tag="open"):
    """First request of a view. Answer: Opened, or Choosing where only a dandiset has been named."""


class GetHome(Request, frozen=True, kw_only=True, tag="home"):
    """Session card, contents, time alignment. Answer: Home."""


class GetChildren(Request, frozen=True, kw_only=True, tag="children"):
    """A page of a group's children. Answer: Children."""

    path: str
    offset: int = 0
    limit: int = 500


class GetNode(Request, frozen=True, kw_only=True, tag="node"):
    """Answer: Node."""

    path: str


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


class GetStorage(Request, frozen=True, kw_only=True, tag="storage"):
    """Answer: Storage."""

    path: str
    offset: int = 0
    limit: int = 200


class GetJson(Request, frozen=True, kw_only=True, tag="json"):
    """The Zarr metadata of a node as LINDI writes it. Answer: Json."""

    path: str


class Search(Request, frozen=True, kw_only=True, tag="search"):
    """Nodes whose name contains the text. Answer: Found."""

    text: str
    limit: int = 500


class SetAttribute(Request, frozen=True, kw_only=True, tag="set_attribute"):
    """Set or add an attribute, its type kept unless ``type`` names another. Answer: Edited."""

    path: str
    name: str
    text: str
    type: str = ""
    """Empty = keep the attribute's type (for a new attribute: ``utf-8``)."""


class DeleteAttribute(Request, frozen=True, kw_only=True, tag="delete_attribute"):
    """Answer: Edited."""

    path: str
    name: str


class SetValue(Request, frozen=True, kw_only=True, tag="set_value"):
    """Set the value of a scalar dataset, its type kept. Answer: Edited."""

    path: str
    text: str


class CheckText(Request, frozen=True, kw_only=True, tag="check_text"):
    """Would the text be a value of the attribute (with an empty name: of the dataset)? Answer: Checked."""

    path: str
    name: str
    text: str
    type: str = ""


class ChooseAsset(Request, frozen=True, kw_only=True, tag="choose"):
    """Open a file of the dandiset, as its row has it. Answer: Opened; every view is told."""

    path: str
    ready_made: bool = True
    """Whether a LINDI file beside it is opened in its place."""


class BackToAssets(Request, frozen=True, kw_only=True, tag="back_to_assets"):
    """Close the file, whose edits stay in its journal. Answer: Choosing; every view is told."""


class Undo(Request, frozen=True, kw_only=True, tag="undo"):
    """Answer: Edited."""


class Redo(Request, frozen=True, kw_only=True, tag="redo"):
    """Answer: Edited."""


class Revert(Request, frozen=True, kw_only=True, tag="revert"):
    """Take back these changes (empty = all) as one new undoable edit. Answer: Edited."""

    changes: list[int]


class GetChanges(Request, frozen=True, kw_only=True, tag="changes"):
    """Answer: Changes."""


class ResumeJournal(Request, frozen=True, kw_only=True, tag="resume_journal"):
    """Apply the pending journal. Answer: Edited."""


class DiscardJournal(Request, frozen=True, kw_only=True, tag="discard_journal"):
    """Delete the pending journal. Answer: Edited."""


class Validate(Request, frozen=True, kw_only=True, tag="validate"):
    """Run pynwb's validator on the edited file. Answer: Findings."""


class GetExportPlan(Request, frozen=True, kw_only=True, tag="export_plan"):
    """What an export would write. Answer: ExportPlan."""

    filename: str = ""
    """Empty = the default name."""


class Export(Request, frozen=True, kw_only=True, tag="export"):
    """Write the edited file as ``.lindi.json``. Answer: Exported."""

    filename: str
    replace: bool = False
    """Whether an existing file may be replaced."""
    local_paths: bool = False
    """Whether references to files of this machine may be written."""


class GetUploadTargets(Request, frozen=True, kw_only=True, tag="upload_targets"):
    """Which archives there are, and which dandisets of one of them. Answer: UploadTargets."""

    archive: str = ""
    """Name; empty = the one to begin with."""


class GetUploadPlan(Request, frozen=True, kw_only=True, tag="upload_plan"):
    """What an upload would do, and what is in its way; nothing is sent. Answer: UploadPlan."""

    archive: str
    dandiset: str
    path: str = ""
    """Empty = the default path."""
    mode: UploadMode = "auto"
    conflict: UploadConflict = "ask"
    replaces: str = ""
    """The asset that somebody has agreed to replace; empty = whichever is there."""


class StartUpload(Request, frozen=True, kw_only=True, tag="upload"):
    """Begin an upload, which goes on without the view. Answer: UploadState, and events of the same kind."""

    archive: str
    dandiset: str
    path: str = ""
    mode: UploadMode = "auto"
    conflict: UploadConflict = "ask"
    replaces: str = ""
    """The asset that somebody has agreed to replace; empty = whichever is there."""
    production: bool = False
    """Whether an archive that is no sandbox is meant."""


class CancelUpload(Request, frozen=True, kw_only=True, tag="cancel_upload"):
    """Stop the upload; what has arrived is not sent again by the next. Answer: UploadState."""


class GetUploadState(Request, frozen=True, kw_only=True, tag="upload_state"):
    """How far the upload is, or what came of the last. Answer: UploadState."""


class GetCsv(Request, frozen=True, kw_only=True, tag="csv"):
    """The selection as CSV text in one buffer. Answer: Download."""

    path: str
    selection: str
    agreed_bytes: int = 0


class Cancel(Request, frozen=True, kw_only=True, tag="cancel"):
    """Stop the request ``target``, which then answers with a Failure of code ``cancelled``. No answer."""

    target: str


AnyRequest = (
    Open
    | GetHome
    | GetChildren
    | GetNode
    | GetPreview
    | GetStorage
    | GetJson
    | Search
    | SetAttribute
    | DeleteAttribute
    | SetValue
    | CheckText
    | ChooseAsset
    | BackToAssets
    | Undo
    | Redo
    | Revert
    | GetChanges
    | ResumeJournal
    | DiscardJournal
    | Validate
    | GetExportPlan
    | Export
    | GetUploadTargets
    | GetUploadPlan
    | StartUpload
    | CancelUpload
    | GetUploadState
    | GetCsv
    | Cancel
)


# ---------------------------------------------------------------- answers and events


class Response(Message, frozen=True, kw_only=True, tag_field="type"):
    """Base of all that goes to the view."""

    id: str = ""
    """The request that is answered; empty for events, which every view takes."""


class Opened(Response, frozen=True, kw_only=True, tag="opened"):
    """The file is open; no array data has been read."""

    name: str
    """File name to show."""
    source: str
    """``local file``, the host of a URL ..."""
    source_kind: Literal["local", "remote", "memory"]
    format: str
    """``HDF5``, ``LINDI JSON`` ..."""
    nwb_version: str
    root: Row
    status: Status
    seconds: float
    pending: PendingJournal | None
    read_only: str = ""
    """Why nothing can be edited; empty = editable."""
    dandiset: str = ""
    """``Dandiset 000123``, to which there is a way back; empty where the file was not chosen from one."""
    embargoed: bool = False
    """Whether that is known to be under embargo."""


class Choosing(Response, frozen=True, kw_only=True, tag="choosing"):
    """No file is open yet. Until one is, Children and Found list the files and folders of a dandiset."""

    name: str
    """``Dandiset 000123``."""
    title: str
    version: str
    archive: str
    """Name of the instance."""
    web_page: str
    """Address; empty where the archive has none."""
    embargoed: bool
    files: int
    bytes: int
    root: Row
    selected: str
    """The row to begin with."""


class Home(Response, frozen=True, kw_only=True, tag="home"):
    """The card of the whole file."""

    session: list[Fact]
    """Empty for files that are not NWB."""
    file: list[Fact]
    contents: list[Contents]
    timeline: list[TimeBar]


class Children(Response, frozen=True, kw_only=True, tag="children"):
    """A page of children, in the file's order."""

    path: str
    offset: int
    total: int
    rows: list[Row]


class Node(Response, frozen=True, kw_only=True, tag="node"):
    """A node card."""

    card: NodeCard


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


class Storage(Response, frozen=True, kw_only=True, tag="storage"):
    """Where the chunks of a dataset live."""

    path: str
    chunk_shape: list[int]
    grid: list[int]
    filters: list[str]
    stored_bytes: int
    size_bytes: int | None
    places: list[tuple[Place, int]]
    """How many chunks live where."""
    offset: int
    total: int
    chunks: list[ChunkRow]


class Json(Response, frozen=True, kw_only=True, tag="json"):
    """Indented JSON text."""

    path: str
    text: str


class Found(Response, frozen=True, kw_only=True, tag="found"):
    """Matching rows in the order of the tree, each after its parents."""

    text: str
    total: int
    objects: int
    """How many objects were searched."""
    rows: list[Row]
    """Matches and their parents."""
    matches: list[str]
    """Paths of the matches among the rows."""


class Edited(Response, frozen=True, kw_only=True, tag="edited"):
    """An edit is in the journal, on disk, and every view is told (the same message without ``id``)."""

    status: Status
    touched: list[str]
    """Paths whose cards have changed."""
    words: str
    """What happened, e.g. ``Set unit of data``."""
    moved: list[tuple[str, str]] = []
    """Where objects were, and where they are now, one move after the other."""
    pending: PendingJournal | None = None


class Checked(Response, frozen=True, kw_only=True, tag="checked"):
    """Result of CheckText."""

    ok: bool
    words: str


class Changes(Response, frozen=True, kw_only=True, tag="changes"):
    """Differences between source and edited file, in the order of the tree."""

    source: str
    changes: list[Change]
    rows: list[Row]
    """Changed nodes and their parents, in the order of the tree."""


class Findings(Response, frozen=True, kw_only=True, tag="findings"):
    """Result of the last check of the current edit."""

    findings: list[Finding]
    status: Status
    seconds: float


class ExportPlan(Response, frozen=True, kw_only=True, tag="export_plan"):
    """What an export would write."""

    filename: str
    bytes: int
    changes: int
    exists: bool
    local_references: int
    """References to files of this machine, which nobody else can follow."""


class Exported(Response, frozen=True, kw_only=True, tag="exported"):
    """The file is on disk."""

    filename: str
    bytes: int
    changes: int


class UploadTargets(Response, frozen=True, kw_only=True, tag="upload_targets"):
    """Where an upload could go."""

    archives: list[UploadArchive]
    archive: str
    """The one that the dandisets are of."""
    dandisets: list[UploadDandiset]
    dandiset: str
    """The one to begin with; empty where there is none."""
    web_page: str
    """Of the archive; empty where it has none."""
    code: str
    """Of the failure, where there is a problem."""
    problem: str
    """Why there are none; empty where that is no fault."""
    hint: str


class UploadPlan(Response, frozen=True, kw_only=True, tag="upload_plan"):
    """What an upload would do."""

    archive: str
    dandiset: str
    path: str
    mode: UploadMode
    """Never ``auto``."""
    bytes: int
    blobs: int
    """Files with new chunks among what is sent."""
    exists: bool
    """There is a file at this path, and nothing has been said of what to do about just this one."""
    replaces: str
    """The asset that is at this path now; empty where there is none."""
    ready: bool
    production: bool
    """Whether a yes of its own is wanted."""
    findings: list[UploadFinding]


class UploadState(Response, frozen=True, kw_only=True, tag="upload_state"):
    """How far an upload is; as an event whenever that changes."""

    state: Literal["none", "running", "done", "failed", "cancelled"]
    archive: str = ""
    dandiset: str = ""
    path: str = ""
    mode: UploadMode = "auto"
    conflict: UploadConflict = "ask"
    replaces: str = ""
    production: bool = False
    """What was asked for, to ask for it again."""
    step: int = 0
    """1 to 9."""
    label: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Per second, since the step began."""
    uploaded: UploadedAsset | None = None
    edited: bool = False
    """Whether what was uploaded is not what there is now."""
    left: list[str] = []
    """Paths of what a failed or cancelled upload has left in the dandiset; the next try begins with it."""
    code: str = ""
    """Of a failure."""
    problem: str = ""
    hint: str = ""


class Download(Response, frozen=True, kw_only=True, tag="download"):
    """A file for the browser to save. Buffer: its bytes."""

    filename: str
    mime: str


class Failure(Response, frozen=True, kw_only=True, tag="failure"):
    """A request failed; the explorer stays usable."""

    code: str
    """Stable code of the error family."""
    message: str
    """What happened, to what."""
    hint: str
    """What to do."""
    details: str = ""


class Progress(Response, frozen=True, kw_only=True, tag="progress"):
    """A request is under way for longer than a moment."""

    words: str
    done: int
    total: int | None
    bytes: int
    requests: int


class StatusChanged(Response, frozen=True, kw_only=True, tag="status"):
    """Event: the state of the explorer has changed."""

    status: Status


AnyResponse = (
    Opened
    | Choosing
    | Home
    | Children
    | Node
    | LinePreview
    | ImagePreview
    | TablePreview
    | ValuePreview
    | EmptyPreview
    | TooCostly
    | Storage
    | Json
    | Found
    | Edited
    | Checked
    | Changes
    | Findings
    | ExportPlan
    | Exported
    | UploadTargets
    | UploadPlan
    | UploadState
    | Download
    | Failure
    | Progress
    | StatusChanged
)

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


def decode_request(data: bytes | str) -> AnyRequest:
    """Parse and validate one request.

    Parameters
    ----------
    data : bytes or str
        JSON text.

    Returns
    -------
    AnyRequest

    Raises
    ------
    msgspec.ValidationError
        If the text is not one of the requests.
    """
    return _decoder.decode(data)
