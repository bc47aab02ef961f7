"""Any of the requests, and any of what goes to the view."""

from __future__ import annotations

import msgspec

from lindi_explorer.explorer.protocol.changes import Changes, GetChanges
from lindi_explorer.explorer.protocol.checks import Findings, Validate
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
from lindi_explorer.explorer.protocol.home import GetHome, Home
from lindi_explorer.explorer.protocol.nodes import GetJson, GetNode, Json, Node
from lindi_explorer.explorer.protocol.previews import (
    Download,
    EmptyPreview,
    GetCsv,
    GetPreview,
    ImagePreview,
    LinePreview,
    TablePreview,
    TooCostly,
    ValuePreview,
)
from lindi_explorer.explorer.protocol.session import Cancel, Failure, Open, Opened, Progress, StatusChanged
from lindi_explorer.explorer.protocol.storage import GetStorage, Storage
from lindi_explorer.explorer.protocol.tree import Children, Found, GetChildren, Search
from lindi_explorer.explorer.protocol.uploads import (
    CancelUpload,
    GetUploadPlan,
    GetUploadState,
    GetUploadTargets,
    StartUpload,
    UploadPlan,
    UploadState,
    UploadTargets,
)

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
