"""Every way a register row can break its contract, at least twice, through the whole of landing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aism.land.registers import REGISTERS

SYSTEM = "system_id,system_name,risk_tier,provider,onboarded_at"
FINDING = "finding_id,system_id,title,severity,vulnerability_class,reported_at,duplicate_of"
ALIAS = "source,external_name,system_id,match"
WHOLE_ROW = None

CASES: list[tuple[str, str, bytes, str | None, str]] = [
    # register, header, row, column at fault, reason
    ("systems", SYSTEM, b"S2,Two,high", WHOLE_ROW, "ragged_row"),
    ("systems", SYSTEM, b"S2,Two,high,internal,,", WHOLE_ROW, "ragged_row"),
    ("systems", SYSTEM, b'S2,Tw"o,high,internal,', WHOLE_ROW, "ragged_row"),
    ("systems", SYSTEM, b'S2,"Two,high,internal,', WHOLE_ROW, "ragged_row"),
    ("systems", SYSTEM, b"S2,\xff,high,internal,", "system_name", "bad_utf8"),
    ("systems", SYSTEM, b"S2,Two,high,internal,2026\xe9", "onboarded_at", "bad_utf8"),
    ("systems", SYSTEM + ",extra", b"S2,Two,high,internal,,\xff", "extra", "bad_utf8"),
    ("systems", SYSTEM, b"S2,Two,high,internal,yesterday", "onboarded_at", "bad_timestamp"),
    ("systems", SYSTEM, b"S2,Two,high,internal,2026-02-30", "onboarded_at", "bad_timestamp"),
    ("systems", SYSTEM, b"S2,Two,high,internal, 2026-02-01", "onboarded_at", "bad_timestamp"),
    ("systems", SYSTEM, b",Two,high,internal,", "system_id", "missing_value"),
    ("systems", SYSTEM, b'S2,"",high,internal,', "system_name", "missing_value"),
    ("systems", SYSTEM, b",,,,", "system_id", "missing_value"),
    ("systems", SYSTEM, b"S2,Two,High,internal,", "risk_tier", "unknown_value"),
    ("systems", SYSTEM, b"S2,Two,high,cloud,", "provider", "unknown_value"),
    ("systems", SYSTEM, b"S2,T\0wo,high,internal,", "system_name", "nul_byte"),
    ("systems", SYSTEM, b"S\0,Two,high,internal,", "system_id", "nul_byte"),
    ("system_aliases", ALIAS, b"garak,a(b,S1,pattern", "external_name", "unknown_value"),
    ("system_aliases", ALIAS, b"garak,*,S1,pattern", "external_name", "unknown_value"),
    ("system_aliases", ALIAS, b"nmap,a,S1,exact", "source", "unknown_value"),
    ("system_aliases", ALIAS, b"garak,a,S1,regex", "match", "unknown_value"),
    (
        "team_capacity",
        "month,fte_testers,capacity_hours",
        b"2026-01-02,1,1",
        "month",
        "not_first_day",
    ),
    (
        "team_capacity",
        "month,fte_testers,capacity_hours",
        b"2026-01-01T00:00+01:00,1,1",
        "month",
        "not_first_day",
    ),
    (
        "team_capacity",
        "month,fte_testers,capacity_hours",
        b"2026-01-01,-1,1",
        "fte_testers",
        "negative_number",
    ),
    (
        "team_capacity",
        "month,fte_testers,capacity_hours",
        b"2026-01-01,1,-0.5",
        "capacity_hours",
        "negative_number",
    ),
    (
        "effort",
        "effort_id,worked_on,hours,mode",
        b"E1,2026-01-01,-3,manual",
        "hours",
        "negative_number",
    ),
    ("effort", "effort_id,worked_on,hours,mode", b"E1,2026-01-01,5h,manual", "hours", "bad_number"),
    (
        "effort",
        "effort_id,worked_on,hours,mode",
        b"E1,2026-01-01,1_0,manual",
        "hours",
        "bad_number",
    ),
    (
        "effort",
        "effort_id,worked_on,hours,mode",
        b"E1,2026-01-01,nan,manual",
        "hours",
        "nan_or_infinity",
    ),
    (
        "effort",
        "effort_id,worked_on,hours,mode",
        b"E1,2026-01-01,1e400,manual",
        "hours",
        "nan_or_infinity",
    ),
    (
        "benchmarks",
        "benchmark_id,metric_id,value,source,year",
        b"B,m,1,s,2026.0",
        "year",
        "bad_number",
    ),
    (
        "assessment_techniques",
        "assessment_id,technique_id,is_applicable,is_tested",
        b"A1,T1,yes,true",
        "is_applicable",
        "bad_boolean",
    ),
    (
        "assessment_techniques",
        "assessment_id,technique_id,is_applicable,is_tested",
        b"A1,T1,true,0",
        "is_tested",
        "bad_boolean",
    ),
    ("findings", FINDING, b"F1,S9,t,high,c,2026-01-01,", "system_id", "dangling_reference"),
    ("findings", FINDING, b"F1,S1,t,high,c,2026-01-01,F9", "duplicate_of", "dangling_reference"),
    ("findings", FINDING, b"F1,s1,t,high,c,2026-01-01,", "system_id", "dangling_reference"),
    (
        "assessments",
        "assessment_id,system_id,tier,requested_at,report_delivered_at",
        b"A1,S1,standard,2026-01-02,2026-01-01",
        "report_delivered_at",
        "delivered_before_request",
    ),
    (
        "assessments",
        "assessment_id,system_id,tier,requested_at,report_delivered_at",
        b"A1,S1,standard,2026-01-02T00:00Z,2026-01-02T00:30+01:00",
        "report_delivered_at",
        "delivered_before_request",
    ),
    (
        "costs",
        "cost_id,incurred_on,amount,currency",
        b"C1,2026-01-01,5,CHF",
        "currency",
        "no_exchange_rate",
    ),
    (
        "costs",
        "cost_id,incurred_on,amount,currency",
        b"C1,2023-12-31,5,USD",
        "currency",
        "no_exchange_rate",
    ),
    (
        "costs",
        "cost_id,incurred_on,amount,currency",
        b"C1,2026-01-01,5,eur",
        "currency",
        "no_exchange_rate",
    ),
    # The first fault in the order of the contract's table, wherever the column stands in the file.
    (
        "systems",
        "provider,risk_tier,system_name,system_id",
        b"x,y,,S2",
        "system_name",
        "missing_value",
    ),
    ("findings", FINDING, b"F1,S9,t,high,c,2026-01-01,F9", "system_id", "dangling_reference"),
    ("findings", FINDING, b"F1,S9,t,grave,c,never,F9", "severity", "unknown_value"),
]


@pytest.mark.parametrize(("register", "header", "row", "column", "reason"), CASES)
def test_a_broken_row_is_quarantined_and_named(
    ground: Any, register: str, header: str, row: bytes, column: str | None, reason: str
) -> None:
    if register != "systems":
        ground.put("program/systems.csv", f"{SYSTEM}\nS1,One,high,internal,\n")
    name = f"program/{register}.csv"
    ground.put(name, header.encode() + b"\r\n\r\n" + row + b"\r\n")
    ground.land()
    assert ground.quarantine() == [(name, 3, column, reason)]
    assert ground.counts()[name] == (1, 0, 0, 1)
    assert ground.ask(f"registers/{register}") == []
    assert ground.reconciles()


def test_the_table_above_covers_every_reason_of_a_row_twice() -> None:
    seen = [case[-1] for case in CASES]
    reasons = (
        "ragged_row bad_utf8 bad_timestamp bad_number bad_boolean nan_or_infinity negative_number "
        "not_first_day missing_value unknown_value dangling_reference delivered_before_request "
        "no_exchange_rate nul_byte"
    )
    assert [reason for reason in reasons.split() if seen.count(reason) < 2] == []


@pytest.mark.parametrize(
    ("event_at", "loads"),
    [
        ("2026-01-02", True),
        ("2026-01-01T23:59:59", False),
        ("2026-01-02T00:59+01:00", False),
        ("2026-01-02T01:00+01:00", True),
    ],
)
def test_an_event_is_not_before_its_report(with_systems: Any, event_at: str, loads: bool) -> None:
    with_systems.put("program/findings.csv", f"{FINDING}\nF1,S1,t,high,c,2026-01-02,\n")
    with_systems.put(
        "program/finding_events.csv", f"finding_id,event_type,event_at\nF1,accepted,{event_at}\n"
    )
    with_systems.land()
    held = [] if loads else [("program/finding_events.csv", 2, "event_at", "event_before_report")]
    assert with_systems.quarantine() == held


def test_rates_hold_from_their_first_day(ground: Any) -> None:
    ground.put(
        "program/costs.csv",
        "cost_id,incurred_on,amount,currency\nC1,2024-01-01,5,USD\nC2,1999-01-01,-5,EUR\n",
    )
    ground.land()
    assert ground.quarantine() == []
    assert ground.counts()["program/costs.csv"] == (2, 2, 0, 0)


def test_without_the_seed_only_the_reporting_currency_is_known(ground: Any) -> None:
    ground.rates.unlink()
    ground.put(
        "program/costs.csv",
        "cost_id,incurred_on,amount,currency\nC1,2026-01-01,5,USD\nC2,2026-01-01,5,EUR\n",
    )
    ground.land()
    assert ground.ask("registers/costs", "cost_id") == [("C2",)]


@pytest.mark.parametrize(
    "header",
    ["system_id,system_name,risk_tier", "system_id,system_id,system_name,risk_tier,provider", "x"],
)
def test_a_bad_header_quarantines_each_row(ground: Any, header: str) -> None:
    ground.put("program/systems.csv", f'{header}\na,"b\nc",d\n\ne\n')
    ground.put("program/scans.csv", "scan_id,system_id,started_at\nX,S9,2026-01-01\n")
    ground.land()
    name = "program/systems.csv"
    assert ground.quarantine() == [(name, 2, None, "bad_header"), (name, 5, None, "bad_header")]
    assert ground.counts()[name] == (2, 0, 0, 2)
    # An unreadable register is a missing one: references into it are not checked.
    assert ground.counts()["program/scans.csv"] == (1, 1, 0, 0)
    assert ground.ask("ledger/files", "is_readable", f"where file_name = '{name}'") == [(False,)]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "system_id\n"])
def test_a_file_without_rows_or_header_is_one_entry(ground: Any, content: str) -> None:
    ground.put("program/systems.csv", content)
    ground.land()
    assert ground.quarantine() == [("program/systems.csv", None, None, "bad_header")]
    assert ground.counts()["program/systems.csv"] == (0, 0, 0, 0)


def test_a_sound_row_loads_typed_and_untrimmed(ground: Any) -> None:
    ground.put(
        "program/systems.csv",
        "\ufeffretired_at,provider,risk_tier,note,system_name,system_id\r\n"
        '2026-01-01T01:00+01:00,internal,low,ignored," Ein, ""Zwei""\r\nDrei ",S 1\r\n',
    )
    ground.land()
    ((row),) = ground.ask(
        "registers/systems",
        "system_id, system_name, retired_at::text, onboarded_at, file_name, line_number",
    )
    assert row == (
        "S 1",
        ' Ein, "Zwei"\r\nDrei ',
        "2026-01-01 00:00:00",
        None,
        "program/systems.csv",
        2,
    )
    assert ground.ask("ledger/files", "schema_note") == [("extra columns: note",)]


def test_no_text_of_a_row_about_a_person_is_told(ground: Any) -> None:
    ground.put(
        "program/team_members.csv",
        "email,role,team\nann@example.org,owner,\nbob@example.org,product,payments\n",
    )
    ground.put("program/systems.csv", "system_id,system_name,risk_tier,provider\nS1,One,x,y\n")
    ground.land()
    assert ground.ask("registers/team_members", "email, role, team") == [
        ("bob@example.org", "product", "payments")
    ]
    told = ground.ask("ledger/quarantine", "source, line_number, reason, raw_text", "order by 1")
    assert told == [
        ("program/systems", 2, "unknown_value", "S1,One,x,y"),
        ("program/team_members", 2, "unknown_value", None),
    ]


def test_raw_text_shows_what_hides_and_is_cut(ground: Any) -> None:
    ground.put(
        "program/systems.csv",
        "system_id,system_name,risk_tier,provider\n"
        "S1,\x1b[31m\u202e\u200b\U000e0041\u0085,none,internal\n"
        f"S2,{'x' * 600},none,internal\n".replace("x", "é"),
    )
    ground.land()
    first, second = (text for (text,) in ground.ask("ledger/quarantine", "raw_text"))
    assert first == r"S1,\u{1b}[31m\u{202e}\u{200b}\u{e0041}\u{85},none,internal"
    assert len(second) == 500


def test_the_declarations_are_those_of_the_contract() -> None:
    assert len(REGISTERS) == 19 + 4 + 1  # the contract's, the policy of trackers, team_members
    for register in REGISTERS.values():
        columns = {column.name: column for column in register.columns}
        assert all(columns[name].is_required for name in register.key)
        assert all(
            column.kind in ("timestamp",)
            for column in register.columns
            if re.search("_(at|from)$", column.name)
        )
        for column in register.columns:
            if column.references:
                order = list(REGISTERS)
                assert order.index(column.references) <= order.index(register.name)
