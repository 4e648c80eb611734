"""What every reader of history does with a payload of a session file: adapt it as the hook's would be, fold it, and keep how far its file is done.

A reader gives what a line told, with the file that it stands in and where the line begins. What the fold has not released keeps its file's mark
before that line, so that reading may stop anywhere and go on there.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hookline.agent_event import TRANSCRIPT, AgentEvent, Place
from hookline.agents.agent import Agent, adapted
from hookline.agents.equipment import Mark, ReaderEnvironment
from hookline.agents.told_line import ToldLine
from hookline.contract import semconv
from hookline.errors import Rejected
from hookline.fold import FoldState, fold
from hookline.records import AttributeValue, FoldStep, SpanRecord
from hookline.system.clock import NS_PER_S
from hookline.system.evolve import evolve

CLOSED_AFTER_NS: Final = 24 * 3600 * NS_PER_S


@dataclass(slots=True)
class FileProgress:
    """How far one file is done. `waiting` has the line's offset of each event that is not; `holding_from` where something is held back."""

    done: int
    damaged: int
    holding_from: int | None = None
    waiting: dict[str, int] = field(default_factory=dict)

    def mark(self) -> Mark:
        """Return up to where nothing needs the file any more."""
        needed = [*self.waiting.values(), *([self.holding_from] if self.holding_from is not None else [])]
        return Mark(min(needed, default=self.done), self.damaged)

    def note_holding(self, start: int, *, is_holding: bool) -> None:
        """Keep from which line on something is held back."""
        if not is_holding:
            self.holding_from = None
        elif self.holding_from is None:
            self.holding_from = start


class HistoryFold:
    """Adapts and folds what one conversation's files tell."""

    def __init__(self, agent: Agent, around: ReaderEnvironment) -> None:
        self._agent = agent
        self._around = around
        self._of_uid: dict[str, FileProgress] = {}
        self._state = FoldState()
        self._model = ""

    def adapted(self, told: ToldLine) -> AgentEvent | None:
        """Return the event of a payload; None where it cannot be used."""
        payload = json.dumps(told.payload).encode()
        uid = hashlib.sha256(f"history\0{told.time_ns}\0".encode() + payload).hexdigest()[:32]
        env = {"agent": self._agent.name, "source": TRANSCRIPT}
        try:
            event = adapted(self._agent, told.payload, env, told.time_ns, uid, self._around.locate, self._around.capture)
        except Rejected:
            return None
        place = _then(event.place, str(told.payload.get("git_branch") or ""))
        return evolve(event, is_beside=told.payload.get("beside") is True, place=place, model=event.model or str(told.payload.get("model") or ""))

    def wait_for(self, event: AgentEvent, file: FileProgress, start: int) -> None:
        """Keep the mark of a file before a line until the line's event was accepted."""
        file.waiting[event.uid] = start
        self._of_uid[event.uid] = file

    def acknowledge(self, released: Iterable[str]) -> None:
        """Take note that everything up to these events was accepted."""
        for uid in released:
            if file := self._of_uid.pop(uid, None):
                file.waiting.pop(uid, None)

    def fold(self, event: AgentEvent) -> FoldStep:
        """Return the step of an event."""
        if event.model and not event.agent_id:
            self._model = event.model
        self._state, step = fold(self._state, event, has_logs=False)
        return FoldStep(spans=tuple(map(self._with_model, step.spans)), released=step.released) if step.spans else step

    def shared(self, cwd: str, branch: str) -> Mapping[str, AttributeValue]:
        """Return what records of tokens say of where they are from."""
        return {semconv.HOOK_EVENT: "transcript", **_then(self._around.locate(cwd), branch).attributes}

    def _with_model(self, span: SpanRecord) -> SpanRecord:
        """Hooks tell the model at a session's start; a session file tells it with each answer."""
        if semconv.REQUEST_MODEL in span.attributes or not self._model:
            return span
        return evolve(span, attributes={**span.attributes, semconv.REQUEST_MODEL: self._model})


@functools.lru_cache(maxsize=256)
def _then(place: Place, branch: str) -> Place:
    """Return a place as it was then: the file may know the branch, today's revision says nothing."""
    return replace(place, branch="" if branch == "HEAD" else branch, revision="")
