"""The commands of the documentation pull the same as `aism pull`: they are run, not believed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.python.pull.conftest import Puller

PAGE = Path(__file__).resolve().parents[3] / "docs" / "pulling-from-trackers.md"
BLOCK = re.compile(r"<!-- run: (?P<name>\w+) -->\n\n```bash\n(?P<script>.*?)```\n", re.DOTALL)
BLOCKS = {found["name"]: found["script"] for found in BLOCK.finditer(PAGE.read_text("utf-8"))}


def test_the_page_shows_what_is_run_here() -> None:
    assert sorted(BLOCKS) == ["defectdojo", "jira"]


@pytest.mark.parametrize("tracker", ["defectdojo", "jira"])
def test_by_hand_it_is_the_same(pull: Puller, tracker: str) -> None:
    for tool in ("bash", "curl", "jq"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    trackers = pull.trackers
    trackers.caps = [3]
    whole = [
        {**trackers.jira_issues[0]["changelog"]["histories"][0], "id": str(number)}
        for number in range(5)
    ]
    trackers.jira_issues[0]["changelog"] |= {"histories": whole[:1], "total": 5}
    trackers.histories["10001"] = whole
    columns = {
        "tracker_items": "item_id, item_key, project, title, updated_at, status_at, has_history",
        "tracker_values": "item_id, field, value_id, value",
        "tracker_changes": "item_id, change_id, changed_at, field, from_value, to_value",
        "tracker_objects": "kind, object_id, name, parent_id",
    }

    def seen() -> dict[str, list[tuple[object, ...]]]:
        landed = pull.landed()
        assert landed.quarantined == []
        return {
            table: landed.ask(f"select {what} from {{{table}}} order by all")
            for table, what in columns.items()
        }

    pull(tracker)
    by_command = seen()
    assert by_command["tracker_items"]
    shutil.rmtree(pull.landing)
    script = re.sub(r"(?m)^url=.*$", f"url={trackers.url}", BLOCKS[tracker])
    run = subprocess.run(
        ["bash", "-u", "-c", script],
        env={**os.environ, "AISM_JIRA_USER": "jane", "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert seen() == by_command
