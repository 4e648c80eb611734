"""One correction, and what of a person's words makes one. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_DAY

CorrectionKind = Literal["project", "no_work", "add"]
KINDS: Final[tuple[str, ...]] = get_args(CorrectionKind)
MAX_LENGTH_NS: Final = 31 * NS_PER_DAY
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Correction:
    """What was said of a person's time from `start_ns` up to and without `end_ns`; `withdrawn_ns` is 0 while it counts.

    `project` is where the work belongs, or what was worked on; `from_project` narrows it to work that was measured for that project.
    """

    correction_id: str
    correction_kind: str
    user: str
    start_ns: int
    end_ns: int
    project: str
    from_project: str
    created_by: str
    comment: str
    created_ns: int
    withdrawn_ns: int = 0

    def says_the_same(self, other: Correction) -> bool:
        """Whether it says what another one says, by whomever, whenever."""
        return _content(self) == _content(other)

    def named(self) -> Correction:
        """Return it with a name made of what it says, if it has none."""
        if self.correction_id:
            return self
        return replace(self, correction_id=hashlib.sha256("\0".join(_content(self)).encode()).hexdigest()[:24])


def checked(given: Correction) -> Correction:
    """Return a correction that can be, with a name. Raises Rejected, with what to say instead."""
    if given.correction_id and not _NAME.fullmatch(given.correction_id):
        raise Rejected("correction_id must be up to 64 letters, digits, - or _; leave it out to have one made")
    if given.correction_kind not in KINDS:
        raise Rejected(f"correction_kind must be one of {', '.join(KINDS)}, not {given.correction_kind[:100]!r}")
    if not 0 < given.start_ns < given.end_ns:
        raise Rejected("a correction needs a start, and an end after it, such as 2026-09-21T14:00:00Z")
    if given.end_ns - given.start_ns > MAX_LENGTH_NS:
        raise Rejected("a correction is about 31 days at most; make several")
    if (given.correction_kind == "no_work") == bool(given.project):
        raise Rejected("project says where the work belongs: it is needed, but for no_work, where there is none")
    if given.correction_kind == "add" and given.from_project:
        raise Rejected("what is added was measured for no project: leave from_project out")
    return given.named()


def _content(given: Correction) -> tuple[str, ...]:
    return given.correction_kind, given.user, str(given.start_ns), str(given.end_ns), given.project, given.from_project
