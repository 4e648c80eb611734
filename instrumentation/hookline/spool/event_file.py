"""One event's file as a record.

    hookline/1 agent=claude-code claude_pid=8990 ppid=8991 host=laptop entrypoint=cli children_of=8990 (claude) S 8989 ...
    {"session_id": ...

The first line is the environment: space-separated `key=value`, percent-encoded where a value holds spaces, `%` or
control characters. The relay ignores words that are not pairs, so that a newer hook may add some. What follows `children_of=` is the kernel's line
of the agent's process (proc_pid_stat(5)), as a hook puts it there without reading it; it becomes `children=PID.BEGAN.TICKS`. An agent that was gone
by then left no such line, nor its end. The rest is the payload, byte for byte. The uid is a hash of name, time and content: the same file read again,
by another process or after a crash, has the same uid; a new event under a name that came round again has another. What the relay itself observes
(`source=transcript`, `process` or `relay` in the first line) is kept here too, under a name that is never used for anything else.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from hookline.errors import Corrupt, Rejected

MAGIC = "hookline/1"
TOLD = "told-"  # begins the names of what the relay itself saw: named after what it is, so that telling it twice is one event
SUFFIX = ".ev"
MAX_LINE_BYTES = 4096
CHILDREN = "children"
_KERNELS_LINE = b" children_of="
_PROCESS = re.compile(rb"(?P<pid>[0-9]{1,10}) \(.*\) (?P<fields>[A-Za-z](?: -?[0-9]{1,20}){20,60})")
_PLAIN = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}"


@dataclass(frozen=True, slots=True)
class SpoolEvent:
    """One event as the hook left it. `hook_cost_s` runs from the file's birth to its rename; None where that is not known."""

    path: Path
    name: str
    time_ns: int
    env: Mapping[str, str]
    payload: bytes
    hook_cost_s: float | None
    uid: str


def parse_event(path: Path, time_ns: int, content: bytes, hook_cost_s: float | None = None) -> SpoolEvent:
    """Make a record of a file's content; raises Corrupt when it is not an event."""
    first, newline, payload = content.partition(b"\n")
    line, has_kernels, rest = first.partition(_KERNELS_LINE)
    words = _words(line) if newline and len(line) <= MAX_LINE_BYTES else []
    if not words or words[0] != MAGIC:
        raise Corrupt(f"does not begin with {MAGIC!r}", str(path))
    env = parse_env(words[1:])
    if has_kernels and (children := _children(rest)):
        env[CHILDREN] = children
    elif has_kernels:
        payload = rest + newline + payload
    if not payload.strip():
        raise Corrupt("has no payload", str(path))
    return SpoolEvent(path, path.name, time_ns, env, payload, hook_cost_s, _uid(path.name, time_ns, content))


def parse_payload(payload: bytes) -> dict[str, Any]:
    """Return a payload's object; raises Rejected when it is not a JSON object. Duplicate keys: the last one counts."""
    try:
        value = json.loads(payload.decode("utf-8", "replace"))
    except ValueError as why:
        raise Rejected(f"the payload is not JSON: {why}") from why
    except RecursionError as why:
        raise Rejected("the payload is nested too deeply") from why
    if not isinstance(value, dict):
        raise Rejected(f"the payload is a JSON {type(value).__name__}, not an object")
    return value


def format_event(env: Mapping[str, str], payload: bytes) -> bytes:
    """Return a file's content; the inverse of `parse_event`. Empty values are left out."""
    pairs = (f"{key}={quote(value, safe=_PLAIN)}" for key, value in env.items() if value)
    return " ".join([MAGIC, *pairs]).encode() + b"\n" + payload


def parse_env(words: list[str]) -> dict[str, str]:
    """Read `key=value` words; others are ignored."""
    pairs = (word.partition("=") for word in words)
    return {key: unquote(value, errors="replace") for key, equals, value in pairs if key and equals}


def _children(kernels_line: bytes) -> str:
    """Return PID.BEGAN.TICKS, which is an agent's process, its begin and what its ended children used; empty if this is no line of the kernel."""
    found = _PROCESS.fullmatch(kernels_line)
    if found is None:
        return ""
    fields = found["fields"].split()
    return f"{found['pid'].decode()}.{fields[19].decode()}.{int(fields[13]) + int(fields[14])}"


def _words(line: bytes) -> list[str]:
    return line.decode("utf-8", "replace").split()


def _uid(name: str, time_ns: int, content: bytes) -> str:
    if name.startswith(TOLD):
        return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    digest = hashlib.blake2b(f"{name}\0{time_ns}\0".encode(), digest_size=16)
    digest.update(content)
    return digest.hexdigest()
