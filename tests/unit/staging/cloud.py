"""A place to upload to: a folder, served or not, with the callbacks that a user would write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lindi_explorer.references import codec


class Cloud:
    """Keeps what is uploaded under its own file name: a second file of that name replaces the first."""

    def __init__(self, folder, server=None):
        self.folder = folder
        self.server = server
        self.blobs = []
        self.mains = []
        self.before = lambda path: None

    def on_upload_blob(self, path):
        self.before(path)
        self.blobs.append(path)
        return self._keep(path)

    def on_upload_main(self, path):
        self.mains.append(Path(path).read_text())
        return self._keep(path)

    def _keep(self, path):
        target = self.folder / Path(path).name
        shutil.copyfile(path, target)
        return str(target) if self.server is None else self.server.url(target.name)

    @property
    def callbacks(self):
        return {"on_upload_blob": self.on_upload_blob, "on_upload_main": self.on_upload_main}

    @property
    def references(self):
        """What was uploaded, as others open it."""
        return codec.decode(json.loads(self.mains[-1]))
