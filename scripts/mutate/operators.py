"""The small mistakes that a metric's formula can have, each made at each place where it fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scripts.mutate.sql import CLAUSE_WORDS, Span, Sql

COMPARISONS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "=", "!=": "=",
}  # fmt: skip
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
SUMMARIES = ("sum", "min", "max", "count")
COUNTERPARTS = {
    "bool_and": "bool_or", "bool_or": "bool_and", "least": "greatest", "greatest": "least",
    "lead": "lag", "lag": "lead",
}  # fmt: skip
FLIPPED_WORDS = {"and": "or", "or": "and", "true": "false", "false": "true"}
DATE_PARTS = {"month": "quarter", "quarter": "month", "year": "month", "day": "month"}
LIST_STOPS = CLAUSE_WORDS | {"rows", "range"}

Relations = Mapping[str, list[str]]
"""The date and time columns of each relation that a model reads, by its name or its Jinja."""


@dataclass(frozen=True)
class Mutant:
    operator: str
    line: int
    block: str
    before: str
    after: str
    source: str


@dataclass(frozen=True)
class Edit:
    operator: str
    start: int
    end: int
    replacement: str


def mutants(sql: Sql, dated_columns: Relations) -> list[Mutant]:
    """Return every mutant of a model, in the order of the text, without duplicates."""
    edits = {edit for operator in OPERATORS for edit in operator(sql)}
    edits |= set(swap_dates(sql, dated_columns))
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end, edit.replacement))
    return list(
        {mutant.source: mutant for mutant in (_apply(sql, edit) for edit in ordered)}.values()
    )


def _apply(sql: Sql, edit: Edit) -> Mutant:
    source = sql.source
    line_start = source.rfind("\n", 0, edit.start) + 1
    line_end = source.find("\n", edit.end)
    line_end = len(source) if line_end < 0 else line_end
    changed = source[line_start : edit.start] + edit.replacement + source[edit.end : line_end]
    first = next(i for i, token in enumerate(sql.tokens) if token.end > edit.start)
    return Mutant(
        operator=edit.operator,
        line=sql.line(edit.start),
        block=sql.block(first),
        before=_on_one_line(source[line_start:line_end]),
        after=_on_one_line(changed),
        source=source[: edit.start] + edit.replacement + source[edit.end :],
    )


def _on_one_line(text: str) -> str:
    return " ".join(re.sub(r"--[^\n]*", "", text).split())


def _replace(sql: Sql, operator: str, first: int, last: int, replacement: str) -> Edit:
    return Edit(operator, sql.tokens[first].start, sql.tokens[last].end, replacement)


def compare_otherwise(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.kind == "symbol" and token.text in COMPARISONS:
            yield _replace(sql, "comparison", i, i, COMPARISONS[token.text])
        if token.is_word("in", "like") and sql.word(i - 1) != "not":
            yield _replace(sql, "comparison", i, i, f"not {token.text}")


def flip_words(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.kind == "word" and token.text in FLIPPED_WORDS:
            kind = "and / or" if token.text in {"and", "or"} else "constant"
            yield _replace(sql, kind, i, i, FLIPPED_WORDS[token.text])


def negate(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.is_word("is") and sql.word(i + 1) == "null":
            yield _replace(sql, "null test", i, i, "is not")
        elif token.is_word("is") and sql.word(i + 1) == "not":
            yield _replace(sql, "null test", i, i + 1, "is")
        elif token.is_word("not") and sql.word(i - 1) != "is":
            yield Edit("negation", token.start, sql.tokens[i + 1].start, "")
        elif token.is_word("exists") and sql.word(i - 1) != "not":
            yield _replace(sql, "negation", i, i, "not exists")


def drop_conditions(sql: Sql) -> Iterator[Edit]:
    for chain in sql.conditions:
        opener = sql.word(chain[0].first - 1)
        kind = "join condition" if opener == "on" else "filter"
        if len(chain) == 1 and opener == "on":
            yield _replace(sql, kind, chain[0].first, chain[0].last, "true")
        if len(chain) > 1:
            yield from _drop_each(sql, kind, chain)


def _drop_each(sql: Sql, kind: str, parts: list[Span]) -> Iterator[Edit]:
    """Drop each part of a list together with the word or comma beside it."""
    tokens = sql.tokens
    yield Edit(kind, tokens[parts[0].first].start, tokens[parts[1].first].start, "")
    for left, part in pairwise(parts):
        yield Edit(kind, tokens[left.last].end, tokens[part.last].end, "")


def drop_filters(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.is_word("where", "having", "qualify"):
            yield _replace(sql, "filter", i, sql.clause_end(i, CLAUSE_WORDS), "")


def join_otherwise(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.is_word("inner") and sql.word(i + 1) == "join":
            yield _replace(sql, "join", i, i, "left")
        if token.is_word("left") and sql.word(i + 1) == "join":
            yield _replace(sql, "join", i, i, "inner")
        if token.is_word("full") and sql.word(i + 1) == "outer":
            for other in ("left", "right"):
                yield _replace(sql, "join", i, i + 1, other)
        if token.is_word("using") and sql.symbol(i + 1) == "(":
            inside = sql.items(i + 2, sql.clause_end(i + 2, set()))
            if len(inside) > 1:
                yield from _drop_each(sql, "join condition", inside)


def aggregate_otherwise(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.is_word("distinct"):
            yield Edit("aggregate", token.start, sql.tokens[i + 1].start, "")
        if token.is_word("union") and sql.word(i + 1) != "all":
            yield _replace(sql, "aggregate", i, i, "union all")
        if not sql.is_call(i):
            continue
        if token.text in COUNTERPARTS:
            yield _replace(sql, "aggregate", i, i, COUNTERPARTS[token.text])
        if token.text in SUMMARIES and sql.symbol(i + 2) != "*":
            for other in SUMMARIES:
                if other != token.text and sql.word(i + 2) != "distinct":
                    yield _replace(sql, "aggregate", i, i, other)


def calculate_otherwise(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.kind != "symbol" or token.text not in ARITHMETIC:
            continue
        before, after = sql.tokens[i - 1], sql.tokens[i + 1]
        is_operand = before.kind in {"number", "jinja", "string"} or before.text == ")"
        is_column = before.kind == "word" and before.text not in {"select", "distinct"}
        if (is_operand or is_column) and after.text not in {")", ",", "from"}:
            yield _replace(sql, "arithmetic", i, i, ARITHMETIC[token.text])


def change_numbers(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.kind == "number" and not _is_ordinal(sql, i):
            yield _replace(sql, "constant", i, i, _other_number(token.text))


def _is_ordinal(sql: Sql, index: int) -> bool:
    """Tell the 1, 2, 3 of a group by from numbers."""
    while sql.tokens[index].kind == "number" or sql.symbol(index) == ",":
        index -= 1
    return sql.word(index) == "by"


def _other_number(text: str) -> str:
    if text in {"0", "1"}:
        return str(1 - int(text))
    return str(int(text) + 1) if text.isdigit() else repr(float(text) / 2)


def change_literals(sql: Sql) -> Iterator[Edit]:
    """Put another value that the file knows in the place of each text; move spans of time."""
    known = list(
        dict.fromkeys(
            token.text
            for i, token in enumerate(sql.tokens)
            if token.kind == "string" and _is_plain(token.text) and not _is_date_part(sql, i)
        )
    )
    for i, token in enumerate(sql.tokens):
        if sql.word(i - 1) == "interval":
            longer = re.sub(r"\d+", lambda match: str(int(match[0]) + 1), token.text)
            yield _replace(sql, "date", i, i, longer)
        elif _is_date_part(sql, i):
            yield _replace(sql, "date", i, i, f"'{DATE_PARTS[token.text[1:-1]]}'")
        elif sql.word(i - 2) == "extract" and token.text in DATE_PARTS:
            yield _replace(sql, "date", i, i, "month" if token.text == "year" else "year")
        elif token.kind == "string" and re.fullmatch(r"'\d{4}-\d\d-\d\d'", token.text):
            yield _replace(sql, "date", i, i, "'2000-01-01'")
        elif token.kind == "string" and _is_plain(token.text):
            other = known[(known.index(token.text) + 1) % len(known)]
            yield _replace(sql, "literal", i, i, other if other != token.text else "'other'")


def _is_date_part(sql: Sql, index: int) -> bool:
    return sql.word(index - 2) == "date_trunc" and sql.tokens[index].text[1:-1] in DATE_PARTS


def _is_plain(text: str) -> bool:
    is_date = re.fullmatch(r"'\d{4}-.*'|'\d+ \w+'", text)
    return "{" not in text and not is_date


def change_order(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if not (token.is_word("order") and sql.word(i + 1) == "by"):
            continue
        parts = sql.items(i + 2, sql.clause_end(i + 2, LIST_STOPS))
        for part in parts:
            last = sql.tokens[part.last]
            if last.is_word("desc", "asc"):
                other = "asc" if last.text == "desc" else "desc"
                yield _replace(sql, "order", part.last, part.last, other)
            else:
                yield Edit("order", last.end, last.end, " desc")
        if len(parts) > 1:
            yield from _drop_each(sql, "order", parts)


def change_windows(sql: Sql) -> Iterator[Edit]:
    for i, token in enumerate(sql.tokens):
        if token.is_word("partition") and sql.word(i + 1) == "by":
            parts = sql.items(i + 2, sql.clause_end(i + 2, LIST_STOPS))
            if len(parts) > 1:
                yield from _drop_each(sql, "window", parts)
            else:
                yield _replace(sql, "window", i, parts[0].last, "")
        if token.is_word("rows") and sql.word(i + 1) == "unbounded":
            whole = "rows between unbounded preceding and unbounded following"
            yield _replace(sql, "window", i, i + 2, whole)
            yield _replace(sql, "window", i, i + 2, "rows current row")


def move_months(sql: Sql) -> Iterator[Edit]:
    """Move the whole months that a macro adds."""
    for token in sql.tokens:
        if token.kind == "jinja" and "add_months(" in token.text:
            moved = re.sub(r"-?\d+(?=\))", lambda match: str(int(match[0]) + 1), token.text)
            yield Edit("date", token.start, token.end, moved)


def swap_dates(sql: Sql, dated_columns: Relations) -> Iterator[Edit]:
    """Read another date or time that the same input has."""
    for i, token in enumerate(sql.tokens):
        select = sql.select_of(i)
        if select is None or token.kind not in {"word", "jinja"}:
            continue
        names = {
            alias: dated_columns.get(relation, [])
            for alias, relation in sql.relations(select).items()
        }
        if token.kind == "jinja":
            yield from _swap_in_jinja(sql, i, names)
        elif sql.word(i - 1) != "as" and not sql.is_call(i) and sql.symbol(i + 1) != ".":
            offered = _offered(names, sql.word(i - 2) if sql.symbol(i - 1) == "." else "")
            if token.text in offered:
                alias = f" as {token.text}" if _is_bare_item(sql, i) else ""
                for other in offered:
                    if other != token.text:
                        yield _replace(sql, "date", i, i, other + alias)


def _offered(names: Mapping[str, list[str]], alias: str) -> list[str]:
    if alias:
        return names.get(alias, [])
    return next(iter(names.values())) if len(names) == 1 else []


def _is_bare_item(sql: Sql, index: int) -> bool:
    """Tell a column that a select hands on as it is: its name must stay."""
    first = index - 2 if sql.symbol(index - 1) == "." else index
    select = sql.select_of(index)
    if select is None or sql.tokens[select].group != sql.tokens[index].group:
        return False
    clauses = [i for i in sql.siblings(select) if sql.tokens[i].is_word("from")]
    in_list = index < min(clauses, default=len(sql.tokens))
    opens = sql.symbol(first - 1) == "," or sql.word(first - 1) in {"select", "distinct"}
    return in_list and opens and (sql.symbol(index + 1) == "," or sql.word(index + 1) == "from")


def _swap_in_jinja(sql: Sql, index: int, names: Mapping[str, list[str]]) -> Iterator[Edit]:
    token = sql.tokens[index]
    if re.match(r"\{\{\s*(ref|var)\(", token.text):
        return
    for match in re.finditer(r"(?:(\w+)\.)?([a-z_]\w*)\b(?!\()", token.text):
        offered = _offered(names, match[1] or "")
        for other in offered if match[2] in offered else []:
            if other != match[2]:
                start = token.start + match.start(2)
                yield Edit("date", start, token.start + match.end(2), other)


OPERATORS: tuple[Callable[[Sql], Iterator[Edit]], ...] = (
    compare_otherwise,
    flip_words,
    negate,
    drop_conditions,
    drop_filters,
    join_otherwise,
    aggregate_otherwise,
    calculate_otherwise,
    change_numbers,
    change_literals,
    change_order,
    change_windows,
    move_months,
)
