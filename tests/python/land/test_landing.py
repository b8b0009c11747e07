"""Landing as a whole: what is listed, what is refused, what happens twice and what is removed."""

from __future__ import annotations

import gzip
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aism.land import LandingError, land, landing
from aism.land.files import classify, delivery_order, is_good_name
from aism.land.lake import LakeError
from aism.land.model import Fault, LandedFile, ReadReport, Reason, Sink
from aism.land.registers import read_register

SYSTEM = "system_id,system_name,risk_tier,provider\n"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("program/systems.csv", "program/systems"),
        ("program/Systems.CSV", "program/systems"),
        ("program/systems-2026-03.csv", "program/systems"),
        ("program/2026/assessment_runs-1.csv", "program/assessment_runs"),
        ("program/findings/2026/march.csv", "program/findings"),
        ("program/findings/effort.csv", "program/effort"),
        ("program/findings/scans/x.csv", "program/scans"),
        ("program/systems2.csv", "unknown"),
        ("program/systems.csv.gz", "unknown"),
        ("program/systems.json", "unknown"),
        ("garak/a/b.report.jsonl", "garak"),
        ("garak/b.REPORT.jsonl.GZ", "garak"),
        ("garak/b.hitlog.jsonl", "garak/hitlog"),
        ("garak/b.jsonl", "unknown"),
        ("garak/b.report.html", "unknown"),
        ("attempts/a.csv", "attempts"),
        ("attempts/a.jsonl.gz", "attempts"),
        ("attempts/a.parquet", "attempts"),
        ("attempts/a.csv.gz", "unknown"),
        ("promptfoo/a.json.gz", "promptfoo"),
        ("pyrit/memory.db", "pyrit"),
        ("inspect/log.eval", "inspect"),
        ("defectdojo/2026-03-01/findings.json", "defectdojo"),
        ("jira/x.json", "jira"),
        ("github/x.json", "github"),
        ("as_of", "as_of"),
        ("program/as_of", "unknown"),
        ("README.md", "unknown"),
        ("systems.csv", "unknown"),
        ("other/systems.csv", "unknown"),
    ],
)
def test_sources(name: str, source: str) -> None:
    assert classify(name) == source


def test_order_of_deliveries() -> None:
    names = [
        "program/b/systems.csv",
        "program/systems-2026-03.csv",
        "program/a/systems.csv",
        "garak/x.report.jsonl.gz",
        "garak/x.report.jsonl",
    ]
    assert sorted(names, key=delivery_order) == [
        "program/a/systems.csv",
        "program/b/systems.csv",
        "program/systems-2026-03.csv",
        "garak/x.report.jsonl",
        "garak/x.report.jsonl.gz",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "_a",
        "1 a-b+c@d=e,(f)#g&h~.csv",
        "été.csv",
        "e\u0301te\u0301.csv",
        "報告.csv",
        "x" * 200,
    ],
)
def test_good_names(name: str) -> None:
    assert is_good_name(name)


