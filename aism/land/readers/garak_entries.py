"""What garak writes on a line: one struct per entry type, and what is kept of an attempt.

Only fields that end in the lake, or decide what does, are declared. Prompt texts are hashed here
and output texts are only counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from aism.land.json_lines import Int64, LineFault
from aism.land.model import Reason

GENERATED, DETECTED = 1, 2

_PREFIXES = ("probes.", "detectors.", "detector.")
_REMEMBERED_BYTES = 4096
"""As JSON. A prompt that is longer is hashed anew each time, to bound what is remembered."""
_REMEMBERED_PROMPTS = 4096


class Entry(msgspec.Struct, tag_field="entry_type", gc=False):
    """One line of a report; the entry type picks the struct."""


class Setup(
    Entry,
    tag="start_run setup",
    gc=False,
    rename={
        "run_id": "transient.run_id",
        "started_at": "transient.starttime_iso",
        "target_type": "plugins.target_type",
        "target_name": "plugins.target_name",
        "model_type": "plugins.model_type",
        "model_name": "plugins.model_name",
        "generations": "run.generations",
        "seed": "run.seed",
    },
):
    run_id: str | None = None
    started_at: str | None = None
    target_type: str | None = None
    target_name: str | int | float | None = None
    model_type: str | None = None
    model_name: str | int | float | None = None
    generations: Int64 | None = None
    seed: str | int | None = None


class Init(Entry, tag="init", gc=False):
    garak_version: str | None = None
    start_time: str | None = None
    run: str | None = None


class Completion(Entry, tag="completion", gc=False):
    end_time: str | None = None
    run: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    text: str | None = None
    data_checksum: str | None = None


class Turn(msgspec.Struct, frozen=True, gc=False):
    role: str | None = None
    content: Message | str | None = None


class Prompt(Message, frozen=True, gc=False):
    """A Conversation (``turns``) or a single Message: nothing in the file tells which."""

    turns: tuple[Turn, ...] | None = None


class Attempt(Entry, tag="attempt", gc=False):
    uuid: str
    status: Int64
    probe_classname: str
    outputs: list[msgspec.Raw]
    detector_results: dict[str, list[float | None]]
    seq: Int64 | None = None
    prompt: str | Prompt | None = None


class Eval(Entry, tag="eval", gc=False):
    probe: str
    detector: str
    passed: Int64
    fails: Int64 | None = None
    nones: Int64 | None = None
    total: Int64 | None = None
    total_evaluated: Int64 | None = None
    confidence_method: str | None = None
    confidence_lower: float | None = None
    confidence_upper: float | None = None


class ProbeCard(msgspec.Struct, gc=False):
    primary_detector: str | None = None


class Plugins(msgspec.Struct, gc=False):
    probes: dict[str, ProbeCard] = {}


class PluginCache(Entry, tag="plugin_cache", gc=False):
    plugin_cache: Plugins
    run: str | None = None


class PayloadInit(Entry, tag="payload_init", gc=False):
    """Which payload list was loaded: known, nothing of it is kept."""


class ProbeSummary(Entry, tag="probe_summary", gc=False):
    """Sums over detectors that judge the same outputs: known, not kept."""


class Digest(Entry, tag="digest", gc=False):
    """garak's own report page as data: known, not kept."""


class _Kind(msgspec.Struct):
    entry_type: str


decode_entry = msgspec.json.Decoder(
    Attempt | Eval | Setup | Init | Completion | PluginCache | PayloadInit | ProbeSummary | Digest
).decode
KNOWN_KINDS = {struct.__struct_config__.tag for struct in Entry.__subclasses__()}
_Said = tuple[str | None, ...]
"""Role, text, and the checksum of a file where there is one."""
_encode = msgspec.json.Encoder().encode


def tally(scores: list[float | None], outputs: int) -> dict[float | None, int]:
    """Count the outputs of each score; outputs that an old garak skipped have none."""
    counts: dict[float | None, int] = {}
    for score in scores:
        counts[score] = counts.get(score, 0) + 1
    if len(scores) < outputs:
        counts[None] = counts.get(None, 0) + outputs - len(scores)
    return counts


class _PromptIds(dict[str | Prompt | None, str | None]):
    """Prompts seen lately with their ids: each is tried several times, and written twice a try."""

    def __missing__(self, prompt: str | Prompt | None) -> str | None:
        said = _all_said(prompt)
        found = None
        if any(turn[1:] != (None,) for turn in said):
            found = hashlib.sha256(_encode(said)).hexdigest()[:32]
        if len(_encode(prompt)) <= _REMEMBERED_BYTES:
            if len(self) >= _REMEMBERED_PROMPTS:
                self.clear()
            self[prompt] = found
        return found


prompt_ids: Mapping[str | Prompt | None, str | None] = _PromptIds()
"""For any prompt the hash of its (role, text) pairs; plain text is what one user says.

A prompt that carries a file (image, audio) is told apart by the checksum of that file too.
None for a prompt without any content.
"""


def _all_said(prompt: str | Prompt | None) -> tuple[_Said, ...]:
    if type(prompt) is Prompt and prompt.turns is not None:
        return tuple([_said(turn.role or "user", turn.content) for turn in prompt.turns])
    return (_said("user", prompt),)


def _said(role: str, content: Message | str | None) -> _Said:
    if content is None or isinstance(content, str):
        return (role, content)
    checksum = content.data_checksum
    return (role, content.text, checksum) if checksum else (role, content.text)


@lru_cache(maxsize=4096)
def plugin_name(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def required(text: str | None, column_name: str) -> str:
    if not text:
        raise LineFault(Reason.MISSING_VALUE, column_name)
    if "\0" in text:
        raise LineFault(Reason.NUL_BYTE, column_name)
    return text


def refuse_nul(value: object, column_name: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise LineFault(Reason.NUL_BYTE, column_name)
