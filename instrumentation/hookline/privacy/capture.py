"""What of prompts, inputs and outputs may leave the machine, by project.

`metadata` (the default) lets sizes, hashes, file extensions and outcomes out, no text. `inputs` adds prompts, tool inputs and
file paths. `full` adds tool outputs, answers and error texts. A project's level is looked up in the order of the settings; the first
entry that names it counts: its remote (`github.com/acme/shop`, also as a glob), a glob over its root folder, or its bare name. Anybody
can have a remote that ends in a name; so where a project has a remote, its bare name lets no more out than the default does.
Whatever the level, text passes the redactor and is cut.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agent_event import Place
from hookline.errors import ConfigInvalid
from hookline.privacy.redact import Redactor
from hookline.settings.schema import CaptureSettings

LEVELS: Final = ("metadata", "inputs", "full")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one project lets out. Each method returns the text that may leave: scrubbed, cut, or empty."""

    level: str
    max_chars: int
    redactor: Redactor

    def input_text(self, text: str) -> str:
        """Return a prompt or a path."""
        return self.redactor.cut(text, self.max_chars) if self.level != "metadata" else ""

    def input_json(self, value: Any) -> str:
        """Return a tool's input as JSON text."""
        return self._json(value) if self.level != "metadata" else ""

    def output_text(self, text: str) -> str:
        """Return an answer or an error's text."""
        return self.redactor.cut(text, self.max_chars) if self.level == "full" else ""

    def output_json(self, value: Any) -> str:
        """Return a tool's output, text as it is and anything else as JSON."""
        if self.level != "full":
            return ""
        return self.redactor.cut(value, self.max_chars) if isinstance(value, str) else self._json(value)

    def label(self, text: str, max_chars: int = 200) -> str:
        """Return a name that leaves at every level."""
        return _name(self.redactor, text, max_chars) if len(text) <= max_chars else self.redactor.label(text, max_chars)

    def _json(self, value: Any) -> str:
        scrubbed = self.redactor.value(value, 2 * self.max_chars)
        return self.redactor.cut(json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":")), self.max_chars)


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """The settings, made ready: one policy a level, and which project has which."""

    policies: Mapping[str, Policy]
    default: str
    projects: tuple[tuple[str, str], ...]

    def __call__(self, place: Place) -> Policy:
        """Return the policy of a place."""
        return self.policies[self.level_of(place)]

    def level_of(self, place: Place) -> str:
        """Return the level of a place: the first entry that names it or whose glob its root matches."""
        for pattern, level in self.projects:
            if (place.root and matches(place.root, pattern)) or _is_remote(place.url, pattern) or self._is_named(place, pattern, level):
                return level
        return self.default

    def _is_named(self, place: Place, pattern: str, level: str) -> bool:
        return pattern == place.project and (not place.url or LEVELS.index(level) <= LEVELS.index(self.default))


@functools.lru_cache(maxsize=2_048)
def _name(redactor: Redactor, text: str, max_chars: int) -> str:
    """Return a short name scrubbed: the same few tools are named again and again."""
    return redactor.label(text, max_chars)


def _is_remote(url: str, pattern: str) -> bool:
    """Answer whether a pattern names a remote as `host/owner/name`; each part stands for itself."""
    parts, wanted = url.partition("://")[2].lower().split("/"), pattern.lower().removesuffix(".git").split("/")
    return len(wanted) > 2 and len(parts) == len(wanted) and "*" not in wanted[0] and all(map(fnmatch.fnmatchcase, parts, wanted))


def matches(root: str, pattern: str) -> bool:
    """Answer whether a root folder lies at or below what a glob names."""
    glob = os.path.expanduser(pattern).rstrip("/")  # noqa: PTH111 - a glob, not a path
    return "/" in glob and (fnmatch.fnmatchcase(root, glob) or fnmatch.fnmatchcase(root, f"{glob}/*"))


def capture_rules(settings: CaptureSettings) -> CaptureRules:
    """Return the rules of the settings; raises ConfigInvalid with every level and pattern that is wrong."""
    wrong = [
        (f"capture.projects.{name}", f"{level!r} is not one of {', '.join(LEVELS)}")
        for name, level in settings.projects.items()
        if level not in LEVELS
    ]
    if wrong:
        raise ConfigInvalid(wrong)
    redactor = Redactor(settings.redact_extra)
    policies = {level: Policy(level, settings.max_value_chars, redactor) for level in LEVELS}
    return CaptureRules(policies, settings.level, tuple(settings.projects.items()))


METADATA_ONLY: Final[Callable[[Place], Policy]] = capture_rules(CaptureSettings())
