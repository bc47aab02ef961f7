"""Reading byte ranges of local and remote files, fast and never wrong.

`RangeReader` is the door: ``await reader.read(byte_range)`` for many ranges at once, ``reader.read_now`` for
one, in the caller's thread. `RemoteFile` is the file object that h5py parses.

How it is put together, from the bottom:

* ``address``, ``policy``, ``resolve``: what a URL is, where a document may reach, where a URL leads. ``s3``:
  the https addresses of objects in S3.
* ``archives``: what knows files by other names, and has keys for some addresses.
* ``http``, ``retry``, ``exchange``: the rules of every request, without I/O. ``Exchange.talk`` is a generator
  that says what to send next and is told what came back.
* ``blocking`` (urllib3) and ``concurrent`` (``connections``, which httptools reads the answers of, with
  ``batch`` and ``slots``): two transports that drive it.
* ``calls``: questions to a web interface, on the first of them.
* ``local``: the same for files of this computer. ``cache``: parts of remote files on disk.
* ``reader``, ``pages``, ``file``: what the rest of the package uses.
* ``walk``: fetches the metadata of an HDF5 file ahead of HDF5, many requests at a time.

**No lock on the way of a blocking read.** h5py holds a global lock while it waits for a Python file object.
If that wait were for a Python lock, and the thread that holds it were to collect garbage and free an h5py
object, both would wait for ever. So whatever `RangeReader.read_now` can reach shares its state through single
operations on dicts and deques, which are atomic, and through `lock.acquire(blocking=False)`; never through a
lock that is waited for, and it waits for no other thread.
"""

from lindi_explorer.errors import ChunkTooLargeError
from lindi_explorer.remote.address import is_remote
from lindi_explorer.remote.archives import Place, add_archive, is_elsewhere
from lindi_explorer.remote.archives import find as find_in_archives
from lindi_explorer.remote.cache import LocalCache
from lindi_explorer.remote.cancel import CancelToken, cancelling, current_token
from lindi_explorer.remote.file import RemoteFile
from lindi_explorer.remote.head import Head
from lindi_explorer.remote.pages import PageCache
from lindi_explorer.remote.reader import RangeReader
from lindi_explorer.remote.resolve import add_additional_url_resolver, remove_additional_url_resolver
from lindi_explorer.remote.retry import RetryRules
from lindi_explorer.remote.s3 import https_address, is_s3
from lindi_explorer.remote.stats import ReaderStats, Stats, Walked

__all__ = [
    "CancelToken",
    "ChunkTooLargeError",
    "Head",
    "LocalCache",
    "PageCache",
    "Place",
    "RangeReader",
    "ReaderStats",
    "RemoteFile",
    "RetryRules",
    "Stats",
    "Walked",
    "add_additional_url_resolver",
    "add_archive",
    "cancelling",
    "current_token",
    "find_in_archives",
    "https_address",
    "is_elsewhere",
    "is_remote",
    "is_s3",
    "remove_additional_url_resolver",
]
