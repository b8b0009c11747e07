"""The seed of exchange rates: from which day on an amount in a currency has a value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from aism.land.csv_rows import read_csv
from aism.land.streams import Limits, open_stream
from aism.land.values import ValueFault, parse_date, parse_number


def first_rates(seed: Path) -> list[tuple[str, date]]:
    """Return, for each currency of the seed, its first day with a rate; without a seed, none.

    Raises:
        ValueError: the seed has not the columns currency, valid_from, rate, or a bad row.

    """
    if not seed.is_file():
        return []
    first: dict[str, date] = {}
    with open_stream(seed, Limits()) as stream:
        header, rows = read_csv(stream)
        for row in rows:
            record = dict(zip(header, row.cells, strict=False))
            try:
                parse_number(record["rate"])
                currency, day = record["currency"], parse_date(record["valid_from"])
            except (KeyError, ValueFault) as error:
                raise ValueError(f"{seed}, line {row.line_number}: {error}") from error
            first[currency] = min(day, first.get(currency, day))
    return sorted(first.items())
