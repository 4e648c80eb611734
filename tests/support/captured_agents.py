"""Captures of real clients that are not the default one: hooks as they were fired, and the session files of the same run.

`tests/fixtures/<agent>-<version>/<scenario>/hooks.jsonl` has a line a hook: when it ran, under which event, and its payload. Below `home/` lie the
client's session files, as they lay below the home folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from hookline.agent_event import NOWHERE, AgentEvent, tick
from hookline.agents import AGENTS, event_of
from hookline.agents.agent import adapted
from hookline.agents.conversations import LineConversation
from hookline.agents.equipment import Mark, ReaderEnvironment
from hookline.fold import order
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import FoldStep, LogRecord, SpanRecord
from hookline.system.clock import NS_PER_S
from hookline.system.json_lines import parse_line, read_lines
from support.replay import final_spans, replay, spans_of, tell

FIXTURES = Path(__file__).parents[1] / "fixtures"
HOME = "/home/dev"
LATER_NS = 10**14


class Captured:
    """One scenario of one agent. Its session files are where the agent looks for them as long as the test runs."""

    def __init__(self, folder: str, scenario: str, monkeypatch: pytest.MonkeyPatch, **words: str) -> None:
        self.agent = AGENTS[folder.rpartition("-")[0]]
        self.path = FIXTURES / folder / scenario
        self.home = self.path / "home"
        self._words = words
        monkeypatch.setenv("HOME", str(self.home))

    def events(self) -> list[AgentEvent]:
        """Return the hooks' events as the relay has them: adapted, then completed by what files beside them say."""
        return [self.agent.completed(event) for event in self.adapted()]

    def adapted(self) -> list[AgentEvent]:
        """Return the hooks' events as the adapter alone makes them."""
        return list(self._adapted())

    def _adapted(self) -> Iterator[AgentEvent]:
        lines = (self.path / "hooks.jsonl").read_text().splitlines()
        for number, line in enumerate(lines):
            fired = json.loads(line.replace(f"{HOME}/", f"{self.home}/"))
            env = {"agent": self.agent.name, **self._words}
            yield event_of(fired["payload"], env, fired["time_ns"], f"{self.path.name}-{number}")

    def signs(self, events: Iterable[AgentEvent]) -> Iterator[AgentEvent]:
        """Yield what the session files show and these events do not tell, as the relay finds it."""
        transcripts = self.agent.transcripts()
        known = list(events)
        told = {key for event in known for key in _told(event)}
        main = next((event.transcript_path for event in known if event.transcript_path), "")
        assert transcripts is not None and main
        for path, agent_id in ((Path(main), ""), *transcripts.of_subagents(Path(main))):
            reader = transcripts.signs(known[0].session_id, Path(main), agent_id)
            for line in read_lines(path, 0):
                if not line.text or not transcripts.may_show(line.text):
                    continue
                for sign in reader.read(parse_line(line.text)):
                    if sign.unless not in told:
                        env = {"agent": self.agent.name, "source": "transcript"}
                        event = adapted(self.agent, sign.payload, env, sign.time_ns, sign.name, lambda folder: NOWHERE, METADATA_ONLY)
                        yield self.agent.completed(event)

    def lines(self, *, with_signs: bool = True) -> list[str]:
        """Return what the fold makes of the scenario, a line a span by their beginnings; times in ms after the first event."""
        events = self.events()
        seen = [*events, *self.signs(events)] if with_signs else events
        return lines_of(seen, events[0].time_ns)

    def history(self, *, delivered: Iterable[str] = ()) -> tuple[list[SpanRecord], list[LogRecord]]:
        """Return spans and tokens that history reads from the session files of a whole home folder, where hooks delivered these prompts."""
        transcripts = self.agent.transcripts()
        assert transcripts is not None
        ids = frozenset(delivered)
        around = ReaderEnvironment(lambda folder: NOWHERE, METADATA_ONLY, lambda session, prompt: prompt in ids)
        steps: list[FoldStep] = []
        for conversation in transcripts.conversations(transcripts.root({"HOME": str(self.home)})):
            reader = transcripts.history(conversation, {one.path: Mark() for one in conversation.transcripts}, around)
            assert isinstance(reader, LineConversation)
            steps += reader.steps(2 * 10**18, int(900 * NS_PER_S))
        return list(final_spans(spans_of(steps)).values()), [log for step in steps for log in step.logs]

    def history_lines(self) -> list[str]:
        """Return the spans of history as `lines` does, after the first of them."""
        spans = sorted(self.history()[0], key=lambda span: (span.start_ns, span.end_ns))
        return tell(spans, spans[0].start_ns)


def lines_of(events: Iterable[AgentEvent], start_ns: int) -> list[str]:
    """Return what the fold makes of events, a line a span by their beginnings."""
    ordered = order(events)
    steps = replay([*ordered, tick(ordered[-1].time_ns + LATER_NS)])
    return tell(sorted(final_spans(spans_of(steps)).values(), key=lambda span: (span.start_ns, span.end_ns)), start_ns)


def tokens_of(logs: Iterable[LogRecord]) -> tuple[int, int, int]:
    """Return tokens in, out, and read from a cache, of the largest record of each request."""
    largest: dict[str, tuple[int, int, int]] = {}
    for log in logs:
        kinds = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens")
        given, said, read = (int(str(log.attributes.get(kind, 0))) for kind in kinds)
        request = str(log.attributes["gen_ai.response.id"])
        largest[request] = max(largest.get(request, (0, 0, 0)), (given, said, read))
    return (sum(one[0] for one in largest.values()), sum(one[1] for one in largest.values()), sum(one[2] for one in largest.values()))


def _told(event: AgentEvent) -> Iterator[str]:
    from hookline.relay.intake.transcript_tail import keys_of

    yield from keys_of(event)
