"""Which rules are in force: the default pack, and the files of the rules folder; read again when one changes.

A file that is not good leaves the rules that run in place, all of them: what people wrote together is taken together. Its problems are told in the
log, in the health of the alerts and by the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hookline.system.files import FileStamp, file_stamp
from hookline_collector.alerts.rule import AlertRule, RuleGroup
from hookline_collector.alerts.rule_files import RuleSet, default_pack, joined, read_files

SUFFIXES = (".yaml", ".yml")
Stamp = tuple[tuple[str, FileStamp | None], ...]


class RuleLoader:
    """Reads the rules that the settings ask for: `places` are files, or folders of which every YAML file counts."""

    def __init__(self, places: Sequence[Path], *, with_default: bool = True, left_out: Sequence[str] = ()) -> None:
        self._places = tuple(places)
        self._with_default = with_default
        self._left_out = frozenset(left_out)

    def files(self) -> list[Path]:
        """Return the files, in order; a place that is not there has none, unless it names a file."""
        found: list[Path] = []
        for place in self._places:
            if place.is_dir():
                found += sorted(path for path in place.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("."))
            elif place.exists() or place.suffix in SUFFIXES:
                found.append(place)
        return found

    def watched(self) -> list[Path]:
        """Return the paths at which a change matters: the files, and the places where more may come."""
        return [*self._places, *self.files()]

    def stamp(self) -> Stamp:
        """Return what changes when a file does. Cheap."""
        return tuple((str(path), file_stamp(path)) for path in self.files())

    def read(self) -> RuleSet:
        """Read everything. Blocks."""
        own = read_files(self.files())
        return joined([default_pack().without(self._left_out), own]) if self._with_default else own


def rules_by_key(groups: Sequence[RuleGroup]) -> dict[str, AlertRule]:
    """Return the rules of groups by their keys."""
    return {rule.key: rule for group in groups for rule in group.rules}
