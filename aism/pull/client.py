"""Lists of a tracker's API, page by page, with dlt's REST client; no other module loads dlt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # before dlt is loaded

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderLinkPaginator,
    JSONResponseCursorPaginator,
    SinglePagePaginator,
)
from requests import Request, Response

from aism.pull.address import Address
from aism.pull.model import Answer, Patience, PullError
from aism.pull.secrets import Secret
from aism.pull.session import GuardedSession, TokenAuth

_WHOLE: Final = "$"


class ArrivedOffsetPaginator(BasePaginator):  # type: ignore[misc]  # dlt's types are not read
    """Asks next for what comes after the items that arrived, however many were asked for."""

    def __init__(self, offset_param: str, total_key: str) -> None:
        super().__init__()
        self._offset_param = offset_param
        self._total_key = total_key
        self._offset = 0

    def init_request(self, request: Request) -> None:
        """Ask for the first page."""
        self.update_request(request)

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Count what arrived; the list ends where its total is reached.

        Raises:
            PullError: the page states no total, or is empty before the total is reached.

        """
        total = _key_of(response.json(), self._total_key)
        if not isinstance(total, int):
            raise PullError(f"A page of the list states no {self._total_key}: check --url.")
        self._offset += len(data or ())
        self._has_next_page = self._offset < total
        if self._has_next_page and not data:
            raise PullError(
                f"The tracker's list ended after {self._offset:,} of {total:,}: pull again."
            )

    def update_request(self, request: Request) -> None:
        """Set the offset of the next page."""
        params = request.params if isinstance(request.params, dict) else {}
        request.params = params | {self._offset_param: self._offset}


class Client:
    """One tracker. Every answer is JSON, whole, of its host, and holds no token."""

    def __init__(
        self,
        address: Address,
        secret: Secret,
        headers: Mapping[str, str],
        patience: Patience,
        on_wait: Callable[[str], None],
    ) -> None:
        self._session = GuardedSession(address, secret, patience, on_wait)
        self._pages = patience.pages
        self._client = RESTClient(
            address.base,
            headers={"Accept": "application/json", **headers},
            auth=TokenAuth(secret),
            session=self._session,
            config=RuntimeConfiguration(),  # given, so that dlt looks for no configuration files
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Ask for one document, an object or an array; its ``items`` are those of an array."""
        return next(self._list(path, params or {}, SinglePagePaginator(), None))

    def by_offset(
        self, path: str, params: Mapping[str, Any], items: str, *, offset: str, total: str
    ) -> Iterator[Answer]:
        """List by offset and total, as DefectDojo and Jira Server do.

        Raises:
            PullError: the list lost items while it was read, so that those behind them moved up;
                or it holds fewer items than it says.

        """
        seen: set[object] = set()
        stated = 0
        for answer in self._list(path, params, ArrivedOffsetPaginator(offset, total), items):
            if answer.document[total] < stated:
                raise PullError("The tracker's list lost items while it was read: pull again.")
            stated = answer.document[total]
            seen |= {_id_of(item) for item in answer.items}
            yield answer
        if len(seen) < stated:
            raise PullError(
                f"The tracker's list holds {len(seen):,} different items, not {stated:,}: it "
                "changed while it was read. Pull again."
            )

    def by_cursor(
        self, path: str, params: Mapping[str, Any], items: str, *, cursor: str
    ) -> Iterator[Answer]:
        """List by a cursor in the answer, as Jira Cloud does."""
        paginator = JSONResponseCursorPaginator(cursor_path=cursor, cursor_param=cursor)
        return self._list(path, params, paginator, items)

    def by_link(self, path: str, params: Mapping[str, Any]) -> Iterator[Answer]:
        """List arrays by the ``Link`` header, as GitHub does."""
        return self._list(path, params, HeaderLinkPaginator(), _WHOLE)

    def _list(
        self, path: str, params: Mapping[str, Any], paginator: BasePaginator, items: str | None
    ) -> Iterator[Answer]:
        self._session.begin_listing()
        pages = self._client.paginate(
            path,
            params=dict(params),
            paginator=paginator,
            data_selector=items or _WHOLE,
            hooks={"response": []},
        )
        try:
            for number, page in enumerate(pages, 1):
                document = page.response.json()
                found = document if items in (_WHOLE, None) else _key_of(document, items or "")
                if not isinstance(found, list):
                    if items is not None:
                        raise PullError(f"An answer of {path} is no list: check --url.")
                    found = []
                yield Answer(page.response.content, document, found)
                if number == self._pages and paginator.has_next_page:
                    raise PullError(f"A list of over {number:,} pages does not end: ask for less.")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise PullError(
                f"An answer of {path} is not as the tracker's API gives it "
                f"({type(error).__name__}): check --url."
            ) from None


def _key_of(document: object, key: str) -> object:
    return document.get(key) if isinstance(document, dict) else None


def _id_of(item: object) -> object:
    found = _key_of(item, "id")
    if not isinstance(found, int | str):
        raise PullError("An item of the tracker's list has no id: check --url.")
    return found
