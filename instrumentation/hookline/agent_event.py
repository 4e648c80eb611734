"""One event of an agent, as every adapter gives it to the fold.

The record is what the fold needs and nothing else: ids, times, sizes, hashes and outcomes. Texts of prompts, inputs and
outputs stand in the `*_text` fields, and only an adapter fills them, after capture level, redaction and truncation: the
fold and everything behind it can send whatever it finds here.

`uid` is a stable hash of the spool file's name and content: the same file read twice is the same event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.evidence import SignalSource

HOOK: Final = SignalSource.HOOK.value
TRANSCRIPT: Final = SignalSource.TRANSCRIPT.value
STATUSLINE: Final = SignalSource.STATUSLINE.value
PROCESS: Final = SignalSource.PROCESS.value
RELAY: Final = SignalSource.RELAY.value
SEEN_BESIDE_HOOKS: Final = frozenset({TRANSCRIPT, PROCESS, RELAY})  # sources of what the relay itself leaves in the spool


@dataclass(frozen=True, slots=True)
class Place:
    """A project as seen from one folder. Empty where it is not known.

    `attributes` is the place as attributes of telemetry, without what is not known; made once, as each event and span of a folder has them.
    """

    project: str = ""
    project_id: str = ""
    root: str = ""
    repository: str = ""
    url: str = ""
    owner: str = ""
    provider: str = ""
    branch: str = ""
    revision: str = ""
    worktree: str = ""
    attributes: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the attributes."""
        values = {
            semconv.PROJECT_NAME: self.project,
            semconv.PROJECT_ID: self.project_id,
            semconv.VCS_REPOSITORY_NAME: self.repository,
            semconv.VCS_REPOSITORY_URL: self.url,
            semconv.VCS_OWNER_NAME: self.owner,
            semconv.VCS_PROVIDER_NAME: self.provider,
            semconv.VCS_HEAD_NAME: self.branch,
            semconv.VCS_HEAD_TYPE: "branch" if self.branch else "",
            semconv.VCS_HEAD_REVISION: self.revision,
            semconv.WORKTREE: self.worktree,
        }
        object.__setattr__(self, "attributes", {key: value for key, value in values.items() if value})


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class BatchCall:
    """One call that a finished batch names. `is_denied` is what the result's text says, None where it says nothing."""

    call_id: str
    tool_name: str = ""
    input_hash: str = ""
    is_denied: bool | None = None
    is_unannounced: bool = False  # nothing else tells of the call: the agent refused it before it said that it wants it


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call as far as one event tells of it."""

    name: str
    call_id: str = ""
    type: str = "function"
    kind: str = ""  # what it does, in the words of `contract.tool_kinds`; empty: its name says it
    mcp_server: str = ""
    input_hash: str = ""
    input_size: int | None = None
    output_size: int | None = None
    input_text: str = ""
    output_text: str = ""
    file_extension: str = ""
    file_path: str = ""
    is_background: bool | None = None
    asks_person: bool = False  # its run waits for a person's answer: AskUserQuestion, ExitPlanMode
    asks_ahead: bool = False  # of a permission: it is asked for before its call is announced
    starts_agent: bool = False  # it runs a subagent: Agent, formerly Task
    wanted_agent_type: str = ""
    runs_unmarked: bool = False  # nothing that its subagent does says whose it is
    agent_id: str = ""  # the subagent that it ran, as its response says
    agent_model: str = ""
    is_launch: bool = False  # its response says that the subagent goes on in the background
    exit_code: int | None = None
    background_id: str = ""  # of a command that its response says goes on in the background
    duration_ns: int | None = None  # by the agent's own clock, without waiting and hooks


@dataclass(frozen=True, slots=True)
class ChildrenTime:
    """Processor time of a process's children that have ended; `process` names it for good: two of one process may be compared."""

    process: str
    cpu_ms: int


@dataclass(frozen=True, slots=True)
class UsageLimits:
    """What a status line reports of usage limits, context and cost."""

    five_hour_percent: float | None = None
    five_hour_resets_at: int | None = None
    seven_day_percent: float | None = None
    seven_day_resets_at: int | None = None
    context_percent: float | None = None
    context_size: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One event. Empty strings and None are what the agent did not say."""

    time_ns: int
    uid: str
    agent: str
    kind: EventKind
    session_id: str
    name: str = ""  # the agent's own name of the event
    prompt_id: str = ""
    cwd: str = ""
    transcript_path: str = ""
    agent_id: str = ""
    agent_type: str = ""
    permission_mode: str = ""
    effort: str = ""
    model: str = ""
    pid: int | None = None
    process_created: str = ""  # ISO 8601; with the pid it names a process for good
    children: ChildrenTime | None = None  # of the agent's process, at the event
    place: Place = NOWHERE
    capture_level: str = "metadata"
    source: str = HOOK
    is_beside: bool = False  # seen beside the hooks, by the relay itself: it completes what hooks told, and opens nothing but a prompt's turn
    is_seen: bool = False  # of a process that is gone: the kernel said so when it happened; else it was found missing later
    entrypoint: str = ""  # how the client was started: cli, sdk-cli, ...
    tool: ToolUse | None = None
    batch: tuple[BatchCall, ...] = ()
    parent_call_id: str = ""  # of a subagent: the call that started it, where a file beside its transcript says so
    is_conversations: bool = False  # a file says that it is the conversation's own, and no subagent's
    outcome: SpanOutcome | None = None
    error_type: str = ""
    error_text: str = ""
    prompt_source: str = ""
    prompt_length: int | None = None
    prompt_hash: str = ""
    prompt_text: str = ""
    answer_text: str = ""
    start_source: str = ""
    end_reason: str = ""
    notification_type: str = ""
    compaction_trigger: str = ""
    elicitation_id: str = ""
    mcp_server: str = ""
    running_agents: tuple[str, ...] = ()  # subagents that a turn's end says go on in the background
    running: tuple[str, ...] | None = None  # ids of all that it says goes on; None where it says nothing
    background_id: str = ""  # of what began or ended in the background
    background_type: str = ""
    slept_ns: int = 0  # of a suspend: how long the machine slept, up to the event's time
    limits: UsageLimits | None = None
    account: str = ""
    provider: str = ""  # whose models the agent uses
    is_attended: bool | None = None  # whether a person sits at the client, where the way it was started says so

    @property
    def is_absorbed(self) -> bool:
        """Whether it tells that the turn under way took in a prompt that was typed ahead: it begins no turn."""
        return self.prompt_source == "absorbed"


def tick(time_ns: int) -> AgentEvent:
    """Return the event that says that time passed."""
    return AgentEvent(time_ns, "", "", EventKind.TICK, "")


def process_gone(session_id: str, agent: str, pid: int, created: str, time_ns: int, is_seen: bool = False) -> AgentEvent:
    """Return the event that says that a session's process is gone; `is_seen`: the kernel told when, else it was last known to live at `time_ns`."""
    uid = f"gone-{agent}-{session_id}-{pid}-{created}"
    return AgentEvent(
        time_ns,
        uid,
        agent,
        EventKind.PROCESS_GONE,
        session_id,
        name="process_gone",
        pid=pid,
        process_created=created,
        source=PROCESS,
        is_seen=is_seen,
    )
