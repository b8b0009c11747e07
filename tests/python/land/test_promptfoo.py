"""promptfoo results: both schemas, JSONL, the traps of its verdicts, and its own figures."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aism.land.model import LandedFile, ReadReport, Reason, UnreadableFileError
from aism.land.readers.promptfoo import read_promptfoo
from aism.land.schemas import TABLES

EVAL = "eval-abc-2026-03-01T09:00:00"
SECRET = "the secret text of a prompt"
SHA256 = "ab" * 32

Row = dict[str, Any]


class MemorySink:
    """Keeps what a reader writes, typed as the lake would."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}

    def write(self, table: str, columns: Mapping[str, Sequence[object]]) -> None:
        arrays = [pa.array(columns[field.name], field.type) for field in TABLES[table]]
        self.tables[table].extend(pa.table(arrays, schema=TABLES[table]).to_pylist())

    @property
    def run(self) -> Row:
        (run,) = self.tables["scanner_runs"]
        return run

    @property
    def tests(self) -> list[Row]:
        return [row for row in self.tables["scanner_results"] if row["is_test_verdict"]]

    @property
    def judged(self) -> list[Row]:
        return [row for row in self.tables["scanner_results"] if not row["is_test_verdict"]]

    @property
    def figures(self) -> dict[tuple[Any, ...], tuple[float, float | None]]:
        return {
            (row["target_name"], row["judge"], row["figure"]): (row["value"], row["counted"])
            for row in self.tables["scanner_figures"]
        }


def component(
    passed: bool | None = True, metric: str | None = "leak", weight: int = 1, **more: Any
) -> Row:
    assertion = {"type": "not-contains", "value": "CANARY", "weight": weight, **more}
    if metric:
        assertion["metric"] = metric
    return {"pass": passed, "score": float(bool(passed)), "reason": SECRET, "assertion": assertion}


def result(number: int = 0, success: Any = True, **more: Any) -> Row:
    """One row of promptfoo as it writes them; None takes a key out."""
    row: Row = {
        "id": f"id-{number}",
        "promptIdx": 0,
        "testIdx": number,
        "promptId": "p",
        "provider": {"id": "sim:bot@1", "label": "bot@1"},
        "prompt": {"raw": f"{SECRET} {number}", "label": "{{attack}}"},
        "vars": {"attack": f"{SECRET} {number}"},
        "response": {"output": f"answer to {SECRET}", "tokenUsage": {"total": 3}},
        "success": success,
        "score": 1 if success else 0,
        "failureReason": 0 if success else 1,
        "error": None if success else SECRET,
        "gradingResult": {
            "pass": success,
            "score": 1,
            "reason": SECRET,
            "componentResults": [component(success)],
        },
        "latencyMs": 20 + number,
        "metadata": {"pluginId": "contracts", "model": "x"},
        "testCase": {
            "vars": {"attack": f"{SECRET} {number}"},
            "assert": [{"type": "not-contains", "value": "CANARY", "metric": "leak"}],
            "metadata": {"pluginId": "contracts"},
            "options": {},
        },
    }
    row.update(more)
    return {key: value for key, value in row.items() if value is not ...}


def error(number: int = 0, **more: Any) -> Row:
    fields = {
        "failureReason": 2,
        "gradingResult": None,
        "error": "API error: 503",
        "response": {"error": "API error: 503"},
    }
    return result(number, False, **{**fields, **more})


def stats_of(rows: Sequence[Row]) -> Row:
    kinds = Counter(
        "successes" if row["success"] else "errors" if row["failureReason"] == 2 else "failures"
        for row in rows
    )
    return {name: kinds[name] for name in ("successes", "failures", "errors")}


def document(rows: Sequence[Any], **more: Any) -> Row:
    """Make an export of schema 3; ``results__x`` and ``config__x`` reach into those objects."""
    made: Row = {
        "evalId": EVAL,
        "results": {
            "version": 3,
            "timestamp": "2026-03-01T09:00:01.500Z",
            "prompts": [],
            "results": list(rows),
        },
        "config": {"description": "nightly", "tests": "file://tests.yaml"},
        "metadata": {"promptfooVersion": "0.121.20"},
        "runtimeOptions": {"repeat": 1},
    }
    for key, value in more.items():
        place, _, inner = key.partition("__")
        if inner:
            made[place][inner] = value
        else:
            made[place] = value
    return {key: value for key, value in made.items() if value is not ...}


def read(path: Path, content: Any) -> tuple[ReadReport, MemorySink]:
    """Read a document (a dict), a bare array (a tuple), JSONL (a list) or bytes."""
    name = "a.jsonl" if isinstance(content, list) else "a.json"
    if isinstance(content, list):
        content = b"".join(json.dumps(row).encode() + b"\n" for row in content)
    elif not isinstance(content, bytes):
        content = json.dumps(content).encode()
    return read_file(path / name, content)


def read_file(path: Path, content: bytes) -> tuple[ReadReport, MemorySink]:
    path.write_bytes(content)
    sink = MemorySink()
    file = LandedFile(path, f"promptfoo/{path.name}", "promptfoo", SHA256, len(content))
    return read_promptfoo(file, sink), sink


