"""Damaged deliveries: whatever happens to the bytes, rows are accounted for and others unharmed."""

from __future__ import annotations

import random
from typing import Any

import pytest

UNTOUCHED = "input_vector_id,system_id,vector_type,identified_at\nV1,S1,other,2026-01-01\n"


def mutate(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(damaged))
        match chance.randrange(6):
            case 0:
                damaged[at] ^= 1 << chance.randrange(8)
            case 1:
                damaged[at] = ord('"')
            case 2:
                del damaged[at : at + chance.randrange(40)]
            case 3:
                damaged[at:at] = damaged[max(0, at - 100) : at]
            case 4:
                damaged[at:at] = bytes(chance.choices(b'\0\r\n",\xff\xed\xa0\x80', k=3))
            case _:
                damaged[at:at] = b"9" * 400
        damaged = damaged or bytearray(b"x")
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_accounted_for(with_systems: Any, seed: int) -> None:
    chance = random.Random(seed)
    findings = "finding_id,system_id,title,severity,vulnerability_class,reported_at,duplicate_of\n"
    findings += "".join(
        f'F{i},S1,"Title {i}, ""quoted""\nover lines",high,c,2026-01-{1 + i % 28:02},'
        f"{f'F{i - 1}' if i % 3 else ''}\n"
        for i in range(40)
    )
    effort = "effort_id,worked_on,hours,mode\n"
    effort += "".join(f"E{i},2026-02-01T10:00:00.5+01:00,{i}.5,manual\n" for i in range(40))
    with_systems.put("program/findings.csv", mutate(chance, findings.encode()))
    with_systems.put("program/effort.csv", mutate(chance, effort.encode()))
    with_systems.put("program/input_vectors.csv", UNTOUCHED)
    result = with_systems.land()

    assert with_systems.reconciles()
    assert with_systems.counts()["program/input_vectors.csv"] == (1, 1, 0, 0)
    in_tables = sum(
        len(with_systems.ask(f"registers/{name}", "1"))
        for name in ("systems", "findings", "effort", "input_vectors")
    )
    assert result.rows_loaded == in_tables
    for reason, line, name in with_systems.ask(
        "ledger/quarantine", "reason, line_number, file_name"
    ):
        assert line is not None or with_systems.counts()[name][0] == 0, reason
