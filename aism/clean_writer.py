"""Writes one DuckDB file, in a process that has seen nothing but what belongs into it.

DuckDB writes whole blocks, and fills what its compression leaves of them with whatever stood in
memory (duckdb issue 23382). Where one process reads the rows of all and writes the file of one,
that is a neighbour's rows. Run by path, with a request on standard input; it imports nothing of the
project.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import duckdb

_CONFIG: Final[dict[str, Any]] = {
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "threads": 1,
    "temp_directory": "",
}


def main() -> int:
    """Run statements on an attached file, in one transaction; say on stderr why that failed.

    The request is JSON: ``attach``, a statement; ``database``, the name that it gives to the file;
    ``statements``.
    """
    request: dict[str, Any] = json.load(sys.stdin)
    try:
        with duckdb.connect(config=_CONFIG) as connection:
            # Half of the writing would be choosing a compression, which saves a megabyte a team.
            connection.execute("set force_compression = 'uncompressed'")
            connection.execute(request["attach"])
            connection.execute("begin")
            for statement in request["statements"]:
                connection.execute(statement)
            connection.execute("commit")
            connection.execute(f"checkpoint {request['database']}")
            connection.execute(f"detach {request['database']}")
    except duckdb.Error as error:
        print(str(error).partition("\n")[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
