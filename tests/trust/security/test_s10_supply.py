"""S10. What is installed: pinned by hash, under licences we may use, and asking nobody anything."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from tests.python.compiled import PROJECT
from tests.trust.conftest import Control, Measure
from tests.trust.security.conftest import Hostile, watched

ENGINES: Final = ("postgres", "spark")
"""Extras with a lock of their own, over the one of the project."""
LOCKS: Final = ("requirements.lock", *(f"requirements-{engine}.lock" for engine in ENGINES))
PINNED: Final = re.compile(r"^[A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?==[^\s;\\]+")
HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
ALLOWED: Final = re.compile(
    r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|MPL|Mozilla|Unlicense|Zlib|HPND|CC0|CMU"
    r"|Artistic|LGPL|Lesser General|Public Domain|Expat|0BSD",
    re.IGNORECASE,
)
"""Licences that let the project be used, changed and passed on; LGPL as a library, unchanged."""
REFUSED: Final = re.compile(r"AGPL|Affero|SSPL|Commons Clause|Business Source|Non-?Commercial")


def entries(text: str) -> dict[str, str]:
    """Return the requirements of a lock by name, each with its lines."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        lines = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
        joined = "\n".join(line for line in lines if line.strip())
        if joined:
            found[canonical(re.split(r"[=<>!~;\[ @]", joined)[0])] = joined
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unpinned(text: str) -> list[str]:
    """Return requirements that are not of one version and of known bytes."""
    return [
        name
        for name, lines in entries(text).items()
        if not PINNED.match(lines) or not HASH.search(lines)
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_by_hash(name: str, measure: Measure) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert len(entries(text)) > 1
    assert unpinned(text) == []
    assert not re.search(r"https?:|file:|git\+|^-|^\s+--(?!hash)", text, re.MULTILINE)
    measure("S10", checks=1, requirements=len(entries(text)))


def test_a_requirement_without_hash_is_noticed(control: Control) -> None:
    good = f"good==1.0 \\\n    --hash=sha256:{'0' * 64}\n"
    bad = "free>=1.0\nbare==1.0\n    # via x\n"
    control("no hash, or no version, is noticed", unpinned(good + bad) == ["free", "bare"])


def unlocked(named: Iterable[str], lock: str) -> set[str]:
    """Return the names of requirements that a lock file does not have."""
    locked = entries((PROJECT / lock).read_text(encoding="utf-8"))
    return {canonical(re.split(r"[=<>!~;\[ ]", one)[0]) for one in named} - locked.keys()


def test_all_that_the_project_names_is_locked(measure: Measure) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in extras.keys() - ENGINES:
        named += extras[extra]
    assert unlocked(named, LOCKS[0]) == set()
    for engine in ENGINES:
        assert unlocked(extras[engine], f"requirements-{engine}.lock") == set()
    measure("S10", checks=1)


def licence_of(found: metadata.Distribution) -> str:
    """Return what a distribution says of its licence."""
    told = found.metadata
    classifiers = [c for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    named = [*(told.get_all("License-Expression") or []), *(told.get_all("License") or [])]
    return " ".join(part[:200] for part in [*classifiers, *named] if part)


def test_licences_are_of_the_list(measure: Measure) -> None:
    locked = entries((PROJECT / LOCKS[0]).read_text(encoding="utf-8"))
    wrong, silent = {}, set()
    for name in locked:
        try:
            licence = licence_of(metadata.distribution(name))
        except metadata.PackageNotFoundError:
            continue  # of another platform
        if not licence:
            silent.add(name)
        elif not ALLOWED.search(licence) or REFUSED.search(licence):
            wrong[name] = licence
    assert wrong == {}
    assert silent <= SILENT
    measure("S10", checks=1, licences=len(locked) - len(silent))


ANSWER_SECONDS: Final = 120
UNREACHED: Final = "pip-audit does not reach the service that knows of vulnerabilities"


def audit_tool(name: str) -> str:
    """Return a tool of `make audit`, which has an environment of its own."""
    tool = PROJECT / ".aism" / "audit" / "bin" / name
    if not tool.exists():
        pytest.skip(f"{name} is not installed: make audit")
    return str(tool)


def test_no_known_vulnerability(measure: Measure) -> None:
    command = (
        *(audit_tool("pip-audit"), "--require-hashes", "--disable-pip", "--progress-spinner"),
        *("off", "--requirement", str(PROJECT / LOCKS[0])),
    )
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(UNREACHED)
    # It ends well, too, where it could look up nothing.
    is_answered = "could not be audited" not in done.stdout
    if not is_answered or (done.returncode and not re.search(r"Found \d+ known", done.stderr)):
        pytest.skip(UNREACHED)
    assert done.returncode == 0, done.stdout
    measure("S10", checks=1, known_vulnerabilities=0)


def test_the_bill_of_materials_lists_what_is_locked(tmp_path: Path, measure: Measure) -> None:
    bill = tmp_path / "sbom.json"
    tool = audit_tool("cyclonedx-py")
    command = [tool, "environment", "--output-file", str(bill), sys.executable]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    told = json.loads(bill.read_bytes())
    assert told["bomFormat"] == "CycloneDX"
    listed = {canonical(part["name"]): part["version"] for part in told["components"]}
    locked = entries((PROJECT / LOCKS[0]).read_text(encoding="utf-8"))
    installed = {name for name in locked if name in installed_names()}
    assert len(installed) > 100
    assert installed - listed.keys() == set()
    measure("S10", checks=1, components=len(listed))


def installed_names() -> set[str]:
    return {canonical(found.metadata["Name"]) for found in metadata.distributions()}


SILENT: Final[frozenset[str]] = frozenset({"axe-playwright-python"})
"""Distributions that say nothing in their metadata, read by people: their licence file is MIT."""


def test_a_licence_off_the_list_is_noticed(control: Control) -> None:
    control("AGPL is noticed", REFUSED.search("License :: OSI Approved :: GNU Affero") is not None)
    control("an unknown one is noticed", ALLOWED.search("Proprietary") is None)


def test_a_build_asks_no_other_machine(hostile: Hostile, measure: Measure) -> None:
    told = hostile.calls.read_text(encoding="utf-8").splitlines()
    assert told.count("process") >= 1, "nobody listened"
    assert set(told) == {"process"}
    measure("S10", checks=1, calls_of_a_build=0)


def test_pages_ask_no_other_machine(hostile: Hostile, measure: Measure) -> None:
    calls = hostile.calls.with_name("calls-of-pages")
    calls.unlink(missing_ok=True)
    script = (
        "from streamlit.testing.v1 import AppTest\n"
        "for module in ('overview', 'explorer', 'trust'):\n"
        "    page = AppTest.from_string(f'from app.app_pages import {module}\\n{module}.show()',"
        " default_timeout=120).run()\n"
        "    assert not page.exception and page.title\n"
    )
    run_watched(script, {**watched(calls), "AISM_WAREHOUSE_DIR": str(hostile.warehouse)})
    assert set(calls.read_text(encoding="utf-8").splitlines()) == {"process"}
    measure("S10", checks=1, calls_of_pages=0)


def test_a_call_to_another_machine_is_noticed(hostile: Hostile, control: Control) -> None:
    calls = hostile.calls.with_name("calls-of-the-control")
    calls.unlink(missing_ok=True)
    script = (
        "import socket\n"
        "for ask in (lambda: socket.create_connection(('192.0.2.1', 80), 1),"
        " lambda: socket.getaddrinfo('telemetry.example', 443)):\n"
        "    try:\n"
        "        ask()\n"
        "    except PermissionError:\n"
        "        pass\n"
    )
    run_watched(script, watched(calls))
    told = calls.read_text(encoding="utf-8")
    control("an address is noticed", "192.0.2.1" in told)
    control("a name is noticed", "telemetry.example" in told)


def run_watched(script: str, variables: dict[str, str]) -> None:
    paths = os.pathsep.join([variables["PYTHONPATH"], str(PROJECT)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=os.environ | variables | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
