"""DefectDojo: findings with what they belong to, and what imports did to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from aism.land.values import ValueFault, parse_timestamp
from aism.pull.model import Answer, PullError, Put, Tell, Window, positive

if TYPE_CHECKING:
    from aism.pull.client import Client

SCHEME: Final = "Token"
PAGE: Final = 100
_API: Final = "api/v2/"


def pull_defectdojo(
    client: Client, product: str | None, window: Window, put: Put, tell: Tell
) -> int:
    """Pull findings with related fields, tests, engagements, products, imports; return findings.

    A pull of one product, or of changes, leaves out the lists of tests and engagements: each
    finding carries its own. It asks for the imports of the tests of its findings only.

    Raises:
        PullError: no such product, or the server does not answer as DefectDojo does.

    """
    params: dict[str, Any] = {"related_fields": "true", "o": "id"}
    if product is not None:
        params["test__engagement__product"] = _product_id(client, product, put)
    if window.since is not None:
        # DefectDojo lists by last change of a state only; the newest come first.
        params["o"] = "-last_status_update,id"
    findings: dict[int, None] = {}
    tests: dict[int, None] = {}
    for answer in _pages(client, "findings", params):
        put("findings", answer.body)
        for finding in answer.items:
            findings[_number(finding, "id")] = None
            tests[_number(finding, "test")] = None
        tell("findings", len(findings), answer.document["count"])
        if window.since is not None and _is_older(answer.items, window.since):
            break
    if product is None and window.since is None:
        for kind in ("products", "engagements", "tests", "test_imports"):
            _put_all(client, kind, {}, put, tell)
    else:
        for done, test in enumerate(tests, 1):
            _put_all(client, "test_imports", {"test": test}, put)
            tell("tests with their imports", done, len(tests))
    return len(findings)


def _product_id(client: Client, product: str, put: Put) -> int:
    """Find a product by its id or its whole name; any case, as DefectDojo compares."""
    query = {"id": product} if product.isdecimal() else {"name_exact": product}
    found: dict[int, None] = {}
    for answer in _pages(client, "products", query):
        put("products", answer.body)
        for item in answer.items:
            product_id = _number(item, "id")
            if product.casefold() in (str(product_id), str(item.get("name")).casefold()):
                found[product_id] = None
    if len(found) != 1:
        raise PullError(
            f"{len(found) or 'No'} products are called {product!r} among those that the token may "
            "see: give --product the id that stands in the product's address."
        )
    return next(iter(found))


def _put_all(
    client: Client, path: str, query: dict[str, Any], put: Put, tell: Tell | None = None
) -> None:
    count = 0
    for answer in _pages(client, path, query):
        put(path, answer.body)
        count += len(answer.items)
        if tell:
            tell(path.replace("_", " "), count, answer.document["count"])


def _pages(client: Client, path: str, query: dict[str, Any]) -> Iterator[Answer]:
    params = {**query, "limit": PAGE}
    return client.by_offset(f"{_API}{path}/", params, "results", offset="offset", total="count")


def _number(item: object, key: str) -> int:
    found = positive(item.get(key)) if isinstance(item, dict) else None
    if found is None:
        raise PullError(f"An object has no {key} as DefectDojo gives it: check --url.")
    return found


def _is_older(findings: list[dict[str, Any]], since: datetime) -> bool:
    """Tell whether the last one of a page changed before ``since``; without a date nobody knows."""
    said = findings[-1].get("last_status_update") if findings else None
    try:
        return isinstance(said, str) and parse_timestamp(said) < since.replace(tzinfo=None)
    except ValueFault:
        return False
