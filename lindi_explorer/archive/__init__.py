"""DANDI: files by their names in the archive, and keys for those under embargo.

`instances` and `keys` say which archives there are and what opens them, `names` takes apart what people
write, `client` asks the API, `replies` says what its answers may be, and `refusals` what people read instead.
`dandi.DANDI` puts them together: it is what `lindi_explorer.remote.archives` asks when a file is opened, or
when a read was refused.

Writing: `uploading.prepare` finds out what an upload would do (`target`, `guard`, `looking`, `reaching`, over
a snapshot in `frozen`), and `uploading.Upload` does it in nine `steps`. `writer` is the half of the API that
changes something, `bucket` the storage behind it, `sending` what brings a file there once and not twice,
its parts `side_by_side`; `hidden` keeps bytes under an embargo from where all can see them, `describing` is
what the archive is told of a file, and `patch_beside` what is stored of the edits. `own` knows which file of
the archive an open one is. By the record of `lindi_explorer.staging.sent` an upload goes on.

The package registers it where it is imported, and loads nothing of this folder before an address needs it.
"""

from lindi_explorer.archive.instances import Instance, add_dandi_instance
from lindi_explorer.archive.names import dandi_address

__all__ = ["Instance", "add_dandi_instance", "dandi_address"]