BAD_NAMES = [
    ".hidden.csv",
    "-rf.csv",
    " a.csv",
    "a\nb.csv",
    "a\x1bb.csv",
    "a\u202egvs.csv",
    "a\u200bb.csv",
    "a*.csv",
    "a?.csv",
    "a[1].csv",
    "a'b.csv",
    'a"b.csv',
    "a;b.csv",
    "a$b.csv",
    "a\\b.csv",
    "a|b.csv",
    "a\udcffb.csv",
    "x" * 201,
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_files_with_bad_names_are_counted_and_not_opened(ground: Any, name: str) -> None:
    ground.put(f"program/systems/{name}", "not a register")
    ground.land()
    ((listed, reason),) = ground.ask("ledger/quarantine", "file_name, reason")
    assert reason == "bad_name"
    assert listed.isprintable()
    assert set(ground.counts().values()) == {(0, 0, 0, 0)}


def test_a_folder_with_a_bad_name_is_one_entry(ground: Any) -> None:
    ground.put(".git/program/systems.csv", SYSTEM)
    ground.put("program/$x/systems.csv", SYSTEM)
    ground.land()
    assert ground.quarantine() == [
        (".git", None, None, "bad_name"),
        ("program/$x", None, None, "bad_name"),
    ]


def test_links_pipes_and_closed_files_are_not_opened(ground: Any, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "program").mkdir(parents=True)
    (outside / "systems.csv").write_text(SYSTEM + "S1,secret,low,internal\n")
    (ground.landing / "program").mkdir()
    (ground.landing / "program" / "systems.csv").symlink_to(outside / "systems.csv")
    (ground.landing / "program" / "findings").symlink_to(outside)
    (ground.landing / "program" / "dangling-1.csv").symlink_to("nowhere")
    (ground.landing / "loop").symlink_to(ground.landing)
    os.mkfifo(ground.landing / "program" / "scans.csv")
    ground.put("program/.gitkeep", "")
    ground.put("program/effort.csv", "effort_id,worked_on,hours,mode\nE,2026-01-01,1,manual\n")
    ground.land()
    assert ground.quarantine() == [
        ("loop", None, None, "symlink"),
        ("program/dangling-1.csv", None, None, "symlink"),
        ("program/findings", None, None, "symlink"),
        ("program/scans.csv", None, None, "unreadable_file"),
        ("program/systems.csv", None, None, "symlink"),
    ]
    assert ground.ask("registers/systems") == []
    assert ground.counts()["program/effort.csv"] == (1, 1, 0, 0)


def test_unknown_files_and_formats_without_reader_are_no_errors(
    ground: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(landing._READERS, "jira")
    ground.put("README.md", "hello")
    ground.put("jira/issues.json", "{")
    result = ground.land()
    assert ground.quarantine() == []
    assert ground.ask("ledger/files", "source, is_readable, schema_note", "order by 1") == [
        ("jira", False, "no reader for this format yet"),
        ("unknown", True, None),
    ]
    assert any("README.md" in note for note in result.notes)


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b"{}\n" * 1000, mtime=0)[:-5], b""],
    ids=["no gzip", "cut short", "empty"],
)
def test_damaged_gzip_is_one_entry(ground: Any, content: bytes) -> None:
    ground.put("garak/a.report.jsonl.gz", content)
    ground.land()
    assert ground.quarantine() == [("garak/a.report.jsonl.gz", None, None, "bad_gzip")]
    assert ground.counts() == {"garak/a.report.jsonl.gz": (0, 0, 0, 0)}


def test_a_gzip_bomb_is_one_entry(ground: Any) -> None:
    ground.put("garak/a.report.jsonl.gz", gzip.compress(bytes(50 << 20)))
    ground.put("garak/b.hitlog.jsonl.gz", gzip.compress(b"\n" * (50 << 20)))
    ground.land()
    assert [reason for *_, reason in ground.quarantine()] == ["too_large", "too_large"]


