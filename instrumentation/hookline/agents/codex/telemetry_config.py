"""Codex's own OpenTelemetry, switched on in `config.toml`: logs alone.

    [otel]
    exporter = { otlp-http = { endpoint = "http://127.0.0.1:4318/v1/logs", protocol = "binary" } }

Its traces are a thousand and a half of internal spans for five calls, by no convention, and stay off. The table is put in behind the text and
taken out again as it stands; the client, which writes approvals into the same file, leaves it as it is. Where a person has an `[otel]` of their own,
that stays and is reported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from hookline.install.file import split_bom
from hookline.install.manifest import InstallNote, digest
from hookline.install.settings_change import Plan, noted
from hookline.install.toml_tables import gap_before, parse_toml
from hookline.settings import Settings
from hookline.settings.telemetry_endpoint import native_endpoint

TABLE: Final = "otel"
BLOCK: Final = "otel"  # under which the note keeps what was put in
HEAD: Final = "# put in by hookline install --native-telemetry"


def block(settings: Settings) -> str:
    """Return the lines that switch the logs on, towards where the relay sends its own."""
    endpoint, headers = native_endpoint(settings), settings.relay.headers
    given = {"headers": dict(headers)} if headers else {}
    if settings.relay.protocol == "grpc":
        exporter: dict[str, Any] = {"otlp-grpc": {"endpoint": endpoint, **given}}
    else:
        exporter = {"otlp-http": {"endpoint": f"{endpoint.rstrip('/')}/v1/logs", "protocol": "binary", **given}}
    return f"{HEAD}\n[{TABLE}]\nexporter = {_inline(exporter)}\n"


def plan_config(before: str | None, wanted: str, earlier: InstallNote) -> Plan:
    """Return what switching on makes of the file's text (None: there is no file)."""
    bom, text = split_bom(before or "")
    lines = "\r\n" if "\r\n" in text else "\n"
    put = earlier.env.get(BLOCK, "")
    is_as_left = earlier.after == digest(before) != ""
    was_pristine = not (put and put in text)
    if not was_pristine:
        text = text.replace(put, "", 1)
    is_theirs = TABLE in parse_toml(text)
    added = "" if is_theirs else gap_before(text) + wanted.replace("\n", lines)
    remarks = (f"[{TABLE}] stands in the configuration already and stays so; for Hookline its exporter would be\n{wanted}",) if is_theirs else ()
    after = bom + text + added
    parse_toml(after.removeprefix(bom) if bom else after)
    if is_theirs and was_pristine:
        return Plan(before or "", earlier, remarks, was_pristine, is_as_left)
    note = InstallNote("", digest(after), env={BLOCK: added} if added else {})
    return Plan(after, noted(note, before, earlier, was_pristine=was_pristine, is_as_left=is_as_left), remarks, was_pristine, is_as_left)


def plan_out(now: str | None, note: InstallNote, original: str | None) -> str | None:
    """Return the text without what was put in; None if there is to be no file. `original` is the backup's text."""
    if now is None or not (put := note.env.get(BLOCK, "")):
        return now
    if note.after == digest(now):
        if note.was_missing:
            return None
        if original is not None and digest(original) == note.before:
            return original
    bom, text = split_bom(now)
    for known in (put, put.lstrip("\r\n")):
        if known in text:
            return bom + text.replace(known, "", 1)
    return now


def _inline(value: Any) -> str:
    """Return a value as TOML has it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)
