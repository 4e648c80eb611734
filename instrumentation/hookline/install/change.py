"""What installing or uninstalling made of a settings file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Scope = Literal["user", "project", "local"]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a settings file, or with `dry_run` would. Texts are None where there is no file.

    `beside` is what happened to another file of the same agent's.
    """

    path: Path
    before: str | None
    after: str | None
    remarks: tuple[str, ...] = ()
    backup: Path | None = None
    is_dry_run: bool = False
    beside: Change | None = None

    @property
    def is_needed(self) -> bool:
        """Whether the file's text changes at all."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the change as a unified diff, empty if there is none; of both files where there are two."""
        return self._own_diff() + (self.beside.diff() if self.beside else "")

    def _own_diff(self) -> str:
        before, after = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, str(self.path), str(self.path))
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
