"""What happened, in the words of the wire: kinds of events, names of log records and spans, reasons for a session's end."""

from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """What happened. `RECORD_NAMES` has the name of its log record."""

    SESSION_STARTED = "session_started"
    SESSION_ENDED = "session_ended"
    PROMPT_SUBMITTED = "prompt_submitted"
    TOOL_STARTED = "tool_started"
    PERMISSION_REQUESTED = "permission_requested"
    PERMISSION_DENIED = "permission_denied"
    TOOL_ENDED = "tool_ended"
    TOOL_FAILED = "tool_failed"
    TOOL_BATCH_ENDED = "tool_batch_ended"
    NOTIFICATION = "notification"
    TOOL_RUNNING = "tool_running"
    TOOL_INTERRUPTED = "tool_interrupted"
    SUBAGENT_STARTED = "subagent_started"
    SUBAGENT_ENDED = "subagent_ended"
    TURN_ENDED = "turn_ended"
    TURN_FAILED = "turn_failed"
    TURN_INTERRUPTED = "turn_interrupted"
    TURN_QUIET = "turn_quiet"
    REQUEST_ENDED = "request_ended"  # to the model: an attempt; after one that failed the agent may try again
    BACKGROUND_STARTED = "background_started"
    BACKGROUND_ENDED = "background_ended"
    COMPACTION_STARTED = "compaction_started"
    COMPACTION_ENDED = "compaction_ended"
    CWD_CHANGED = "cwd_changed"
    ELICITATION_REQUESTED = "elicitation_requested"
    ELICITATION_ANSWERED = "elicitation_answered"
    STATUS = "status"
    SUSPENDED = "suspended"
    PROCESS_GONE = "process_gone"
    TICK = "tick"
    OTHER = "other"


class SpanName(StrEnum):
    """The first word of a span's name; what it is about (a tool, an agent) follows it."""

    INVOKE_AGENT = "invoke_agent"
    EXECUTE_TOOL = "execute_tool"
    WAIT_PERMISSION = "wait_permission"
    WAIT_ANSWER = "wait_answer"
    COMPACT = "compact_context"


class SpanOutcome(StrEnum):
    """How a span ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class EndReason(StrEnum):
    """How a session ended, the best kind of end first: where several hold, the first counts."""

    SESSION_END = "session_end"  # its own event
    PROCESS_GONE = "process_gone"
    SUPERSEDED = "superseded"  # a later session began in the same process
    TIMED_OUT = "timed_out"


END_ORDER: Final[tuple[str, ...]] = tuple(str(reason) for reason in EndReason)
END_SLACK_NS: Final = 50_000_000  # an end holds although something was done up to so much later

# Names of log records: one a hook event, `session.*` by convention, the rest `hookline.<kind>`
RECORD_PREFIX: Final = "hookline."
SESSION_START_RECORD: Final = "session.start"
SESSION_END_RECORD: Final = "session.end"
LIMITS_RECORD: Final = "hookline.limits"
USAGE_RECORD: Final = "hookline.usage"
SESSION_CONTINUED_RECORD: Final = "hookline.session_continued"
SESSION_CLOSED_RECORD: Final = "hookline.session.closed"  # the collector's: its cleanup closed a session
RECORD_NAMES: Final = {
    **{kind: f"{RECORD_PREFIX}{kind}" for kind in EventKind},
    EventKind.SESSION_STARTED: SESSION_START_RECORD,
    EventKind.SESSION_ENDED: SESSION_END_RECORD,
    EventKind.STATUS: LIMITS_RECORD,
}
