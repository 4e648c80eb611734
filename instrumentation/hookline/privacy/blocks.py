"""Secrets that are recognised by their block: private keys, and the data of a Kubernetes secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

TextSpan = tuple[int, int]

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s:,.-]|\\[nr]){0,20000}")
_MAX_KEY_CHARS: Final = 20_000

_LINE = re.compile(r"[^\n]*\n?")
_DATA = re.compile(r"([ \t+-]{0,60})(?:string)?[dD]ata:\s{0,20}\Z")
_ENTRY = re.compile(r"([ \t+-]{0,60})[\"']?[A-Za-z0-9._-]{1,253}[\"']?:\s{1,4}(\S[^\r\n]*)")
_JSON_DATA = re.compile(r"\"(?:string)?[dD]ata\"\s{0,8}:\s{0,8}\{([^{}]{1,20000})\}")
_SECRET_KIND = re.compile(r"kind[\"']?\s{0,8}:\s{0,8}[\"']?Secret\b")


def private_keys(text: str) -> Iterator[TextSpan]:
    """Yield the PEM blocks, also those whose end is missing. Each end is looked for once, so the work is linear."""
    if "PRIVATE KEY" not in text:
        return
    at = 0
    has_end = True
    while begin := _KEY_BEGIN.search(text, at):
        end = text.find("-----END", begin.end()) if has_end else -1
        has_end = end >= 0
        if has_end and end - begin.end() < _MAX_KEY_CHARS:
            tail = text.find("-----", end + 8, end + 80)
            at = tail + 5 if tail >= 0 else end + 8
        else:
            body = _KEY_BODY.match(text, begin.end())
            at = body.end() if body else begin.end()
        yield begin.start(), at


def kubernetes_data(text: str) -> Iterator[TextSpan]:
    """Yield the values under `data` and `stringData` where the text holds an object of the kind Secret."""
    if not _SECRET_KIND.search(text):
        return
    for found in _JSON_DATA.finditer(text):
        yield found.span(1)
    margin: int | None = None
    for line in _LINE.finditer(text):
        written = line[0].rstrip("\r\n")
        if data := _DATA.match(written):
            margin = len(data[1])
        elif margin is not None and (entry := _ENTRY.match(written)) and len(entry[1]) > margin:
            yield line.start() + entry.start(2), line.start() + entry.end(2)
        elif margin is not None and len(written) - len(written.lstrip(" \t+-")) <= margin:
            margin = None
