"""The formats that the endpoint answers in, and the media type of each. Those that need files, schemas or servers are not among them."""

from __future__ import annotations

from hookline_collector.store.statement_fault import StatementFault

_TSV, _CSV, _JSON, _LINES, _BINARY = (
    "text/tab-separated-values; charset=UTF-8",
    "text/csv; charset=UTF-8; header=absent",
    "application/json; charset=UTF-8",
    "application/x-ndjson; charset=UTF-8",
    "application/octet-stream",
)
_TEXT = "text/plain; charset=UTF-8"
_MEDIA = {
    _TSV: """TabSeparated TSV TabSeparatedWithNames TSVWithNames TabSeparatedWithNamesAndTypes TSVWithNamesAndTypes TabSeparatedRaw TSVRaw Raw
        TabSeparatedRawWithNames TSVRawWithNames TabSeparatedRawWithNamesAndTypes TSVRawWithNamesAndTypes TSKV""",
    _CSV: "CSV",
    "text/csv; charset=UTF-8; header=present": "CSVWithNames CSVWithNamesAndTypes",
    _JSON: """JSON JSONStrings JSONCompact JSONCompactStrings JSONColumns JSONColumnsWithMetadata JSONCompactColumns JSONObjectEachRow""",
    _LINES: """JSONEachRow JSONLines JSONL NDJSON JSONStringsEachRow JSONCompactEachRow JSONCompactEachRowWithNames
        JSONCompactEachRowWithNamesAndTypes JSONCompactStringsEachRow JSONCompactStringsEachRowWithNames
        JSONCompactStringsEachRowWithNamesAndTypes""",
    _BINARY: """Native RowBinary RowBinaryWithNames RowBinaryWithNamesAndTypes MsgPack BSONEachRow RawBLOB Parquet ORC Avro Arrow Npy""",
    "application/vnd.apache.arrow.stream": "ArrowStream",
    "application/xml; charset=UTF-8": "XML",
    "text/markdown; charset=UTF-8": "Markdown MD",
    _TEXT: """Pretty PrettyNoEscapes PrettyMonoBlock PrettyNoEscapesMonoBlock PrettyCompact PrettyCompactNoEscapes PrettyCompactMonoBlock
        PrettyCompactNoEscapesMonoBlock PrettySpace PrettySpaceNoEscapes PrettySpaceMonoBlock PrettySpaceNoEscapesMonoBlock PrettyJSONEachRow
        PrettyJSONLines PrettyNDJSON Vertical Values CustomSeparated LineAsString SQLInsert""",
}
_KNOWN = {name.lower(): (name, media) for media, names in _MEDIA.items() for name in names.split()}


def known_form(name: str) -> tuple[str, str]:
    """Return a format's name as ClickHouse writes it, and its media type. Raises StatementFault for one that is not answered in."""
    found = _KNOWN.get(name.lower())
    if found is None:
        raise StatementFault(73, "UNKNOWN_FORMAT", f"Unknown format {name[:100]}, or one that is not answered in here")
    return found
