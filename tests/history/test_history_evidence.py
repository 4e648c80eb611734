"""Backfilled history says how ends are known: what was stopped or denied is not what ran to its end."""

from __future__ import annotations

import json
from pathlib import Path

from hookline.agents.claude_code.conversation import ConversationReader
from hookline.agents.equipment import Conversation, Mark, ReaderEnvironment, Transcript
from hookline.contract import semconv
from hookline.privacy.capture import METADATA_ONLY
from hookline.records import SpanRecord
from support.replay import SHOP, final_spans
from support.transcript_lines import NO, Line, interrupt, prompt, result, use


def history(tmp_path: Path, *lines: Line) -> list[SpanRecord]:
    """Return the spans of a transcript of these lines, in the order of their starts."""
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    conversation = Conversation("s", (Transcript(path, path.stat().st_size, 0.0),))
    reader = ConversationReader(conversation, {path: Mark(0)}, ReaderEnvironment(lambda _: SHOP, METADATA_ONLY, lambda *_: False))
    spans = [span for step in reader.steps(2**62, 0) for span in step.spans]
    return sorted(final_spans(spans).values(), key=lambda span: (span.start_ns, span.name))


def says(spans: list[SpanRecord]) -> list[tuple[object, ...]]:
    """Return name, length in s, outcome, evidence and source of each span."""
    keys = (semconv.OUTCOME, semconv.EVIDENCE, semconv.EVIDENCE_SOURCE)
    return [(span.name.partition(" ")[0], (span.end_ns - span.start_ns) / 1e9, *(span.attributes[key] for key in keys)) for span in spans]


def test_a_stopped_turn_and_call_were_interrupted_when_the_transcript_says(tmp_path: Path) -> None:
    """Also where the interrupt names the prompt that waited behind it."""
    spans = history(
        tmp_path,
        prompt(1, "u1", "", "p1"),
        use(2, "u2", "u1", "c"),
        result(9, "u3", "u2", "c", NO, toolDenialKind="user-rejected", promptId="p2"),
        interrupt(9, "u4", "u3", promptId="p2"),
        prompt(10, "u5", "u4", "p2", promptSource="queued"),
        interrupt(12, "u6", "u5", promptId="p2"),
    )
    assert says(spans) == [
        ("invoke_agent", 8.0, "interrupted", "observed", "transcript"),
        ("execute_tool", 7.0, "interrupted", "observed", "transcript"),
        ("invoke_agent", 2.0, "interrupted", "observed", "transcript"),
    ]
    assert [span.attributes.get(semconv.PROMPT_SOURCE) for span in spans] == ["user", None, "queued"]
    assert {span.attributes[semconv.INTERACTIVE] for span in spans} == {"true"}


def test_a_call_that_a_person_refused_never_ran(tmp_path: Path) -> None:
    """Its length is nothing."""
    refused = result(9, "u3", "u2", "c", NO, toolDenialKind="user-rejected", toolDenialBeforeRun=True)
    spans = history(tmp_path, prompt(1, "u1", "", "p1"), use(2, "u2", "u1", "c"), refused, interrupt(9, "u4", "u3"))
    assert says(spans)[1] == ("execute_tool", 0.0, "denied", "observed", "transcript")


def test_a_notice_of_the_client_to_itself_is_a_turn_and_nobodys_prompt(tmp_path: Path) -> None:
    """A background task ended."""
    spans = history(tmp_path, prompt(1, "u1", "", "p1", "<task-notification>\n<task-id>b</task-id>", promptSource="system"), interrupt(3, "u2", "u1"))
    assert [span.attributes[semconv.PROMPT_SOURCE] for span in spans] == ["task_notification"]


def test_what_a_call_could_not_take_is_a_failed_call(tmp_path: Path) -> None:
    """The client refused its input; no hook fired."""
    error = result(2, "u3", "u2", "c", "<tool_use_error>InputValidationError: Read failed")
    spans = history(tmp_path, prompt(1, "u1", "", "p1"), use(2, "u2", "u1", "c", "Read"), error, interrupt(4, "u4", "u3"))
    assert [(span.name, span.attributes[semconv.ERROR_TYPE]) for span in spans if span.name.startswith("execute")] == [
        ("execute_tool Read", "invalid_input")
    ]
