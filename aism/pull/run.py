"""One pull from beginning to end: question, secret, answers, delivery, history."""

from __future__ import annotations

import datetime as dt
import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aism.errors import AismError, UsageError
from aism.pull.address import Address
from aism.pull.delivery import Delivery, Scope, working_folder
from aism.pull.history import History, Pull
from aism.pull.model import Patience, PullError, Put, Tell, Window
from aism.pull.secrets import Secret

if TYPE_CHECKING:
    from aism.pull.client import Client

Ask = Callable[["Client", Window, Put, Tell], int]
"""Asks a tracker for a window; returns how many items there were."""

INSTALL: Final = "Pulling needs dlt, an extra: pip install '.[pull]' in the project's folder."


@dataclass(frozen=True, slots=True)
class Order:
    """What to pull, from where, to where."""

    scope: Scope
    address: Address
    secret: Secret
    ask: Ask
    landing: Path
    home: Path
    since: str = "full"
    day: dt.date | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought."""

    folder: Path
    items: int
    files: int
    since: dt.datetime | None


def run(order: Order, tell: Tell, on_wait: Callable[[str], None]) -> Pulled:
    """Pull everything, or what changed, and deliver it only if all of it came.

    Raises:
        PullError: the tracker did not answer as it should; the landing folder is as before.
        UsageError: dlt is not installed, or the day is to come.
        LockedError: another pull of the same scope is running.

    """
    try:
        return _run(order, tell, on_wait)
    except AismError as error:
        if not order.secret.is_in(str(error)):
            raise
        raise type(error)(order.secret.hide_in(str(error))) from None
    except Exception as error:
        # Its traceback goes into a log.
        if order.secret.is_in("".join(traceback.format_exception(error))):
            raise PullError(f"The pull failed: {type(error).__name__}.") from None
        raise


def _run(order: Order, tell: Tell, on_wait: Callable[[str], None]) -> Pulled:
    started_at = order.patience.now()
    today = started_at.astimezone(dt.UTC).date()
    day = order.day or today
    if day > today:
        raise UsageError(f"--date takes a day up to today ({today.isoformat()}, UTC).")
    client = _client_of(order, on_wait)
    with working_folder(order.landing, order.home, order.scope) as work:
        history = History(order.home, order.landing, order.scope)
        since = history.since(order.since, day)
        window = Window(since, started_at)
        delivery = Delivery(order.landing, work, order.scope, day, is_changes=since is not None)
        items = order.ask(client, window, delivery.put, tell)
        delivery.commit()
        history.add(Pull(day, started_at, since, os.fspath(delivery.folder), items))
    return Pulled(delivery.folder, items, delivery.files, since)


def _client_of(order: Order, on_wait: Callable[[str], None]) -> Client:
    try:
        from aism.pull.client import Client
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("dlt"):
            raise
        raise UsageError(INSTALL) from None
    return Client(order.address, order.secret, order.headers, order.patience, on_wait)
