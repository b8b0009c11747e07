"""`aism` whose builds leave out dbt's data tests: half of the time, for who reads numbers only.

python -m tests.python.untested build --as-of 2026-06-30
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any, Final
from unittest import mock

from aism import audit, build, cli

LEFT_OUT: Final = "exclude_resource_types"


def main() -> None:
    invoke, is_partial = build._invoke_dbt, audit._is_partial

    def invoke_untested(arguments: Sequence[str], on_progress: build.OnProgress) -> Any:
        assert arguments[-2] == "--exclude-resource-types"
        return invoke([*arguments, "test"], on_progress)

    def is_otherwise_partial(args: dict[str, Any]) -> bool:
        assert set(args[LEFT_OUT]) == {"unit_test", "test"}
        return is_partial({name: value for name, value in args.items() if name != LEFT_OUT})

    gc.set_threshold(100_000, 50, 100)  # dbt keeps what it parsed: searching it takes a fifth
    with (
        mock.patch.object(build, "_invoke_dbt", invoke_untested),
        mock.patch.object(audit, "_is_partial", is_otherwise_partial),
    ):
        cli.main()


if __name__ == "__main__":
    main()