def test_limits_are_settings(ground: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.put("program/systems.csv", SYSTEM + "S1,One,high,internal\n")
    monkeypatch.setenv("AISM_MAX_FILE_BYTES", "20")
    ground.land()
    assert ground.quarantine() == [("program/systems.csv", None, None, "too_large")]
    monkeypatch.delenv("AISM_MAX_FILE_BYTES")
    ground.land()
    assert ground.quarantine() == []
    monkeypatch.setenv("AISM_MAX_FILE_BYTES", "many")
    with pytest.raises(LandingError):
        ground.land()


def test_an_empty_folder_gives_every_table(ground: Any) -> None:
    result = ground.land()
    assert (result.files, result.changed, result.as_of) == (0, True, None)
    for table in (
        *(f"registers/{name}" for name in ("systems", "findings", "control_evidence")),
        *(f"{name}/*" for name in ("attempts", "garak_runs", "garak_attempts", "garak_evals")),
        *(f"{name}/*" for name in ("garak_probes", "garak_hits")),
        *("targets", "standing_runs", "ledger/files", "ledger/quarantine"),
    ):
        assert ground.ask(table) == []
    assert ground.ask("ledger/landing") == [(result.landing_sha256, None)]


def test_no_folder_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="no landing folder"):
        land(tmp_path / "none", tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_the_same_bytes_again_write_nothing(with_systems: Any) -> None:
    with_systems.put("program/effort.csv", "x\n1\n")
    with_systems.put("garak/a.report.jsonl.gz", b"damaged")
    first = with_systems.land()
    before = with_systems.lake_state()
    for path in with_systems.landing.rglob("*"):
        os.utime(path, (1, 1))
    second = with_systems.land()
    assert with_systems.lake_state() == before
    assert (first.changed, second.changed) == (True, False)
    assert (second.rows_read, second.rows_quarantined) == (2, 1)
    assert second.landing_sha256 == first.landing_sha256
    assert second.notes == first.notes


def test_a_damaged_lake_is_made_whole(with_systems: Any) -> None:
    with_systems.land()
    rows = with_systems.ask("registers/systems")
    for table in ("registers/systems", "ledger/files"):
        (with_systems.home / "lake" / f"{table}.parquet").unlink()
        assert with_systems.land().changed
        assert with_systems.ask("registers/systems") == rows
    for path in (with_systems.home / "lake" / "parsed" / "systems").iterdir():
        path.unlink()
    assert with_systems.land().changed
    assert with_systems.ask("registers/systems") == rows


def test_a_crash_midway_is_healed(with_systems: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_systems.land()
    with_systems.put("program/systems-2.csv", SYSTEM + "S2,Two,low,internal\n")
    with monkeypatch.context() as patch:
        patch.setattr(landing, "resolve_targets", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            with_systems.land()
    (with_systems.landing / "program" / "systems-2.csv").unlink()
    assert with_systems.land().changed
    assert with_systems.ask("registers/systems", "system_id") == [("S1",)]


def test_only_what_is_new_is_read(with_systems: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_systems.land()
    read: list[str] = []
    original = read_register

    def spy(register: Any, file: LandedFile, sink: Sink) -> ReadReport:
        read.append(file.name)
        return original(register, file, sink)

    monkeypatch.setattr(landing, "read_register", spy)
    with_systems.put("program/systems-2.csv", SYSTEM + "S2,Two,low,internal\n")
    with_systems.put(
        "program/moved/systems.csv",
        with_systems.landing.joinpath("program/systems.csv").read_bytes(),
    )
    with_systems.land()
    assert read == ["program/systems-2.csv"]


def test_removed_and_corrected_files_leave_the_lake(with_systems: Any) -> None:
    path = with_systems.put("program/systems-2.csv", SYSTEM + "S2,Two,huge,internal\n")
    with_systems.land()
    assert len(with_systems.quarantine()) == 1
    first_landed = dict(with_systems.ask("ledger/files", "file_name, landed_at"))

    path.write_text(SYSTEM + "S2,Two,high,internal\n")
    assert with_systems.land().changed
    assert with_systems.quarantine() == []
    landed = dict(with_systems.ask("ledger/files", "file_name, landed_at"))
    assert landed["program/systems.csv"] == first_landed["program/systems.csv"]
    assert landed["program/systems-2.csv"] > first_landed["program/systems-2.csv"]

    path.unlink()
    assert with_systems.land().changed
    assert with_systems.ask("registers/systems", "system_id") == [("S1",)]
    assert len(list((with_systems.home / "lake" / "parsed").rglob("*.*"))) == 2


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(with_systems: Any) -> None:
    path = with_systems.put("program/systems-2.csv", SYSTEM + "S2,Two,low,internal\n")

    def write_on(name: str, number: int, total: int) -> None:
        assert 1 <= number <= total == 2
        if name == "program/systems-2.csv":
            with path.open("a") as stream:
                stream.write("S3,Three,low,internal\n")

    result = land(with_systems.landing, with_systems.home, write_on)
    assert with_systems.ask("registers/systems", "system_id") == [("S1",)]
    assert any("changed while it was read" in note for note in result.notes)
    assert with_systems.land().changed
    assert len(with_systems.ask("registers/systems")) == 3
    # What was read of the changing file is not remembered under its earlier hash.
    path.write_text(SYSTEM + "S2,Two,low,internal\n")
    with_systems.land()
    assert len(with_systems.ask("registers/systems")) == 2


@pytest.mark.parametrize(
    ("content", "as_of", "held"),
    [
        ("2026-03-31\n", date(2026, 3, 31), []),
        ("2026-03-31", date(2026, 3, 31), []),
        ("today", None, [("as_of", None, None, "bad_timestamp")]),
        ("", None, [("as_of", None, None, "bad_timestamp")]),
        ("\xff", None, [("as_of", None, None, "bad_timestamp")]),
    ],
)
def test_as_of(ground: Any, content: str, as_of: date | None, held: list[Any]) -> None:
    ground.put("as_of", content)
    assert ground.land().as_of == as_of
    assert ground.land().as_of == as_of
    assert ground.ask("ledger/landing", "as_of") == [(as_of,)]
    assert ground.quarantine() == held


def test_the_identity_knows_names_and_bytes(ground: Any) -> None:
    def identity() -> str:
        return str(ground.land().landing_sha256)

    path = ground.put("a.txt", "1")
    seen = [identity()]
    path.write_text("2")
    seen.append(identity())
    path.rename(ground.landing / "b.txt")
    seen.append(identity())
    ground.put(".hidden", "")
    seen.append(identity())
    assert len(set(seen)) == 4
    (ground.landing / ".hidden").unlink()
    assert identity() == seen[2]


def test_a_reader_that_fails_costs_its_file_only(
    with_systems: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(file: LandedFile, sink: Sink) -> ReadReport:
        sink.write(
            "garak_probes",
            {key: ["x"] for key in ("file_sha256", "run_id", "attack", "primary_detector")},
        )
        raise KeyError("unforeseen")

    original = landing._reader
    monkeypatch.setattr(
        landing, "_reader", lambda source: (1, broken) if source == "garak" else original(source)
    )
    with_systems.put("garak/a.report.jsonl", "{}\n")
    with_systems.land()
    assert with_systems.quarantine() == [("garak/a.report.jsonl", None, None, "unreadable_file")]
    assert with_systems.ask("garak_probes/*") == []
    assert len(with_systems.ask("registers/systems")) == 1
    assert list((with_systems.home / "lake").rglob("*.unfinished")) == []


def test_text_of_scanner_files_stays_out_of_the_ledger(
    ground: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_all(file: LandedFile, sink: Sink) -> ReadReport:
        return ReadReport(1, [Fault(Reason.NOT_JSON, 1, raw_text="the secret prompt")])

    original = landing._reader
    monkeypatch.setattr(
        landing, "_reader", lambda source: (1, tell_all) if source == "garak" else original(source)
    )
    ground.put("garak/a.report.jsonl", "x")
    ground.land()
    assert ground.ask("ledger/quarantine", "reason, raw_text") == [("not_json", None)]


def test_new_rates_count_without_new_files(ground: Any) -> None:
    ground.put("program/costs.csv", "cost_id,incurred_on,amount,currency\nC,2026-01-01,1,CHF\n")
    assert ground.land().rows_quarantined == 1
    ground.rates.write_text("currency,valid_from,rate\nCHF,2020-01-01,1.05\n")
    assert ground.land().rows_quarantined == 0
    ground.rates.write_text("currency,valid_from,rate\nCHF,soon,1.05\n")
    with pytest.raises(LandingError, match="line 2"):
        ground.land()


def test_a_lake_that_cannot_be_written_is_a_message(with_systems: Any) -> None:
    with_systems.home.write_text("a file where the folder should be")
    with pytest.raises(LakeError, match="home"):
        with_systems.land()
