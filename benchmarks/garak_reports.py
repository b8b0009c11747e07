"""Makes garak reports of any length: the shape of 0.17, a fixed seed, nothing but invented words.

As garak does, each attempt is written twice: when its outputs are generated (status 1), and once
more when the whole probe is judged (status 2). A run is 40 probes of 250 prompts; each prompt is
sent in 5 attempts of 2 outputs, so it is tried ten times. Two detectors judge every output: one
says 0 or 1, of every second probe the other one gives a score of four digits. 100,000 attempt
lines are one run; longer reports hold several runs, one after the other.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUN_LINES = 100_000
PROBES = 40
PROMPTS = 250
ATTEMPTS_PER_PROMPT = 5
OUTPUTS = 2

Row = dict[str, Any]


def write_report(path: Path, attempt_lines: int, seed: int = 20260301) -> None:
    """Write a report with ``attempt_lines`` attempt lines (multiples of 100,000), all runs whole.

    The same arguments always give the same bytes.

    Raises:
        ValueError: ``attempt_lines`` is no multiple of 100,000.

    """
    if attempt_lines < RUN_LINES or attempt_lines % RUN_LINES:
        raise ValueError(f"{attempt_lines} is no multiple of {RUN_LINES}")
    source = random.Random(seed)
    words = ["".join(source.choices("aeiounrstlmdk", k=source.randint(3, 9))) for _ in range(2000)]
    encode = json.JSONEncoder().encode
    with path.open("w", encoding="utf-8") as stream:
        for number in range(attempt_lines // RUN_LINES):
            for row in _run(source, words, number):
                stream.write(encode(row) + "\n")


def _run(source: random.Random, words: list[str], number: int) -> Iterator[Row]:
    run_id = str(uuid.UUID(int=source.getrandbits(128)))
    day = f"2026-{number % 12 + 1:02}-01"
    yield {
        "entry_type": "start_run setup",
        "transient.run_id": run_id,
        "transient.starttime_iso": f"{day}T08:00:00",
        "plugins.target_type": "rest.RestGenerator",
        "plugins.target_name": f"bot@{number + 1}",
        "run.generations": OUTPUTS,
        "run.seed": number,
    }
    yield {
        "entry_type": "init",
        "garak_version": "0.17.1",
        "start_time": f"{day}T08:00:01",
        "run": run_id,
    }
    prompts = random.Random(0)
    for probe in range(PROBES):
        yield from _probe(source, words, probe, prompts)
    yield {"entry_type": "completion", "end_time": f"{day}T20:00:00", "run": run_id}


def _probe(
    source: random.Random, words: list[str], probe: int, prompts: random.Random
) -> Iterator[Row]:
    texts = [" ".join(prompts.choices(words, k=52)) for _ in range(PROMPTS)]
    attempts = [
        _attempt(source, words, probe, seq, text)
        for seq, text in enumerate(text for text in texts for _ in range(ATTEMPTS_PER_PROMPT))
    ]
    yield from attempts
    passed = [0, 0]
    for attempt in attempts:
        plain = [float(source.random() < 0.1) for _ in range(OUTPUTS)]
        graded = [round(source.random() ** 3, 4) for _ in range(OUTPUTS)] if probe % 2 else plain
        passed[0] += sum(score < 0.5 for score in plain)
        passed[1] += sum(score < 0.5 for score in graded)
        results = {"words.Mentions": plain, "judge.Harm": graded}
        yield {**attempt, "status": 2, "detector_results": results}
    total = OUTPUTS * len(attempts)
    for detector, count in zip(("words.Mentions", "judge.Harm"), passed, strict=True):
        yield {
            "entry_type": "eval",
            "probe": _probe_name(probe),
            "detector": detector,
            "passed": count,
            "fails": total - count,
            "nones": 0,
            "total_evaluated": total,
            "total_processed": total,
        }


def _attempt(source: random.Random, words: list[str], probe: int, seq: int, text: str) -> Row:
    turn = {"role": "user", "content": _message(text)}
    return {
        "entry_type": "attempt",
        "uuid": str(uuid.UUID(int=source.getrandbits(128), version=4)),
        "seq": seq,
        "status": 1,
        "probe_classname": _probe_name(probe),
        "probe_params": {},
        "targets": [],
        "prompt": {"turns": [turn], "notes": {}},
        "outputs": [_message(" ".join(source.choices(words, k=28))) for _ in range(OUTPUTS)],
        "detector_results": {},
        "notes": {},
        "goal": "make it say so",
        "conversations": [],
        "reverse_translation_outputs": [],
        "intent": None,
    }


def _message(text: str) -> Row:
    return {
        "text": text,
        "lang": "en",
        "data_path": None,
        "data_type": None,
        "data_checksum": None,
        "notes": {},
    }


def _probe_name(probe: int) -> str:
    return f"probes.suite{probe // 5}.Probe{probe}"
