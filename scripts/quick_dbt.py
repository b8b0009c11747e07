"""dbt that takes a quarter less for unit tests: arguments, results and exit code are dbt's.

    python scripts/quick_dbt.py build --empty --exclude-resource-type test

For the rows that a unit test brings, dbt adds common table expressions at the head of a model. To
find that head it lets sqlparse analyse the model to its end, which takes longer than to run it.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from dbt import compilation
from dbt.cli.main import cli
from sqlparse import lexer, sql, tokens

OPENING: Final = ("WITH", "RECURSIVE")
# sqlparse has no types.
_words: Any = lexer.tokenize
_token: Any = sql.Token
_statement: Any = sql.Statement


def parse_head(text: str) -> tuple[Any]:
    """Return a statement as tokens to the first word after its opening ones, and the rest as one.

    That is all that dbt reads of it; as text it is the statement unchanged.
    """
    head: list[Any] = []
    for kind, value in _words(text):
        token = _token(kind, value)
        head.append(token)
        if not (token.is_whitespace or kind in tokens.Comment or token.normalized in OPENING):
            break
    rest = text[sum(len(token.value) for token in head) :]
    return (_statement([*head, _token(tokens.Text, rest)]),)


class HeadsOnly:
    """What dbt's compilation uses of the module sqlparse."""

    parse = staticmethod(parse_head)
    sql = sql
    tokens = tokens


if __name__ == "__main__":
    vars(compilation)["sqlparse"] = HeadsOnly
    sys.exit(cli())