def verdict(path: Path, row: Row) -> tuple[str, str | None]:
    _, sink = read(path, [row])
    (test,) = sink.tests
    return test["verdict"], test["reason"]


def test_a_row_as_it_stands_in_the_lake(tmp_path: Path) -> None:
    report, sink = read(tmp_path, document([result(0), result(1, False)]))
    test, judged = sink.tests[1], sink.judged[1]
    prompt_id, version = test.pop("prompt_id"), test.pop("judge_version")
    assert test == {
        "file_sha256": SHA256,
        "run_id": EVAL,
        "line_number": None,
        "record_path": "results.results[1]",
        "attempt_id": "id-1",
        "target_name": "bot@1",
        "target_version": None,
        "attempted_at": None,
        "attack": "contracts",
        "strategy": "basic",
        "category": None,
        "technique_id": None,
        "judge": "test",
        "is_test_verdict": True,
        "verdict": "fail",
        "score": 0.0,
        "reason": None,
    }
    assert version != judged["judge_version"] is not None
    assert prompt_id == judged["prompt_id"] != sink.tests[0]["prompt_id"]
    assert (judged["judge"], judged["verdict"], judged["score"]) == ("leak", "fail", 0.0)
    assert (report.runs, report.run_lines, report.rows_read) == ({EVAL: 2}, {EVAL: 2}, 2)
    assert report.targets == {"bot@1"}
    assert not report.unnamed_runs


def test_no_text_of_prompt_answer_or_grader_is_in_the_lake(tmp_path: Path) -> None:
    _, sink = read(tmp_path, document([result(0), result(1, False), error(2)]))
    assert SECRET not in str(sink.tables)
    assert "answer" not in str(sink.tables)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (result(0), ("pass", None)),
        # The reason of a failed assertion stands in `error` too: no error.
        (result(0, False), ("fail", None)),
        (error(), ("error", "provider_error")),
        (error(failureReason=...), ("error", "provider_error")),
        # What a newer promptfoo took over from before failureReason has 0 there.
        (error(failureReason=0), ("error", "provider_error")),
        (error(failureReason=..., error=...), ("error", "provider_error")),
        (result(0, False, failureReason=...), ("fail", None)),
        (result(0, False, failureReason=0), ("fail", None)),
        (result(0, gradingResult=None), ("none", "unscored")),
        (result(0, gradingResult=None, error="x"), ("none", "unscored")),
        (
            result(0, gradingResult={"reason": "No assertions", "componentResults": [component()]}),
            ("pass", None),
        ),
        (result(0, False, gradingResult=None, error=None, failureReason=0), ("none", "unscored")),
        (result(0, False, gradingResult=None), ("fail", None)),
        (
            result(0, gradingResult={"pass": True, "score": 1, "reason": "No assertions"}),
            ("none", "unscored"),
        ),
        (
            result(0, gradingResult={"pass": True, "score": 1, "reason": "All passed"}),
            ("pass", None),
        ),
        (result(0, response={"output": None}), ("pass", "null_output")),
        (result(0, False, response={"output": None}), ("fail", "null_output")),
        (result(0, False, response=None), ("fail", "null_output")),
        # What promptfoo writes where a target gave nothing, outside and inside of red teams.
        (
            result(0, False, response={}, gradingResult=None, error="No output", failureReason=0),
            ("fail", "null_output"),
        ),
        (result(0, response={}, gradingResult=None), ("none", "null_output")),
        (result(0, response={"output": ""}), ("pass", None)),
        (result(0, False, response={"error": "cut"}), ("fail", None)),
    ],
)
def test_verdicts(tmp_path: Path, row: Row, expected: tuple[str, str | None]) -> None:
    assert verdict(tmp_path, row) == expected


def test_without_a_verdict_the_tools_zero_is_no_score(tmp_path: Path) -> None:
    _, sink = read(tmp_path, [error(0), result(1, gradingResult=None), result(2, False)])
    assert [test["score"] for test in sink.tests] == [None, None, 0.0]


def test_every_assertion_is_a_judge(tmp_path: Path) -> None:
    components = [
        component(False, "leak"),
        component(True, "length", weight=0),
        component(True, None),
        {"pass": True, "score": 0.5, "reason": "a set", "assertion": {"type": "assert-set"}},
        {"pass": False, "score": 0},
        None,
        component(None, "test"),
    ]
    grading = {"pass": False, "score": 0.3, "reason": "r", "componentResults": components}
    _, sink = read(tmp_path, [result(0, False, gradingResult=grading)])
    assert [(row["judge"], row["verdict"], row["score"]) for row in sink.judged] == [
        ("leak", "fail", 0),
        ("length", "pass", 1),
        ("not-contains", "pass", 1),
        ("assert-set", "pass", 0.5),
        ("assertion 5", "fail", 0),
        ("test (assertion)", "none", 0),
    ]
    assert len(sink.tests) == 1


def test_an_assertion_on_no_output_says_so(tmp_path: Path) -> None:
    _, sink = read(tmp_path, [result(0, response={"output": None}), result(1)])
    assert [row["reason"] for row in sink.judged] == ["null_output", None]


