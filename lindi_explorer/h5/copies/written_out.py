"""Writing an open file as a LINDI file elsewhere: chunks that it cannot refer to are brought along."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import ConflictError, FormatError
from lindi_explorer.formats.container import new_container
from lindi_explorer.formats.in_place import INLINE
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.formats.tar_container import TarContainer
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.remote import CancelToken, RangeReader
from lindi_explorer.staging.checksums import KeptChunks
from lindi_explorer.staging.copying import Lost, copy_ranges
from lindi_explorer.staging.live import inside, loaded_tables
from lindi_explorer.staging.moved import MovedChunks, Snapshot, with_ranges
from lindi_explorer.staging.reading import Content, Wanted

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.staging.area import StagingArea

CONTAINERS = (".lindi.tar", ".lindi.d")
ENDINGS = (".lindi.json", *CONTAINERS)

Outlined = Callable[[References, Mapping[str, str] | None], Outline]
"""Makes the document of a hierarchy; the mapping gives some addresses another text."""


def write_out(
    file: LindiH5pyFile,
    filename: str | os.PathLike[str],
    area: StagingArea | None,
    outlined: Outlined,
    generation_metadata: Any,
) -> None:
    """Write a file, with its edits; see `LindiH5pyFile.write_lindi_file`."""
    path = os.fspath(filename)
    require_ending(path, ENDINGS)
    if not path.endswith(".json"):
        require_elsewhere(file, path)
        # All at once, as every table of chunks is looked at.
        file.read_ahead()
        own = brought_along(file, area)
        references = Snapshot(file.journal)
        write_container(
            path, references, lambda _path, url: own(url), file.reader, outlined, generation_metadata
        )
        return
    if is_container(file):
        raise FormatError(
            f"{Path(path).name} cannot be written: {file.source.name} holds its chunks itself, "
            "and a JSON file has no place for them",
            hint="Give a name that ends with .lindi.tar or .lindi.d.",
        )
    outline = outlined(Snapshot(file.journal), None)
    _add(outline, generation_metadata)
    write_json(path, outline)


def write_container(
    path: str,
    references: References,
    wanted: Callable[[str, str], bool],
    reader: RangeReader,
    outlined: Outlined,
    generation_metadata: Any = None,
    *,
    told: Callable[[Wanted], None] | None = None,
    lost: Lost | None = None,
    cancel: CancelToken | None = None,
    verify: bool = False,
    letters: Callable[[], str] | None = None,
) -> None:
    """Write a ``.lindi.tar`` or ``.lindi.d``, at once or not at all.

    Parameters
    ----------
    path : str
    references : References
        With absolute addresses.
    wanted : callable
        As for `lindi_explorer.staging.copying.copy_ranges`: what goes into the container. All other chunks
        stay where they are.
    reader : RangeReader
    outlined : callable
    generation_metadata : Json, optional
    told : callable, optional
        Told of each chunk that is in the container.
    lost, cancel
        As for `lindi_explorer.staging.copying.copy_ranges`.
    verify : bool
        Whether to read back what was written, and compare.
    letters : callable, optional
        Makes the names inside of an archive; by default they are made by chance, and differ each time.

    Raises
    ------
    TransferError
        If what is in the container is not what was written.
    ExistingFileError, FileInUseError, FormatError, MissingFileError
        As for `lindi_explorer.formats.container.new_container`.
    LindiError
        Another one of the family, if chunks cannot be read.
    OSError
        If it cannot be written.
    """
    with new_container(path) as container:
        kept = KeptChunks()
        if letters is not None and isinstance(container, TarContainer):
            container.letters = letters

        def put(item: Wanted, content: Content) -> ByteRange:
            parts = [content] if isinstance(content, bytes) else content
            found = kept.keep(lambda summed: container.append(summed, item.byte_range.length), parts)
            if told is not None:
                told(item)
            return found

        tables = copy_ranges(loaded_tables(references), wanted, put, reader, cancel=cancel, lost=lost)
        tables |= _from_memory(
            references,
            tables,
            lambda data: kept.keep(lambda summed: container.append(summed, len(data)), [data]),
        )
        outline = outlined(container.relocated(MovedChunks(references, tables)), None)
        _add(outline, generation_metadata)
        container.write(outline)
        container.close()
        if verify:
            kept.require_whole(cancel)


def _from_memory(
    references: References, tables: Mapping[str, ChunkTable], put: Callable[[bytes], ByteRange]
) -> dict[str, ChunkTable]:
    """Put new chunks that are in memory into a container, as if they had been written there."""
    found = {}
    for path, known in loaded_tables(references):
        if isinstance(references.node(path).chunks, WrittenChunks):
            table = tables.get(path, known)
            large = {index: put(data) for index, data in table.inline.items() if len(data) >= INLINE}
            if large:
                found[path] = with_ranges(table, large)
    return found


def require_ending(path: str, endings: tuple[str, ...]) -> None:
    """Raise where a name does not say which kind of LINDI file it is."""
    if not path.endswith(endings):
        raise FormatError(f"{path} cannot be written: the name must end with {_listed(endings)}")


def require_elsewhere(file: LindiH5pyFile, path: str) -> None:
    """Raise where a path is that of the file itself."""
    if file.source.kind != "local":
        return
    try:
        same = Path(path).samefile(file.source.address)
    except OSError:
        return
    if same:
        raise ConflictError(
            f"{path} is the file that is open, and cannot be replaced by itself",
            hint="Save its edits with flush or close, or give another name.",
        )


def is_container(file: LindiH5pyFile) -> bool:
    """Whether a file holds its own chunks, on this machine."""
    return file.source.kind == "local" and file.source.format in ("LINDI tar", "LINDI folder")


def brought_along(file: LindiH5pyFile, area: StagingArea | None) -> Callable[[str], bool]:
    """What tells the files whose chunks another file must not refer to: its own, and those of its area.

    Parameters
    ----------
    file : LindiH5pyFile
    area : StagingArea or None

    Returns
    -------
    callable
        Address of a file -> whether it is one of them.
    """
    staged = None if area is None else inside(area)
    own = file.source.address if is_container(file) else None

    def is_one(url: str) -> bool:
        if own is not None and (url == own or url.startswith(os.path.join(own, ""))):  # noqa: PTH118 - text is compared
            return True
        return staged is not None and staged(url) is not None

    return is_one


def _add(outline: Outline, generation_metadata: Any) -> None:
    if generation_metadata is not None:
        outline.members["generationMetadata"] = generation_metadata


def _listed(endings: tuple[str, ...]) -> str:
    return f"{', '.join(endings[:-1])} or {endings[-1]}"
