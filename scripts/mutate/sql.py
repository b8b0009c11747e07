"""The tokens of a model's source, SQL with Jinja, and the parts of it that mutants change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

TOP = -1
JOIN_WORDS = {"inner", "left", "right", "full", "cross", "join"}
CLAUSE_WORDS = {"from", "where", "group", "having", "window", "qualify", "order", "limit", "union"}
OPERAND_BOUNDARIES = (
    JOIN_WORDS
    | CLAUSE_WORDS
    | {"select", "distinct", "on", "when", "then", "else", "as", "partition"}
)

_PATTERN = re.compile(
    r"""
      (?P<skip>\s+|--[^\n]*|/\*.*?\*/|\{%.*?%\}|\{\#.*?\#\})
    | (?P<jinja>\{\{.*?\}\})
    | (?P<string>'(?:[^']|'')*')
    | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<symbol><=|>=|<>|!=|\|\||::|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int
    group: int
    """Index of the bracket or `case` that the token stands in; TOP outside of all."""

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text in words


@dataclass(frozen=True)
class Span:
    """The tokens from first to last, both included."""

    first: int
    last: int


class Sql:
    """A model's source text and what stands where in it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(_tokens(source))

    def text(self, span: Span) -> str:
        return self.source[self.tokens[span.first].start : self.tokens[span.last].end]

    def line(self, offset: int) -> int:
        return self.source.count("\n", 0, offset) + 1

    def word(self, index: int) -> str:
        """Return the word at a position, empty where none is."""
        inside = 0 <= index < len(self.tokens) and self.tokens[index].kind == "word"
        return self.tokens[index].text if inside else ""

    def symbol(self, index: int) -> str:
        inside = 0 <= index < len(self.tokens) and self.tokens[index].kind == "symbol"
        return self.tokens[index].text if inside else ""

    def is_call(self, index: int) -> bool:
        return self.word(index) != "" and self.symbol(index + 1) == "("

    def siblings(self, index: int) -> Iterator[int]:
        """Yield the later tokens of the same bracket, up to its end."""
        group = self.tokens[index].group
        for later in range(index + 1, len(self.tokens)):
            if self.tokens[later].group < group:
                return
            if self.tokens[later].group == group:
                yield later

    def clause_end(self, index: int, stops: set[str]) -> int:
        """Return the last token of what starts at index, up to a stop word or its bracket's end."""
        group = self.tokens[index].group
        last = index
        for later in range(index + 1, len(self.tokens)):
            token = self.tokens[later]
            if token.group < group or (token.group == group and token.is_word(*stops)):
                break
            last = later
        return last

    def items(self, first: int, last: int) -> list[Span]:
        """Split a list at the commas of its own level."""
        group = self.tokens[first].group
        cuts = [
            index
            for index in range(first, last + 1)
            if self.tokens[index].group == group and self.symbol(index) == ","
        ]
        edges = [first - 1, *cuts, last + 1]
        return [Span(left + 1, right - 1) for left, right in pairwise(edges)]

    @cached_property
    def conditions(self) -> list[list[Span]]:
        """The operands of each chain of and / or, a condition of one operand included."""
        chains: list[list[Span]] = []
        for index, token in enumerate(self.tokens):
            opens_filter = token.is_word("where", "on", "having") and not self.is_call(index)
            if opens_filter or self._starts_chain(index):
                first = index + 1 if opens_filter else self._operand_start(index)
                chains.append(self._chain(first))
        return chains

    def _starts_chain(self, index: int) -> bool:
        """Tell whether this is the first and / or of a chain outside of where, on and having."""
        if not self.tokens[index].is_word("and", "or"):
            return False
        first = self._operand_start(index)
        return self.word(first - 1) not in {"and", "or", "where", "on", "having"}

    def _operand_start(self, index: int) -> int:
        group = self.tokens[index].group
        first = index
        for earlier in range(index - 1, -1, -1):
            token = self.tokens[earlier]
            if token.group < group or (token.group == group and self._bounds_operand(earlier)):
                break
            first = earlier
        return first

    def _bounds_operand(self, index: int) -> bool:
        word = self.word(index)
        if word in {"and", "or"} or self.symbol(index) == ",":
            return True
        return word in OPERAND_BOUNDARIES and not (word == "left" and self.is_call(index))

    def _chain(self, first: int) -> list[Span]:
        group = self.tokens[first].group
        operands: list[Span] = []
        start = last = first
        for index in range(first, len(self.tokens)):
            token = self.tokens[index]
            if token.group < group:
                break
            if token.group == group and token.is_word("and", "or"):
                operands.append(Span(start, last))
                start = index + 1
            elif token.group == group and index > start and self._bounds_operand(index):
                break
            last = index
        return [*operands, Span(start, last)]

    def block(self, index: int) -> str:
        """Return the name of the common table expression that a token stands in."""
        group = self.tokens[index].group
        while group != TOP and self.tokens[group].group != TOP:
            group = self.tokens[group].group
        if group >= 2 and self.tokens[group - 1].is_word("as"):
            return self.tokens[group - 2].text
        return "final select"

    def select_of(self, index: int) -> int | None:
        """Return the select that a token belongs to."""
        group = self.tokens[index].group
        while True:
            for earlier in range(index, -1, -1):
                token = self.tokens[earlier]
                if token.group == group and token.is_word("select"):
                    return earlier
                if token.group < group:
                    break
            if group == TOP:
                return None
            index, group = group, self.tokens[group].group

    def relations(self, select: int) -> dict[str, str]:
        """Return the relations a select reads, by the name they have in it."""
        found: dict[str, str] = {}
        for index in self.siblings(select):
            if self.word(index) == "union":
                break
            if not self.tokens[index].is_word("from", "join"):
                continue
            at = index + 2 if self.word(index + 1) == "lateral" else index + 1
            if self.tokens[at].kind not in {"word", "jinja"}:
                continue
            relation = self.tokens[at].text
            alias = self.word(at + 2) if self.word(at + 1) == "as" else relation
            found[alias] = relation
        return found

    @cached_property
    def final_select(self) -> int:
        """Where the last statement starts; all common table expressions stand before it."""
        selects = [
            token.start for token in self.tokens if token.group == TOP and token.is_word("select")
        ]
        return selects[-1]

    def probe(self, relation: str) -> str:
        """Return a statement with the columns of a relation of this model."""
        prefix = "" if relation.startswith("{{") else self.source[: self.final_select]
        return f"{prefix} select * from {relation}"  # noqa: S608


def _tokens(source: str) -> Iterator[Token]:
    open_groups: list[int] = []
    index = 0
    for match in _PATTERN.finditer(source):
        kind, text = str(match.lastgroup), match.group()
        if kind == "skip":
            continue
        if kind == "word":
            text = text.lower()
        if (kind, text) in {("symbol", ")"), ("word", "end")} and open_groups:
            open_groups.pop()
        group = open_groups[-1] if open_groups else TOP
        yield Token(kind, text, match.start(), match.end(), group)
        if (kind, text) in {("symbol", "("), ("word", "case")}:
            open_groups.append(index)
        index += 1
