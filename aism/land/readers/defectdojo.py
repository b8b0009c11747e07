"""DefectDojo: pages of its REST interface (v2) and dumps of its database, as JSON.

A reader of state: a finding is eight booleans and a few dates, and nothing of how it came to be
so but what accepted risks, imports and notes of a re-upload date. What the flags mean is decided
in SQL. Names and mails of people, descriptions and texts of notes are not read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import msgspec

from aism.land.display import make_visible
from aism.land.json_documents import read_document, take_record
from aism.land.json_lines import LineFault, check_text, classify
from aism.land.model import LandedFile, ReadReport, Reason, Sink, UnreadableFileError
from aism.land.readers.defectdojo_documents import Batch, Export, open_export
from aism.land.readers.defectdojo_findings import FindingRow, Value, read_finding
from aism.land.readers.defectdojo_records import (
    PREFETCHED,
    Finding,
    Kind,
    Sort,
    decode_record,
    keys_of,
    refuse_dumped,
    sort_of,
)
from aism.land.readers.defectdojo_tables import Facts
from aism.land.readers.tracker_rows import MAX_VALUE
from aism.land.rows import RowBuffer, listed_names

VERSION = 1

Raw = msgspec.Raw
_FINDINGS, _OBJECTS = "findings", "objects"
_NO_RECORDS = "holds no records"
_SHOWN_KINDS = 10
_SHOWN_MODEL = 60
_UNKNOWN = Sort()


@dataclass(slots=True)
class _Entry:
    """A record with its place and what it is."""

    path: str
    raw: Raw
    sort: Sort
    is_lone: bool = False


class _Reader:
    """Reads one file: first what findings refer to, then the findings, each from the last on."""

    def __init__(self, file: LandedFile, sink: Sink, export: Export) -> None:
        self.report = ReadReport(is_complete=export.is_complete)
        self._file = file
        self._sink = sink
        self._export = export
        self._facts = Facts(self.report)
        self._items = RowBuffer(sink, "tracker_items")
        self._values = RowBuffer(sink, "tracker_values")
        self._standing: set[int] = set()
        self._kept_out: Counter[str] = Counter()
        self._entries: list[_Entry] = []
        self._pages: list[tuple[str, int, int | None]] = []

    def read(self) -> None:
        lone: Counter[str] = Counter()
        for batch in self._export.batches:
            entries = self._sorted(batch)
            self._entries += entries
            findings = sum(entry.sort.kind is Kind.FINDING for entry in entries)
            document = _FINDINGS if findings else _OBJECTS
            items = findings or len(batch.records)
            if batch.is_lone:
                lone[document] += items
            else:
                self._pages.append((document, items, batch.stated_total))
        self._pages += [(document, count, None) for document, count in sorted(lone.items())]
        self._refuse_what_is_nothing()
        faulty: list[int] = []
        for of_findings in (False, True):
            for number in reversed(range(len(self._entries))):
                entry = self._entries[number]
                if (entry.sort.kind is Kind.FINDING) is of_findings:
                    before = len(self.report.faults)
                    self._read_entry(entry)
                    faulty += [number] * (len(self.report.faults) - before)
        found = sorted(zip(faulty, self.report.faults, strict=True), key=lambda pair: pair[0])
        self.report.faults = [fault for _, fault in found]
        self._close()

    def _sorted(self, batch: Batch) -> list[_Entry]:
        """Tell what the records of a batch are; one without marks is what the others are."""
        sorts = [sort_of(raw) for _, raw in batch.records]
        kinds = Counter(sort.kind for sort in sorts if sort.kind and not sort.is_dumped)
        common = _UNKNOWN
        if any(sort.is_dumped for sort in sorts):
            common = Sort(is_dumped=True)
        elif kinds:
            common = Sort(kinds.most_common(1)[0][0])
        entries = [
            _Entry(path, raw, sort if sort.kind or sort.model else common, batch.is_lone)
            for (path, raw), sort in zip(batch.records, sorts, strict=True)
        ]
        for name, path, raw in batch.prefetched:
            if name in PREFETCHED:
                entries.append(_Entry(path, raw, Sort(PREFETCHED[name])))
        return entries

    def _refuse_what_is_nothing(self) -> None:
        """Raise UnreadableFileError for a file without any array, page or known record."""
        batches = self._export.batches
        if any(not batch.is_lone for batch in batches):
            return
        if any(entry.sort.kind or entry.sort.model for entry in self._entries):
            return
        reason = classify(bytes(batches[0].records[0][1]))
        raise UnreadableFileError(reason or Reason.MISSING_KEY, "results")

    def _read_entry(self, entry: _Entry) -> None:
        sort = entry.sort
        if sort.model is not None:
            self.report.rows_read += 1
            self._kept_out[make_visible(sort.model, _SHOWN_MODEL)] += 1
            return

        def take(record_path: str, raw: Raw) -> None:
            if not self._export.is_checked:
                check_text(bytes(raw))
            if sort.kind is not None:
                self._take(record_path, raw, sort.kind, is_dumped=sort.is_dumped)
            elif sort.is_dumped:
                refuse_dumped(raw)
            elif entry.is_lone:
                raise LineFault(classify(bytes(raw)) or Reason.MISSING_KEY, "results")
            else:
                self._kept_out[f"with the keys {listed_names(keys_of(raw))}"] += 1

        take_record(entry.path, entry.raw, self.report, take)

    def _take(self, record_path: str, raw: Raw, kind: Kind, *, is_dumped: bool) -> None:
        record, record_id = decode_record(raw, kind, is_dumped)
        if not isinstance(record, Finding):
            self._facts.take(kind, record, record_id, record_path)
            return
        row = read_finding(record, record_id)
        if record_id in self._standing:
            self.report.superseded += 1
            return
        self._standing.add(record_id)
        self._keep(row, record_path)

    def _keep(self, row: FindingRow, record_path: str) -> None:
        facts, item_id = self._facts, str(row.finding)
        if row.related is not None:
            facts.add_place(row.related.test)
            if row.related.jira is not None:
                facts.add_jira_issue(row.finding, row.related.jira)
        for risk_id, moments in row.risks:
            facts.add_risk(row.finding, risk_id, moments, record_path)
        facts.add_notes(row.finding, row.notes, record_path)
        facts.add_note_ids(row.finding, row.note_ids)
        if row.duplicate_of is not None:
            facts.add_link(item_id, "duplicate_finding", row.duplicate_of, None)
        chain = facts.chain_of(row.test)
        for field, value_id, name in chain.values:
            row.values[field, value_id, name if _is_short(name) else None] = None
        for test_type in row.found_by:
            row.values["found_by", test_type, facts.name_of_test_type(test_type)] = None
        self._add_values(item_id, row.values)
        self.report.targets.update(row.targets)
        self._items.add(
            (
                self._file.sha256,
                record_path,
                item_id,
                item_id,
                chain.product,
                row.title,
                row.created_at,
                row.discovered_on,
                row.updated_at,
                row.status_at,
                row.closed_at,
                False,
            )
        )

    def _add_values(self, item_id: str, values: dict[Value, None]) -> None:
        for value in values:
            self._values.add((self._file.sha256, item_id, *value))

    def _close(self) -> None:
        for item_id, moment in sorted(self._facts.expiries.items()):
            text = f"{moment.isoformat()}Z"
            self._add_values(item_id, {("risk_acceptance_expires_at", None, text): None})
        self._items.flush()
        self._values.flush()
        self._facts.write(self._file, self._sink)
        pages = RowBuffer(self._sink, "tracker_pages")
        for page in self._pages:
            pages.add((self._file.sha256, *page))
        pages.flush()
        if not self._entries:
            self.report.schema_note = _NO_RECORDS
        elif self._kept_out:
            self.report.schema_note = _told(self._kept_out)


def read_defectdojo(file: LandedFile, sink: Sink) -> ReadReport:
    """Read one ``.json[.gz]`` into the tracker_… tables.

    ``rows_read`` counts every record of every page, array and prefetched block: findings, what
    they belong to, and records of other kinds, which are kept out and named in ``schema_note``. A
    finding that stands in the file twice counts as it stands last. A file that was cut keeps the
    records before the cut and is not complete. Memory grows with the file.

    Raises:
        UnreadableFileError: the file cannot be opened or unpacked, is too large, or holds neither
            a page, nor an array, nor a record of DefectDojo.

    """
    reader = _Reader(file, sink, open_export(read_document(file.path)))
    reader.read()
    return reader.report


def _is_short(name: str | None) -> bool:
    return name is not None and len(name) <= MAX_VALUE


def _told(kept_out: Counter[str]) -> str:
    shown = [f"{count} {what}" for what, count in sorted(kept_out.items())]
    more = " and more" if len(shown) > _SHOWN_KINDS else ""
    return f"records of other kinds are kept out: {', '.join(shown[:_SHOWN_KINDS])}{more}"
