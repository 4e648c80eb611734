"""Ten ways in which a text turns up in what a tool prints, each with the same for a part of it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

Encode = Callable[[str], str]


def inside(text: str) -> str:
    return json.dumps(text)[1:-1]


def quoted(text: str) -> str:
    return quote(text, safe="")


# name: (the text, a part of it)
ENCODINGS: Final[Mapping[str, tuple[Encode, Encode]]] = {
    "plain": (str, str),
    "json": (lambda text: json.dumps({"stdout": f"done\n{text}\nnext"}), inside),
    "json twice": (lambda text: json.dumps({"content": json.dumps({"stdout": f"done\n{text}\n\tnext"})}), lambda text: inside(inside(text))),
    "coloured": (lambda text: f"\x1b[1;32mok\x1b[0m \x1b[31m{text}\x1b[0m\n", str),
    "coloured in json": (lambda text: json.dumps({"out": f"\x1b[31m{text}\x1b[0m\r\n\x1b[2Kmore"}), inside),
    "url": (lambda text: f"https://example.com/log?line={quoted('x ' + text)}", quoted),
    "lines": (lambda text: f"first line\r\n{text}\r\n  last line\n", str),
    "diff": (lambda text: "@@ -1,3 +1,4 @@\n context\n" + "".join(f"+{line}\n" for line in text.split("\n")), str),
    "html": (lambda text: f"<pre>{html.escape('> ' + text)}</pre>", html.escape),
    "fenced": (lambda text: f"Look:\n\n```sh\n{text}\n```\n", str),
}