def test_what_defines_a_judge_is_its_version(tmp_path: Path) -> None:
    def version(grader: str | None = None, **assertion: Any) -> str:
        row = result(0)
        row["gradingResult"]["componentResults"] = [component(True, **assertion)]
        if grader:
            row["testCase"]["options"] = {"provider": grader}
        _, sink = read(tmp_path, [row])
        found: str = sink.judged[0]["judge_version"]
        return found

    plain = version()
    assert version(weight=0) == version(metric="other") == plain
    assert len({plain, version(value="X"), version(threshold=0.5), version("openai:x")}) == 4
    # The grader's prompt of a red team assertion holds the time of day.
    kind = "promptfoo:redteam:contracts"
    assert version(type=kind, value="at 09:00") == version(type=kind, value="at 10:00") != plain


def test_the_verdict_of_a_test_has_a_version_too(tmp_path: Path) -> None:
    asserts = [{"type": "equals", "value": "x"}]
    cases = [
        {"assert": asserts},
        {"assert": [{"value": "x", "type": "equals"}], "vars": {"other": 1}},
        {"assert": asserts, "threshold": 0.5},
        {"assert": asserts, "options": {"provider": "openai:x"}},
        {"assert": []},
        {},
    ]
    _, sink = read(tmp_path, [result(n, testCase=case) for n, case in enumerate(cases)])
    first, spelt, *others, unknown = (test["judge_version"] for test in sink.tests)
    assert first == spelt
    assert len({first, *others}) == 4
    assert unknown is None


def test_names_of_targets(tmp_path: Path) -> None:
    providers = [
        {"id": "a", "label": "bot@1"},
        {"id": "openai:x"},
        {"id": "openai:y", "label": ""},
        "plain",
        None,
        {},
    ]
    rows = [result(number, provider=value) for number, value in enumerate(providers)]
    report, sink = read(tmp_path, rows)
    names = ["bot@1", "openai:x", "openai:y", "plain", None, None]
    assert [test["target_name"] for test in sink.tests] == names
    assert report.targets == {"bot@1", "openai:x", "openai:y", "plain"}


def test_what_the_metadata_say(tmp_path: Path) -> None:
    metadata = {
        "pluginId": "jailbreak",
        "strategyId": "rot13",
        "category": "leak",
        "mitre": ["AML.TA0001", "AML.T0051.000"],
        "system_version": 1.4,
    }
    cased = {"vars": {}, "metadata": metadata}
    provided = {"pluginId": "by the answer", "category": "x", "system_version": "9"}
    odd = {"category": 7, "atlas": "AML.T51", "system_version": None, "strategyId": ["x"]}
    rows = [
        result(0, testCase=cased, metadata=provided),
        result(1, testCase={"metadata": odd, "description": "direct 1"}, metadata=odd),
        result(2, testCase=None, metadata={**metadata, "vars": 1, "mitre": "AML.T0054"}),
    ]
    _, sink = read(tmp_path, rows)
    columns = ("attack", "strategy", "category", "technique_id", "target_version")
    assert [tuple(test[name] for name in columns) for test in sink.tests] == [
        ("jailbreak", "rot13", "leak", "AML.T0051.000", "1.4"),
        ("direct 1", "basic", None, None, None),
        ("jailbreak", "rot13", "leak", "AML.T0054", "1.4"),
    ]


def test_repeats_of_a_test_without_a_name_share_one(tmp_path: Path) -> None:
    def row(number: int, test: str, index: int | None) -> Row:
        case = {"vars": {"attack": test}, "assert": []}
        return result(number, testIdx=index, vars={"attack": test}, testCase=case, metadata={})

    _, sink = read(tmp_path, [row(0, "b", 4), row(1, "a", 1), row(2, "b", 3), row(3, "a", 2)])
    assert [test["attack"] for test in sink.tests] == ["test 4", "test 2", "test 4", "test 2"]
    _, sink = read(tmp_path, [row(0, "b", None), row(1, "a", None), row(2, "b", None)])
    assert [test["attack"] for test in sink.tests] == ["test 1", "test 2", "test 1"]


def test_attempts_have_an_id_of_their_own(tmp_path: Path) -> None:
    ids = ["x", "x", ..., ..., "x row 2"]
    rows = [result(number, id=own, testIdx=3) for number, own in enumerate(ids)]
    for content in (rows, document(rows)):
        _, sink = read(tmp_path, content)
        found = [test["attempt_id"] for test in sink.tests]
        assert len(set(found)) == len(found)
        assert found[0] == "x"
        assert {row["attempt_id"] for row in sink.judged} == set(found)


def test_the_prompt_sent_is_the_identity_of_a_prompt(tmp_path: Path) -> None:
    def identity(**fields: Any) -> str:
        _, sink = read(tmp_path, [result(0, **fields)])
        found: str = sink.tests[0]["prompt_id"]
        return found

    sent = identity(prompt={"raw": "hello"}, vars={"attack": "x"})
    assert identity(prompt="hello") == identity(prompt={"raw": "hello", "label": "y"}) == sent
    chat = identity(prompt={"raw": {"role": "user", "text": "x"}})
    assert identity(prompt={"raw": {"text": "x", "role": "user"}}) == chat
    by_vars = identity(prompt=None, vars={"a": 1})
    assert identity(prompt={"raw": "[prompt stripped]"}, vars={"a": 1}) == by_vars
    assert len({sent, chat, by_vars, identity(prompt=None, vars={"a": 2})}) == 4
    bare = {"prompt": ..., "vars": ..., "testCase": ...}
    _, sink = read(tmp_path, [result(0, **bare), result(1, **bare)])
    assert len({test["prompt_id"] for test in sink.tests}) == 2


