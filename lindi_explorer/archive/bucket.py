"""The storage behind an archive, which takes the bytes: at addresses that are signed, never with a key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from lindi_explorer.archive.etag import SENT_PIECE, Digest, Part, pieces_of
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.replies import CompleteReply
from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError, TransferError
from lindi_explorer.remote.address import SecretUrl, origin_of, scheme_of
from lindi_explorer.remote.calls import Reply, WebCalls
from lindi_explorer.remote.cancel import current_token
from lindi_explorer.remote.messages import Content
from lindi_explorer.remote.retry import RetryRules

_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")
_ETAG = re.compile(rb"<ETag>\s*(?:&quot;|&#34;|\")?([0-9a-f-]{32,50})(?:&quot;|&#34;|\")?\s*</ETag>")


_AGAIN = ("BadDigest", "IncompleteBody", "OperationAborted", "RequestTimeout")
"""What S3 answers with a status that says the client was wrong, where only something was lost on the way."""


class LinkExpiredError(TransferError):
    """An address that parts go to is not good any more; only a new upload gives another one."""


class PartsLostError(LinkExpiredError):
    """The storage knows nothing any more of an upload or its parts."""


class SpoiltError(TransferError):
    """What has arrived is not what was sent, and stays so: this upload can never be completed."""


class Bucket:
    """Sends parts to the storage.

    Parameters
    ----------
    instance : Instance
    waiting : callable, optional
        Told in words, before a request is sent again.
    """

    def __init__(self, instance: Instance, waiting: Callable[[str], None] | None = None) -> None:
        self._instance = instance
        self._rules = RetryRules()
        self._waiting = waiting
        self._calls = WebCalls(instance.api, f"the storage of {instance.name}", self._rules, waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def put(self, url: SecretUrl, path: Path, part: Part, told: Callable[[int], None]) -> None:
        """Send a part of a file, read from the disk as it is sent.

        Parameters
        ----------
        url : SecretUrl
            Where the archive said that it goes.
        path : Path
        part : Part
        told : callable
            Told how many bytes of it are under way.

        Raises
        ------
        LinkExpiredError
            If it is not taken there any more.
        TransferError
            If it does not arrive, or something else does, or it is refused.
        """

        def pieces() -> Iterator[bytes]:
            come = 0
            with path.open("rb", buffering=0) as file:
                file.seek(part.start)
                for piece in pieces_of(file, part.size, SENT_PIECE):
                    yield piece
                    come += len(piece)
                    told(come)

        for failures in range(1, self._rules.tries + 1):
            reply = self._send("PUT", url, Content(part.size, pieces))
            if reply.status == 200 and reply.headers.get("etag", "").strip('"') == part.md5:
                return
            code = _code_of(reply)
            if reply.status != 200 and code not in _AGAIN:
                raise self._refused(reply, url)
            self._pause(
                failures, f"the storage answered {code}" if code else "what arrived is not what was sent"
            )

    def complete(self, upload: CompleteReply, digest: Digest) -> bool:
        """Have the parts put together.

        Parameters
        ----------
        upload : CompleteReply
        digest : Digest
            Of the whole file.

        Returns
        -------
        bool
            False if the storage knows nothing of the upload: it may have been put together before.

        Raises
        ------
        LinkExpiredError
            If only a new upload can help.
        SpoiltError
            If it comes to something else.
        TransferError
            If it cannot be done.
        """
        body, url = upload.body.encode(), SecretUrl(upload.complete_url)
        for failures in range(1, self._rules.tries + 1):
            reply = self._send("POST", url, Content(len(body), lambda: [body]))
            code = _code_of(reply)
            if code == "NoSuchUpload":
                return False
            if code == "InvalidPart":
                raise PartsLostError("The storage has lost a part of the upload.", hint="Upload it again.")
            if reply.status != 200 and code not in _AGAIN:
                raise self._refused(reply, url)
            found = _ETAG.search(reply.body)
            # S3 may say 200 first, and then that it failed.
            if not code and found is not None:
                if found[1].decode() != digest.etag:
                    raise SpoiltError(
                        f"What arrived in the storage of {self._instance.name} is not what was sent.",
                        hint="Upload it again; if it stays so, look at the disk and the network.",
                    )
                return True
            self._pause(failures, f"the storage answered {code or 'something else than S3 does'}")
        raise AssertionError  # the last pause raises

    def _send(self, method: str, url: str, content: Content) -> Reply:
        self._require_place(url)
        return self._calls.send(method, url, None, content)

    def _require_place(self, url: str) -> None:
        """Raise where data would go unencrypted to a place that the user has not named."""
        if scheme_of(url) == "https":
            return
        if scheme_of(url) != "http" or origin_of(url) not in map(origin_of, self._instance.storage):
            raise AccessDeniedError(
                f"{self._instance.name} wants data to be sent to {redact_url(url)}, which is neither https "
                "nor its storage; nothing was sent.",
                hint="Name its storage with add_dandi_instance, if you trust it.",
            )

    def _refused(self, reply: Reply, url: str) -> TransferError:
        code, status, name = _code_of(reply), reply.status, self._instance.name
        answer = f"status {status}, {code}" if code else f"status {status}"
        if code == "NoSuchUpload" or (status == 404 and not code):
            return PartsLostError(
                f"The storage of {name} knows nothing of the upload any more ({answer}).",
                hint="Upload it again.",
            )
        if code == "ExpiredToken" or (status == 403 and (not code or b"expired" in reply.body)):
            return LinkExpiredError(
                f"The storage of {name} says that the link for the upload has expired ({answer}).",
                hint="Upload it again; if it stays so, look at the clock of this computer.",
            )
        return TransferError(
            f"The storage of {name} answered {redact_url(url)} with {answer}.",
            hint="Ask the team of the archive." if status == 403 else "Try again later.",
        )

    def _pause(self, failures: int, why: str) -> None:
        delay = self._rules.delay(failures, None)
        if delay is None:
            raise TransferError(
                f"Nothing gets into the storage of {self._instance.name}: {why}.", hint="Try again later."
            )
        if self._waiting is not None:
            self._waiting(f"{why}, retry {failures} of {self._rules.tries}")
        token = current_token()
        if token is not None:
            token.sleep(delay)
            token.check()
        else:
            time.sleep(delay)


def _code_of(reply: Reply) -> str:
    """What is wrong, in S3's own words; empty if nothing is."""
    found = _CODE.search(reply.body) if b"<Error>" in reply.body else None
    return found[1].decode() if found else ""
