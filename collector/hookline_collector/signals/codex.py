"""What Codex sends itself: two of its log records, for the live view.

    codex.tool_decision   a call may run, or may not: the wait for a permission is over the moment it is answered, and not when the call ends
    codex.tool_result     a call is over

Models of the newest kind make their calls from JavaScript, so what a hook calls one call is two records there: the outer `exec` is passed over, or
calls would be counted twice. Everything else it logs says nothing of a session that hooks and rollouts do not (each event of a stream is a
record), and makes none. A subagent's thread is a conversation of its own; hooks say whose it is (`sessions/live_sessions.py`).
"""

from __future__ import annotations

from typing import Final

from hookline.contract import codex_native
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

NAME: Final = "codex"
WORDS: Final = Vocabulary(prompt=(), call=(codex_native.CALL_ID,), request=(), session=(codex_native.CONVERSATION_ID,))
LABELS: Final = frozenset({codex_native.TOOL_NAME, codex_native.CALL_ID, codex_native.CONVERSATION_ID, codex_native.EVENT_NAME, codex_native.MODEL})
SILENT: Final = codex_native.PREFIX  # of the names of records that say nothing, unless they are below


def _decision(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    is_refused = str(attributes.get(codex_native.DECISION, "")).lower().startswith(codex_native.REFUSALS)
    seen, why = (ObservationKind.TOOL_ENDED, "denied") if is_refused else (ObservationKind.TOOL_RUNNING, "")
    return Observation(session_id, time_ns, seen, source, WORDS.call_of(attributes), reason=why, attributes=attributes)


def _result(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    is_outer = attributes.get(codex_native.TOOL_NAME) == codex_native.CODE_TOOL
    seen = ObservationKind.NOTE if is_outer else ObservationKind.TOOL_ENDED
    return Observation(session_id, time_ns, seen, source, "" if is_outer else WORDS.call_of(attributes), attributes=attributes)


RECORDS: Final[dict[str, RecordRule]] = {codex_native.DECISION_RECORD: _decision, codex_native.RESULT_RECORD: _result}
SPANS: Final[dict[str, SpanRule]] = {}