@pytest.mark.parametrize("name", ["a.jsonl", "A.JSONL.GZ"])
def test_jsonl_is_the_same_rows_without_a_run(tmp_path: Path, name: str) -> None:
    rows = [result(0), result(1, False), error(2), result(3, response={"output": {"b": 1, "a": 2}})]
    whole, whole_sink = read(tmp_path, document(rows))
    lines = "".join(json.dumps(row, separators=(",", ":"), sort_keys=True) + "\n" for row in rows)
    content = gzip.compress(lines.encode()) if name.endswith("GZ") else lines.encode()
    report, sink = read_file(tmp_path / name, content)
    (run_id,) = report.runs
    assert run_id.startswith("rows-")
    assert len(run_id) == 37
    assert report.unnamed_runs == {run_id}
    assert report.row_prints[run_id] == whole.row_prints[EVAL]
    assert all(0 <= row_print < 2**63 for row_print in report.row_prints[run_id])
    assert [test["line_number"] for test in sink.tests] == [1, 2, 3, 4]
    assert {test["record_path"] for test in sink.tests} == {None}
    same = ("attempt_id", "target_name", "attack", "prompt_id", "judge", "verdict", "judge_version")
    assert [[row[key] for key in same] for row in sink.tables["scanner_results"]] == [
        [row[key] for key in same] for row in whole_sink.tables["scanner_results"]
    ]
    assert sink.run["started_at"] is None
    assert sink.run["is_complete"]


def test_rows_in_another_order_are_the_same_run_and_other_rows_are_not(tmp_path: Path) -> None:
    rows = [result(0), result(1, False), error(2)]

    def run_id(*changed: Row) -> str:
        report, _ = read(tmp_path, list(changed))
        (found,) = report.runs
        return found

    named = run_id(*rows)
    assert run_id(*reversed(rows)) == named
    answer = {"output": "other"}
    for other in (result(0, False), result(0, response=answer), result(0, prompt="other")):
        assert run_id(other, *rows[1:]) != named


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": {"raw": "other"}},
        {"response": {"output": "other"}},
        {"success": False},
        {"provider": {"id": "sim:bot@1", "label": "bot@2"}},
        {"vars": {"attack": "other"}},
        {"latencyMs": 21},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_tells_two_rows_apart(tmp_path: Path, change: Row) -> None:
    (first,) = read(tmp_path, [result(0)])[0].row_prints.values()
    (second,) = read(tmp_path, [result(0, **change)])[0].row_prints.values()
    (third,) = read(tmp_path, [result(0, id=..., testIdx=5)])[0].row_prints.values()
    assert first != second
    assert first == third


def test_the_run_as_the_file_tells_it(tmp_path: Path) -> None:
    _, sink = read(tmp_path, document([result(0)]))
    assert sink.run == {
        "file_sha256": SHA256,
        "run_id": EVAL,
        "tool_version": "0.121.20",
        "suite": "nightly",
        "decoding": None,
        "started_at": datetime(2026, 3, 1, 9, 0, 1, 500_000),
        "completed_at": None,
        "status": None,
        "is_complete": True,
    }


@pytest.mark.parametrize(
    ("changes", "started_at"),
    [
        ({"metadata__evaluationCreatedAt": "2026-03-02T00:00:00+02:00"}, datetime(2026, 3, 1, 22)),
        ({"metadata__evaluationCreatedAt": "soon"}, datetime(2026, 3, 1, 9, 0, 1, 500_000)),
        ({"results__timestamp": "never"}, datetime(2026, 3, 1, 9)),
        ({"results__timestamp": 5, "evalId": "eval-x"}, None),
    ],
)
def test_when_a_run_started(tmp_path: Path, changes: Row, started_at: datetime | None) -> None:
    _, sink = read(tmp_path, document([result(0)], **changes))
    assert sink.run["started_at"] == started_at


@pytest.mark.parametrize(
    ("providers", "decoding"),
    [
        ([{"id": "a", "config": {"temperature": 0, "maxTokens": 5, "prompt": "x"}}],
         '{"max_tokens":5.0,"temperature":0.0}'),
        ([{"id": "a", "config": {"temperature": 1}}, {"id": "b", "config": {"temperature": 1}}],
         '{"temperature":1.0}'),
        ([{"id": "a", "config": {"top_p": 1}}, "b"], '{"a":{"top_p":1.0},"b":{}}'),
        ([{"id": "a", "config": {"model": "m"}}], None),
        (["a"], None),
        ("file://p.js", None),
    ],
)  # fmt: skip
def test_settings_that_change_answers(tmp_path: Path, providers: Any, decoding: str | None) -> None:
    _, sink = read(tmp_path, document([result(0)], config__providers=providers))
    assert sink.run["decoding"] == decoding


METRICS = {
    "provider": "bot@1",
    "metrics": {
        "testPassCount": 1,
        "testFailCount": 2,
        "testErrorCount": 3,
        "namedScores": {"leak": 2.5, "no number": None},
        "namedScoresCount": {"leak": 4},
    },
}


