"""Blocks as an iCalendar file (RFC 5545), to be imported or subscribed to.

A block's UID is made of its person, its start and its projects, so importing the same report again replaces what is there. Everything is
in UTC; DTSTAMP is the block's end, so that the same report is the same text.
"""

import hashlib

from hookline.system.clock import NS_PER_S
from hookline.system.plain import one_line
from hookline.version import VERSION
from hookline_collector.work.blocks import Block
from hookline_collector.work.report import WorkReport

_LINE_OCTETS = 75


def calendar(report: WorkReport) -> str:
    """Return the report's blocks, one event each."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Hookline//Hookline {VERSION}//EN", "CALSCALE:GREGORIAN"]
    for block in report.counted_blocks:
        lines += _event(report, block)
    return "".join(fold(line) for line in [*lines, "END:VCALENDAR"])


def escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11); of control characters only line breaks are left."""
    plain = "\n".join(map(one_line, text.split("\n")))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """Break a content line into lines of at most 75 octets, never within a character, each ended by CRLF (3.1)."""
    parts, current, room = [], "", _LINE_OCTETS
    for char in line:
        size = len(char.encode())
        if size > room:
            parts.append(current)
            current, room = " ", _LINE_OCTETS - 1
        current, room = current + char, room - size
    return "\r\n".join([*parts, current]) + "\r\n"


def _event(report: WorkReport, block: Block) -> list[str]:
    name = ", ".join(map(one_line, block.projects)) or "Work with agents"
    identity = "\0".join([block.user, str(block.start_ns), *block.projects])
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@hookline",
        f"DTSTAMP:{_stamp(report, block.end_ns)}",
        f"DTSTART:{_stamp(report, block.start_ns)}",
        f"DTEND:{_stamp(report, max(block.end_ns, block.start_ns + NS_PER_S))}",
        f"SUMMARY:{escape(name)}",
        f"DESCRIPTION:{escape(_description(block))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _description(block: Block) -> str:
    clocks = (("human", block.human_s), ("agents", block.agent_s), ("wall", block.wall_s))
    known = ", ".join(f"{name} {seconds / 60:.0f} min" for name, seconds in clocks if seconds is not None)
    lines = [f"{one_line(block.user)}: {known or f'{block.duration_s / 60:.0f} min'}{', corrected by hand' if block.correction_ids else ''}"]
    for title, values in (("Branches", block.branches), ("Sessions", block.sessions), ("Prompts", block.prompts), ("Commits", block.commits)):
        if values:
            lines.append(f"{title}: {', '.join(map(one_line, values))}")
    return "\n".join(lines)


def _stamp(report: WorkReport, at_ns: int) -> str:
    return f"{report.period.utc(at_ns):%Y%m%dT%H%M%SZ}"
