"""The next generation without a build: a copy of the current one, under a number of its own."""

from __future__ import annotations

import json
import os
import shutil
import stat

import duckdb

from aism.warehouse import Warehouse


def publish_copy(warehouse: Warehouse) -> int:
    """Make a copy of the current generation the current one; return its number.

    Readers cannot tell it from a publish: its number is on every name and in the stamp, the
    pointer moves last, and what is too old is removed. What is exported is the same file, linked.
    """
    before = warehouse.published()
    number = warehouse.begin()
    staged = warehouse.staging_folder(number) / "generation.duckdb"
    shutil.copyfile(warehouse.generation_file(before), staged)
    with duckdb.connect(staged) as connection:
        connection.execute("update marts.build_generation set generation = ?", [number])
    staged.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)

    record = warehouse.record(before) | {"generation": number, "teams": {}}
    warehouse.record_file(number).write_text(json.dumps(record), encoding="utf-8")
    shutil.copytree(
        warehouse.export_folder(before), warehouse.export_folder(number), copy_function=os.link
    )
    staged.rename(warehouse.generation_file(number))
    warehouse.point_to(number)
    warehouse.link(number)
    warehouse.prune(number)
    return number