def test_the_tools_own_figures(tmp_path: Path) -> None:
    rows = [result(0), result(1, False), error(2)]
    other = {"provider": "bot@2", "metrics": {"testPassCount": 7, "namedScores": {"x": 1}}}
    prompts = [METRICS, METRICS, other, {"provider": "bot@3"}]
    export = document(rows, results__prompts=prompts, results__stats=stats_of(rows))
    _, sink = read(tmp_path, export)
    assert sink.figures == {
        (None, None, "successes"): (1, None),
        (None, None, "failures"): (1, None),
        (None, None, "errors"): (1, None),
        ("bot@1", None, "test_pass_count"): (2, None),
        ("bot@1", None, "test_fail_count"): (4, None),
        ("bot@1", None, "test_error_count"): (6, None),
        ("bot@1", "leak", "named_score"): (5, 8),
        ("bot@2", None, "test_pass_count"): (7, None),
        ("bot@2", "x", "named_score"): (1, None),
    }
    assert {row["run_id"] for row in sink.tables["scanner_figures"]} == {EVAL}


def old_result(number: int, success: bool, **more: Any) -> Row:
    """Make a row of schema 2: no ids, no indices, no failureReason, no testCase."""
    gone = dict.fromkeys(
        ("id", "promptIdx", "testIdx", "promptId", "failureReason", "testCase"), ...
    )
    return result(number, success, **{**gone, "metadata": ..., **more})


@pytest.mark.parametrize("is_nested", [True, False])
def test_schema_2(tmp_path: Path, is_nested: bool) -> None:
    rows = [old_result(0, True), old_result(1, False), old_result(2, False, gradingResult=None)]
    rows[2]["response"] = {"error": "503"}
    summary = {
        "version": 2,
        "timestamp": "2024-05-01T10:00:00Z",
        "results": rows,
        "table": {"head": {"prompts": [METRICS], "vars": ["attack"]}, "body": []},
        "stats": {"successes": 1, "failures": 2},
    }
    report, sink = read(
        tmp_path, {"results": summary, "config": {}, "evalId": None} if is_nested else summary
    )
    (run_id,) = report.unnamed_runs
    assert report.runs == {run_id: 3}
    assert report.is_complete
    assert sink.run["started_at"] == datetime(2024, 5, 1, 10)
    assert [test["verdict"] for test in sink.tests] == ["pass", "fail", "error"]
    assert [test["attack"] for test in sink.tests] == ["test 1", "test 2", "test 3"]
    path = "results.results" if is_nested else "results"
    assert [test["record_path"] for test in sink.tests] == [f"{path}[{i}]" for i in range(3)]
    assert (None, None, "errors") not in sink.figures
    assert sink.figures["bot@1", "leak", "named_score"] == (2.5, 4)


def test_a_bare_array_of_rows(tmp_path: Path) -> None:
    report, sink = read(tmp_path, (result(0), result(1)))
    assert list(report.runs.values()) == [2]
    assert [test["record_path"] for test in sink.tests] == ["[0]", "[1]"]
    report, _ = read(tmp_path, {"results": [result(0), result(1)]})
    assert list(report.runs.values()) == [2]


@pytest.mark.parametrize("content", [{"providers": ["x"], "tests": []}, {"results": None}, {}])
def test_a_file_that_is_no_eval(tmp_path: Path, content: Row) -> None:
    report, sink = read(tmp_path, content)
    assert (report.rows_read, report.faults, report.runs) == (0, [], {})
    assert report.schema_note == "holds no results"
    assert not any(sink.tables.values())


@pytest.mark.parametrize("wrong", ["x", 5, True])
def test_results_of_another_type_make_the_file_unreadable(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        read(tmp_path, {"evalId": EVAL, "results": wrong})
    assert raised.value.reason is Reason.WRONG_TYPE


def test_the_export_of_a_killed_eval_is_not_complete(tmp_path: Path) -> None:
    rows = [result(number) for number in range(4)]
    for counted, is_complete in ((4, True), (3, False), (5, False)):
        stats = {"successes": counted, "failures": 0, "errors": 0}
        report, sink = read(tmp_path, document(rows, results__stats=stats))
        assert report.is_complete is is_complete
        assert sink.run["is_complete"] is is_complete


def test_a_row_that_is_held_back_was_run_all_the_same(tmp_path: Path) -> None:
    stats = {"successes": 2, "failures": 0, "errors": 0}
    export = document([result(0), result(1, score="x")], results__stats=stats)
    report, _ = read(tmp_path, export)
    assert report.is_complete
    assert (report.runs, report.run_lines, report.rows_read) == ({EVAL: 1}, {EVAL: 1}, 2)


TESTS = [{"vars": {"attack": "a"}}, {"vars": {"attack": "b"}}]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 8),
        ({"runtimeOptions": None}, 4),
        ({"runtimeOptions": {"repeat": 2, "filterFirstN": 1}}, None),
        ({"config__tests": [*TESTS, {"vars": {"attack": ["c", "d"]}}]}, None),
        ({"config__tests": [*TESTS, {"vars": {"attack": "file://c.txt"}}]}, None),
        ({"config__tests": [*TESTS, {"providers": ["bot@1"]}]}, None),
        ({"config__tests": [*TESTS, "file://more.yaml"]}, None),
        ({"config__scenarios": [{"config": [], "tests": []}]}, None),
        ({"config__defaultTest": {"vars": {"lang": ["de", "en"]}}}, None),
        ({"config__defaultTest": "file://default.yaml"}, None),
    ],
    ids=[
        "plain", "no repeat", "filtered", "list", "file", "restricted", "tests in a file",
        "scenarios", "default list", "default in a file",
    ],
)  # fmt: skip
def test_fewer_rows_than_the_config_plainly_asks_for(
    tmp_path: Path, changes: Row, expected: int | None
) -> None:
    def is_complete(count: int) -> bool:
        settings = {
            "config__tests": TESTS,
            "results__prompts": [METRICS, METRICS],
            "runtimeOptions": {"repeat": 2},
            **changes,
        }
        return read(tmp_path, document([result(n) for n in range(count)], **settings))[
            0
        ].is_complete

    assert is_complete(expected or 1)
    if expected is not None:
        assert not is_complete(expected - 1)


