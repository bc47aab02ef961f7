"""Questions to the API of an archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from lindi_explorer.archive.keys import key_headers, without_key
from lindi_explorer.archive.refusals import refused, unknown
from lindi_explorer.archive.replies import AssetPage, AssetRow, DandisetReply, Me, detail_of
from lindi_explorer.errors import FormatError, TransferError
from lindi_explorer.remote.calls import Reply, WebCalls
from lindi_explorer.remote.policy import may_carry_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from lindi_explorer.archive.instances import Instance
    from lindi_explorer.errors import LindiError
    from lindi_explorer.remote.messages import Headers
    from lindi_explorer.remote.retry import RetryRules

_T = TypeVar("_T")

_ASSET_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = 1000
_ACCOUNT = "the account"
# A listing that never ends would be the server's mistake; DANDI's largest has a million files.
_MOST_PAGES = 10_000


class Client:
    """Asks one archive; without a key first, and with it where that is refused.

    The key is sent to the API alone, over https or within this computer.

    Parameters
    ----------
    instance : Instance
    retries : RetryRules, optional
        When failed requests are sent again.
    waiting : callable, optional
        Told in words, before that happens.
    """

    def __init__(
        self,
        instance: Instance,
        retries: RetryRules | None = None,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self.instance = instance
        self._calls = WebCalls(instance.api, instance.name, retries, waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def newest_version(self, dandiset: str) -> str:
        """The version that is meant where none is named: the newest publication, or else the draft.

        Parameters
        ----------
        dandiset : str

        Returns
        -------
        str
        """
        found = self._ask(f"/dandisets/{dandiset}/", f"dandiset {dandiset}", DandisetReply)
        newest = found.most_recent_published_version
        return "draft" if newest is None else newest.version

    def assets(self, dandiset: str, version: str, prefix: str) -> Iterator[AssetRow]:
        """The files of a version whose paths begin like this, whatever the case of its letters.

        Parameters
        ----------
        dandiset, version, prefix : str

        Yields
        ------
        AssetRow
            In the order of their paths.
        """
        for number in range(1, _MOST_PAGES):
            query = {"path": prefix, "order": "path", "page_size": _PAGE, "page": number}
            route = f"/dandisets/{dandiset}/versions/{quote(version, safe='')}/assets/?{urlencode(query)}"
            page = self._ask(route, f"dandiset {dandiset}", AssetPage)
            for row in page.results:
                if not _ASSET_ID.fullmatch(row.asset_id):
                    raise self._not_understood(f"dandiset {dandiset}", "an id is none")
                yield row
            # The address of the next page is not followed: the server might name any.
            if page.next is None or not page.results:
                return

    def metadata(self, asset_id: str) -> dict[str, Any]:
        """What the archive says of a file, in whatever version it is.

        Parameters
        ----------
        asset_id : str

        Returns
        -------
        dict
        """
        return self._ask(f"/assets/{asset_id}/", f"asset {asset_id}", dict[str, Any])

    def is_closed(self, asset_id: str) -> bool:
        """Whether a file is under embargo: nobody gets it without a key.

        Parameters
        ----------
        asset_id : str

        Returns
        -------
        bool
        """
        reply = self._calls.get(self.instance.download_address(asset_id))
        return reply.status in (401, 403)

    def me(self) -> Me:
        """Whom the key belongs to.

        Returns
        -------
        Me
        """
        return self._ask("/users/me/", _ACCOUNT, Me)

    def _ask(self, route: str, what: str, kind: type[_T]) -> _T:
        url = self.instance.api + route
        reply, headers = self._calls.get(url), None
        if reply.status in (401, 403) and may_carry_credentials(url):
            headers = key_headers(self.instance)
            if headers is not None:
                reply = self._calls.get(url, headers)
        if reply.status != 200:
            raise self._error(reply, what, headers)
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except msgspec.MsgspecError as error:
            raise self._not_understood(what, str(error)) from None

    def _error(self, reply: Reply, what: str, sent: Headers | None) -> LindiError:
        name, status, keyed = self.instance.name, reply.status, sent is not None
        if status == 403 and keyed and what != _ACCOUNT:
            return refused(self.instance, what, status, keyed=True, account=self._account())
        if status in (401, 403):
            return refused(self.instance, what, status, keyed=keyed)
        if what == _ACCOUNT:
            return TransferError(
                f"{name} does not know its users as an archive of DANDI does; it says status {status}.",
                hint=f"Check the address of its API, {self.instance.api}.",
            )
        if status == 404:
            return unknown(self.instance, what)
        said = without_key(detail_of(reply.body), sent)
        return TransferError(
            f"{name} answered a question about {what} with status {status}.",
            hint=f"It said: {said}" if said else f"Check the address of its API, {self.instance.api}.",
        )

    def _account(self) -> Me | None:
        """Who asks, so that a refusal can say why; None if that is refused as well."""
        try:
            return self.me()
        except (FormatError, OSError):
            return None

    def _not_understood(self, what: str, why: str) -> FormatError:
        return FormatError(
            f"{self.instance.name} sent a reply about {what} that is not understood: {why[:200]}.",
            hint=f"Check the address of its API, {self.instance.api}, and update lindi_explorer.",
        )
