"""Every message between the explorer's Python side and its view.

This folder is the single source of the protocol: ``js/src/protocol.gen.ts`` is generated from it
(``make protocol``) and a test compares the two. A request names its operation in ``op``, everything
that goes the other way names its kind in ``type``. Binary data travels beside a response as buffers;
the response says what each buffer holds.

Values that are shown or typed travel as text, so that no integer is rounded by JavaScript and no type
is lost: the Python side alone parses and prints them.

The messages lie in one file for each subject. This file is the list of them.
"""

from __future__ import annotations

from lindi_explorer.explorer.protocol.changes import Change, Changes, GetChanges
from lindi_explorer.explorer.protocol.checks import Finding, Findings, Severity, Validate
from lindi_explorer.explorer.protocol.choosing import BackToAssets, ChooseAsset, Choosing
from lindi_explorer.explorer.protocol.edits import (
    Checked,
    CheckText,
    DeleteAttribute,
    DiscardJournal,
    Edited,
    Redo,
    ResumeJournal,
    Revert,
    SetAttribute,
    SetValue,
    Undo,
)
from lindi_explorer.explorer.protocol.exports import Export, Exported, ExportPlan, GetExportPlan
from lindi_explorer.explorer.protocol.home import Contents, Fact, GetHome, Home, Item, TimeBar
from lindi_explorer.explorer.protocol.messages import Message, Request, Response
from lindi_explorer.explorer.protocol.nodes import (
    ArrayFacts,
    Attribute,
    GetJson,
    GetNode,
    Json,
    Node,
    NodeCard,
)
from lindi_explorer.explorer.protocol.previews import (
    Axis,
    Column,
    Cost,
    Download,
    EmptyPreview,
    GetCsv,
    GetPreview,
    ImagePreview,
    LinePreview,
    PreviewChoice,
    Slider,
    Statistics,
    TablePreview,
    TooCostly,
    ValuePreview,
    ViewName,
)
from lindi_explorer.explorer.protocol.session import (
    Cancel,
    Failure,
    Open,
    Opened,
    PendingJournal,
    Progress,
    Status,
    StatusChanged,
)
from lindi_explorer.explorer.protocol.storage import ChunkRow, GetStorage, Place, Storage
from lindi_explorer.explorer.protocol.tree import Children, Found, GetChildren, Icon, Kind, Mark, Row, Search
from lindi_explorer.explorer.protocol.union import AnyRequest, AnyResponse, decode_request
from lindi_explorer.explorer.protocol.uploads import (
    CancelUpload,
    GetUploadPlan,
    GetUploadState,
    GetUploadTargets,
    StartUpload,
    UploadArchive,
    UploadConflict,
    UploadDandiset,
    UploadedAsset,
    UploadFinding,
    UploadMode,
    UploadPlan,
    UploadState,
    UploadTargets,
)

__all__ = [
    "AnyRequest",
    "AnyResponse",
    "ArrayFacts",
    "Attribute",
    "Axis",
    "BackToAssets",
    "Cancel",
    "CancelUpload",
    "Change",
    "Changes",
    "CheckText",
    "Checked",
    "Children",
    "ChooseAsset",
    "Choosing",
    "ChunkRow",
    "Column",
    "Contents",
    "Cost",
    "DeleteAttribute",
    "DiscardJournal",
    "Download",
    "Edited",
    "EmptyPreview",
    "Export",
    "ExportPlan",
    "Exported",
    "Fact",
    "Failure",
    "Finding",
    "Findings",
    "Found",
    "GetChanges",
    "GetChildren",
    "GetCsv",
    "GetExportPlan",
    "GetHome",
    "GetJson",
    "GetNode",
    "GetPreview",
    "GetStorage",
    "GetUploadPlan",
    "GetUploadState",
    "GetUploadTargets",
    "Home",
    "Icon",
    "ImagePreview",
    "Item",
    "Json",
    "Kind",
    "LinePreview",
    "Mark",
    "Message",
    "Node",
    "NodeCard",
    "Open",
    "Opened",
    "PendingJournal",
    "Place",
    "PreviewChoice",
    "Progress",
    "Redo",
    "Request",
    "Response",
    "ResumeJournal",
    "Revert",
    "Row",
    "Search",
    "SetAttribute",
    "SetValue",
    "Severity",
    "Slider",
    "StartUpload",
    "Statistics",
    "Status",
    "StatusChanged",
    "Storage",
    "TablePreview",
    "TimeBar",
    "TooCostly",
    "Undo",
    "UploadArchive",
    "UploadConflict",
    "UploadDandiset",
    "UploadFinding",
    "UploadMode",
    "UploadPlan",
    "UploadState",
    "UploadTargets",
    "UploadedAsset",
    "Validate",
    "ValuePreview",
    "ViewName",
    "decode_request",
]