def test_no_row_is_no_complete_run(tmp_path: Path) -> None:
    report, sink = read(tmp_path, document([]))
    assert not report.is_complete
    assert report.runs == {EVAL: 0}
    assert not sink.run["is_complete"]
    for content in (b"", b"\n\n"):
        report, sink = read_file(tmp_path / "a.jsonl", content)
        assert not report.is_complete
        assert report.runs == {}
        assert not sink.tables["scanner_runs"]


def test_a_cut_last_line(tmp_path: Path) -> None:
    lines = json.dumps(result(0)).encode() + b"\n" + json.dumps(result(1)).encode()
    whole, _ = read_file(tmp_path / "a.jsonl", lines)
    assert (whole.is_complete, whole.rows_read) == (True, 2)
    cut, sink = read_file(tmp_path / "a.jsonl", lines[:-40])
    assert (cut.is_complete, cut.rows_read) == (False, 2)
    assert [(fault.reason, fault.line_number) for fault in cut.faults] == [(Reason.NOT_JSON, 2)]
    assert not sink.run["is_complete"]
    (cut_rows,), (rows,) = cut.row_prints.values(), whole.row_prints.values()
    assert Counter(cut_rows) <= Counter(rows)


def test_plugins_that_made_no_test(tmp_path: Path) -> None:
    plugins = [
        {"id": "contracts", "numTests": 4},
        {"id": "hijacking", "numTests": 4},
        {"id": "pii"},
        {"id": "planned"},
        "rbac",
        "default",
        "owasp:llm",
        "file://own.yaml",
        "harm\u202eful",
    ]
    rows = [result(0), result(1, metadata={}, testCase={"metadata": {"pluginId": "pii:direct"}})]
    settings = {
        "config__redteam": {"plugins": plugins, "numTests": 5},
        "config__tests": [{"metadata": {"pluginId": "planned"}}],
    }
    report, _ = read(tmp_path, document(rows, **settings))
    assert report.schema_note == (
        "asked for but not made: hijacking (4), rbac (5), harm\\u{202e}ful (5)"
    )


