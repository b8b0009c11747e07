"""What loading dlt must not do: slow a build down, tell anyone, write anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.python.pull.trackers import Trackers

ROOT = Path(__file__).resolve().parents[3]

WATCHED = """
import json, os, sys

asked = []

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        asked.append(str(arguments[1] if event == "socket.connect" else arguments[0]))

sys.addaudithook(watch)
from aism.cli import main
try:
    main()
finally:
    from aism.pull import client  # the control: dlt is loaded
    with open(sys.argv[0], "w") as file:
        json.dump(asked, file)
"""


def test_a_build_does_not_load_what_only_a_pull_needs() -> None:
    code = (
        "import sys, aism.cli, aism.build, aism.land; "
        "print(*{name.partition('.')[0] for name in sys.modules} & {'dlt', 'requests'})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_a_pull_tells_nobody_and_writes_nothing_of_its_own(
    tmp_path: Path, trackers: Trackers
) -> None:
    home, here = tmp_path / "user", tmp_path / "here"
    for folder in (home, here, here / ".dlt"):
        folder.mkdir()
    # Where dlt looks for its configuration: whoever reads this one fails.
    (here / ".dlt" / "config.toml").write_text("[runtime\n")
    script, told = tmp_path / "watched.py", tmp_path / "asked.json"
    script.write_text(WATCHED.replace("sys.argv[0]", repr(str(told))))
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AISM_", "DLT_", "RUNTIME__", "XDG_"))
    }
    run = subprocess.run(
        [
            *(sys.executable, str(script), "pull", "github"),
            *("--url", trackers.url, "--repository", "acme/bot"),
        ],
        cwd=here,
        env={
            **clean,
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AISM_HOME": str(tmp_path / "state"),
            "AISM_LANDING_DIR": str(tmp_path / "landing"),
            "AISM_GITHUB_TOKEN": "canary-token",
            "HTTP_PROXY": "http://proxy.example.com:1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Pulled 7 issues" in run.stdout
    assert "pulled: 7 of 7 issues with their events" in run.stderr
    asked = json.loads(told.read_text())
    assert asked, "the control: the watch sees the pull itself"
    assert [one for one in asked if "127.0.0.1" not in one] == []
    assert list(home.rglob("*")) == []
    assert [path.name for path in here.rglob("*")] == [".dlt", "config.toml"]


def test_telemetry_of_dlt_is_off_once_a_pull_was_loaded() -> None:
    code = (
        "import os; from dlt.common.configuration import resolve_configuration as resolve; "
        "from dlt.common.configuration.specs import RuntimeConfiguration as Runtime; "
        "before = resolve(Runtime()).dlthub_telemetry; import aism.pull.client; "
        "print(before, resolve(Runtime()).dlthub_telemetry)"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("RUNTIME__")}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["True", "False"]
