"""The documentation says what the project is: nothing stale, no dead link, no private address."""

from __future__ import annotations

import re
import subprocess
from functools import lru_cache
from pathlib import Path

import duckdb
import pytest

from aism.land.model import Reason
from aism.land.readers.attempts_contract import COLUMNS
from aism.land.registers import REGISTERS
from scripts import docs

ROOT = Path(__file__).resolve().parents[3]

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (?P<title>.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="(?P<anchor>[^"]+)">')

PUBLIC_REGISTRIES = {"pypi.org", "files.pythonhosted.org"}
REGISTRY_ADDRESS = re.compile(
    r"https?://(?P<host>[\w.:-]+)/[\w./-]*(?:simple|packages|pypi|artifactory|nexus)\b"
)
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/~$}*>-])/(?:home|root|Users|work|tmp|mnt|srv|opt)/\w")


@lru_cache
def tracked_files() -> tuple[str, ...]:
    """Names of all files that git tracks and that are there; no git, no names."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = listed.stdout.decode().split("\0")
    return tuple(name for name in names if name and (ROOT / name).is_file())


def pages() -> list[str]:
    return [name for name in tracked_files() if name.endswith(".md")]


def anchors_of(page: Path) -> set[str]:
    text = FENCED.sub("", page.read_text("utf-8"))
    titles = (match["title"].strip().lower() for match in HEADING.finditer(text))
    slugs = {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
    return slugs | {match["anchor"] for match in ANCHOR.finditer(text)}


def test_generated_parts_are_up_to_date() -> None:
    stale = docs.stale_pages(ROOT)
    assert not stale, f"run python scripts/docs.py: {', '.join(stale)}"


def test_every_reason_is_explained() -> None:
    assert set(docs.REASONS) == set(Reason)


def test_every_register_and_column_note_is_of_the_contract() -> None:
    assert set(docs.REGISTER_PURPOSE) == set(REGISTERS)
    columns = {(name, column.name) for name in REGISTERS for column in REGISTERS[name].columns}
    assert set(docs.COLUMN_NOTES) <= columns
    assert set(docs.ATTEMPT_NOTES) == set(COLUMNS)


def test_every_metric_is_in_one_section() -> None:
    metrics = docs.read_metrics(ROOT)
    sections = docs.metric_sections(ROOT)
    assert metrics
    assert [sections.count(f'<a id="{metric.metric_id}"></a>') for metric in metrics] == [1] * len(
        metrics
    )
    assert all((ROOT / metric.sql).is_file() for metric in metrics)


@pytest.mark.parametrize(
    ("low", "high", "strict", "words"),
    [
        ("80", "", "false", "at least 80"),
        ("80", "", "true", "over 80"),
        ("", "7", "false", "at most 7"),
        ("", "5", "true", "under 5"),
        ("10", "50", "false", "10 to 50"),
        ("10", "50", "true", "over 10, under 50"),
    ],
)
def test_targets_in_words(low: str, high: str, strict: str, words: str) -> None:
    row = {"target_low": low, "target_high": high}
    assert docs.target_words(row | {"low_is_strict": strict, "high_is_strict": strict}) == words


def test_results_are_written_below_their_query_only() -> None:
    model = "```sql\nselect {{ jinja }}\n```\n\nwords\n\n"
    text = f"{model}```sql\nselect 1 as n, null as x, true as b\n```\n"
    with duckdb.connect() as connection:
        assert docs.with_results(f"{text}\n```text\nold\n```\n", connection) == (
            f"{text}\n```text\nn  x     b\n-  ----  ----\n1  null  true\n```\n"
        )


def test_relative_links_resolve() -> None:
    dead = []
    for name in pages():
        page = ROOT / name
        for match in LINK.finditer(FENCED.sub("", page.read_text("utf-8"))):
            address, _, anchor = match["target"].partition("#")
            if re.match(r"[a-z]+:", address):
                continue
            target = page if not address else page.parent / address
            is_dead = not target.exists() or (
                anchor and target.suffix == ".md" and anchor not in anchors_of(target)
            )
            if is_dead:
                dead.append(f"{name}: {match['target']}")
    assert dead == []


def test_no_path_of_a_machine_and_no_registry_of_a_company() -> None:
    found = []
    for name in tracked_files():
        content = (ROOT / name).read_bytes()
        if b"\0" in content or name.startswith("sample/landing/"):
            continue
        text = content.decode("utf-8", errors="replace")
        found += [f"{name}: {match[0]}" for match in ABSOLUTE_PATH.finditer(text)]
        found += [
            f"{name}: {match[0]}"
            for match in REGISTRY_ADDRESS.finditer(text)
            if match["host"] not in PUBLIC_REGISTRIES
        ]
    assert found == []