BROKEN: list[tuple[str, Any, Reason, str | None]] = [
    ("no object", 5, Reason.NOT_OBJECT, None),
    ("null", None, Reason.NOT_OBJECT, None),
    ("empty", {}, Reason.MISSING_KEY, "success"),
    ("no verdict", {"id": "x", "failureReason": 0}, Reason.MISSING_KEY, "success"),
    ("verdict of another type", result(0, success="yes"), Reason.WRONG_TYPE, "success"),
    ("unknown failure", result(0, failureReason=3), Reason.UNKNOWN_VALUE, "failureReason"),
    ("huge index", result(0, testIdx=2**70), Reason.NUMBER_RANGE, "testIdx"),
    ("score text", result(0, score="1"), Reason.WRONG_TYPE, "score"),
    ("metadata text", result(0, metadata="x"), Reason.WRONG_TYPE, "metadata"),
    ("provider number", result(0, provider=5), Reason.WRONG_TYPE, "provider"),
    ("no components", result(0, gradingResult={"componentResults": 5}), Reason.WRONG_TYPE,
     "gradingResult.componentResults"),
    ("nul in id", result(0, id="a\0b"), Reason.NUL_BYTE, "id"),
    ("nul in target", result(0, provider="a\0b"), Reason.NUL_BYTE, "provider"),
    ("nul in plugin", result(0, testCase={"metadata": {"pluginId": "\0"}}), Reason.NUL_BYTE,
     "metadata.pluginId"),
    ("nul in metric", result(0, gradingResult={"componentResults": [component(True, "\0")]}),
     Reason.NUL_BYTE, "assertion.metric"),
    ("half a character", result(0, prompt={"raw": "\ud83d"}), Reason.LONE_SURROGATE, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason", "column"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_a_row_that_breaks_its_shape_is_one_fault(
    tmp_path: Path, row: Any, reason: Reason, column: str | None
) -> None:
    report, sink = read(tmp_path, document([result(1), row, result(2)]))
    (fault,) = report.faults
    assert (fault.reason, fault.column_name) == (reason, column)
    assert (fault.record_path, fault.line_number) == ("results.results[1]", None)
    assert [test["attempt_id"] for test in sink.tests] == ["id-1", "id-2"]
    report, sink = read(tmp_path, [result(1), row, result(2)])
    (fault,) = report.faults
    assert (fault.reason, fault.column_name) == (reason, column)
    assert (fault.record_path, fault.line_number) == (None, 2)
    assert len(sink.tests) == report.rows_read - 1 == 2


ODD: dict[str, Row] = {
    "output object": result(0, response={"output": {"text": SECRET, "n": [1, 2**70]}}),
    "output text": result(0, response=SECRET),
    "huge number in vars": result(0, vars={"n": 10**4000}),
    "metadata of any type": result(0, metadata={"pluginId": {}, "atlas": 5, "mitre": [5, None]}),
    "prompt object": result(0, prompt={"raw": [{"role": "user"}], "label": 5}),
    "latency of nothing": result(0, latencyMs=None),
    "error object": result(0, error={"message": SECRET}),
    "assertion null": result(0, gradingResult={"componentResults": [{"assertion": None}]}),
    "hardly anything": {"success": True},
}


@pytest.mark.parametrize("row", ODD.values(), ids=ODD.keys())
def test_what_is_odd_but_no_fault(tmp_path: Path, row: Row) -> None:
    for content in ([row], document([row])):
        report, sink = read(tmp_path, content)
        assert not report.faults
        assert len(sink.tests) == 1
        assert SECRET not in str(sink.tables)


def test_what_is_too_long_for_a_name_is_cut_and_stays_distinct(tmp_path: Path) -> None:
    names = ["x" * 100_000, "x" * 100_001, "x" * 500]
    rows = [result(n, metadata={}, testCase={"description": name}) for n, name in enumerate(names)]
    _, sink = read(tmp_path, rows)
    attacks = [test["attack"] for test in sink.tests]
    assert [len(attack) for attack in attacks] == [500, 500, 500]
    assert len(set(attacks)) == 3
    assert attacks[2] == names[2]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"results__version": 9}, "unknown result version 9"),
        ({"results__stats": "x"}, "stats not understood"),
        ({"results__prompts": {"a": 1}}, "prompts not understood"),
        ({"config": "x"}, "config not understood"),
        ({"metadata": []}, "metadata not understood"),
        ({"config__redteam": 5}, "config.redteam not understood"),
        ({"evalId": 5}, None),
        ({"evalId": "a\0b"}, None),
        ({"config__description": "\0", "config__providers": 5}, None),
        ({"config__description": "\ud83d", "evalId": "\ud83d"}, None),
        ({"results__prompts": [{"provider": "\0", "metrics": {"namedScores": {"\0": 1}}}]}, None),
    ],
)
def test_rows_land_whatever_stands_around_them(
    tmp_path: Path, changes: Row, note: str | None
) -> None:
    report, sink = read(tmp_path, document([result(0)], **changes))
    assert len(sink.tests) == 1
    assert not report.faults
    assert report.schema_note == note


def test_deep_nesting(tmp_path: Path) -> None:
    deep = b'{"success": true, "vars": ' + b"[" * 90 + b"]" * 90 + b"}"
    with pytest.raises(UnreadableFileError) as raised:
        read(tmp_path, b"[" + deep + b"]")
    assert raised.value.reason is Reason.TOO_DEEP
    report, _ = read_file(tmp_path / "a.jsonl", deep)
    assert [fault.reason for fault in report.faults] == [Reason.TOO_DEEP]


def mutate(chance: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(damaged))
        match chance.randrange(6):
            case 0:
                damaged[at] ^= 1 << chance.randrange(7)
            case 1:
                del damaged[at:]
            case 2:
                damaged[at:at] = chance.choice(
                    [b"null", b"\\ud800", b"\\u0000", b"[" * 70, b"\xff"]
                )
            case 3:
                start = damaged.find(b": ", at)
                end = damaged.find(b",", start)
                if 0 <= start < end:
                    value = chance.choice([b"null", b"[]", b"{}", b'"x"', b"-1", b"1e999", b"true"])
                    damaged[start + 2 : end] = value
            case 4:
                del damaged[at : at + chance.randrange(30)]
            case _:
                damaged[at:at] = damaged[max(0, at - 60) : at]
        damaged = damaged or bytearray(b"x")
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(12))
def test_damage_is_accounted_for(ground: Any, seed: int) -> None:
    chance = random.Random(seed)
    rows = [result(n, n % 3 > 0) for n in range(6)] + [error(6)]
    export = document(
        rows,
        config__tests=TESTS,
        config__redteam={"plugins": ["contracts", {"id": "x"}]},
        config__providers=[{"id": "a", "config": {"temperature": 0.5}}],
        results__prompts=[METRICS],
        results__stats=stats_of(rows),
    )
    ground.put("promptfoo/whole.json", json.dumps({**export, "evalId": "eval-whole"}))
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    for number in range(15):
        ground.put(f"promptfoo/d{number}.json", mutate(chance, json.dumps(export).encode()))
        ground.put(f"promptfoo/l{number}.jsonl", mutate(chance, lines))
    ground.land()

    assert ground.reconciles()
    assert ground.counts()["promptfoo/whole.json"] == (7, 7, 0, 0)
    # What a reader did not foresee would be that reason.
    assert "unreadable_file" not in {reason for *_, reason in ground.quarantine()}
    loaded = {name: counts[1] for name, counts in ground.counts().items() if counts[1]}
    standing = ground.ask(
        "standing_runs", "file_name, sum(attempts)", "group by all having sum(attempts) > 0"
    )
    assert dict(standing) == loaded
    in_lake = ground.ask(
        "scanner_results/*",
        "count(*)",
        f"results semi join read_parquet('{ground.home}/lake/standing_runs.parquet') runs "
        "on results.file_sha256 = runs.file_sha256 and results.run_id = runs.landed_run_id "
        "where is_test_verdict",
    )
    assert in_lake == [(sum(loaded.values()),)]
    for name, note in ground.ask("ledger/files", "file_name, schema_note"):
        assert SECRET not in (note or ""), name


def _shared_data() -> Path | None:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("AISM_SHARED_DATA", beside)) / "scanners"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="module")
def real_files() -> dict[Path, Row]:
    """Every real result file with what promptfoo recorded of it."""
    folder = _shared_data()
    if folder is None:
        pytest.skip("real scanner files are not here")
    numbers = json.loads((folder / "numbers.json").read_text())
    return {folder / name: row for name, row in numbers.items() if row["tool"] == "promptfoo"}


def test_real_files_say_what_promptfoo_recorded(real_files: dict[Path, Row]) -> None:
    assert len(real_files) == 9
    for path, recorded in real_files.items():
        sink = MemorySink()
        report = read_promptfoo(
            LandedFile(path, f"promptfoo/{path.name}", "promptfoo", SHA256, 1), sink
        )
        assert (report.rows_read, report.faults, report.is_complete) == (recorded["rows"], [], True)
        kinds = {"success": "pass", "failure": "fail", "error": "error"}
        verdicts = Counter(test["verdict"] for test in sink.tests)
        expected = {kinds[kind]: count for kind, count in recorded["counts_from_rows"].items()}
        assert verdicts == expected, path.name
        decided = verdicts["pass"] + verdicts["fail"]
        assert round(verdicts["fail"] / decided, 6) == recorded["asr_excl_errors"]
        cells = Counter(
            (test["target_name"], test["attack"], test["strategy"], test["verdict"])
            for test in sink.tests
        )
        assert cells == {
            (cell["target"], cell["plugin"], cell["strategy"], kind): cell[kind]
            for cell in recorded["by_target_plugin_strategy"]
            for kind in ("pass", "fail", "error")
            if cell[kind]
        }
        if path.suffix == ".jsonl":
            assert not sink.figures
            assert len(report.unnamed_runs) == 1
            continue
        assert sink.run["run_id"] == recorded["evalId"]
        assert sink.run["tool_version"] == recorded["promptfooVersion"]
        assert sink.run["started_at"].isoformat() + "Z" == recorded["timestamp"].replace(
            "Z", "000Z"
        )
        _assert_figures(sink, recorded)
        asked = report.schema_note == "asked for but not made: hijacking (4)"
        assert asked is recorded["redteam"]


def _assert_figures(sink: MemorySink, recorded: Row) -> None:
    expected: dict[tuple[Any, ...], tuple[float, float | None]] = {
        (None, None, name): (value, None) for name, value in recorded["tool_stats"].items()
    }
    for prompt in recorded["prompts"]:
        target = prompt["provider"]
        for kind in ("Pass", "Fail", "Error"):
            figure = f"test_{kind.lower()}_count"
            expected[target, None, figure] = (prompt[f"test{kind}Count"], None)
        for name, score in prompt["namedScores"].items():
            counted = prompt["namedScoresCount"][name]
            expected[target, name, "named_score"] = (score, counted)
            # promptfoo multiplies by the weight: one of 0 adds nothing, one of 2 counts twice.
            judged = [
                row["score"]
                for row in sink.judged
                if (row["target_name"], row["judge"]) == (target, name)
            ]
            assert len(judged) == counted
            if name not in ("length", "markdown_exfil"):
                assert sum(judged) == pytest.approx(score)
    assert sink.figures == expected


def test_real_json_and_jsonl_of_an_eval_count_once(
    real_files: dict[Path, Row], ground: Any
) -> None:
    for path in real_files:
        ground.put(f"promptfoo/{path.name}", path.read_bytes())
        if path.suffix == ".jsonl":
            cut = path.read_bytes()[: path.stat().st_size // 2]
            ground.put(f"promptfoo/z-cut-{path.name}", cut)
    ground.land()
    assert ground.reconciles()
    documents = {path: row for path, row in real_files.items() if path.suffix != ".jsonl"}
    assert set(ground.ask("standing_runs", "run_id, landed_run_id, file_name, attempts")) == {
        (row["evalId"], row["evalId"], f"promptfoo/{path.name}", row["rows"])
        for path, row in documents.items()
    }
    for name, (_, loaded, superseded, _) in ground.counts().items():
        assert (loaded == 0) is (name.endswith(".jsonl")), name
        assert (superseded > 0) is (name.endswith(".jsonl")), name
