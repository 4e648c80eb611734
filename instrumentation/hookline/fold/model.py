"""What the fold remembers of a session: units, each made of the events that it came from.

A unit (turn, call, subagent, question, compaction) is immutable and holds its events themselves. Whatever a unit's spans need can
be had from them, so the state is nothing but the events that are still needed, put in order: folding those events again, from nothing,
gives the same state. That is why the files of all other events may go, and why a crash changes no span.

`RuleClosing` says that a rule closed the unit and not its own end; `sent` is the end of the last copy of its span that was sent, and its evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hookline.agent_event import AgentEvent
from hookline.contract.events import SpanOutcome
from hookline.fold.known_by import KnownBy, by_rule
from hookline.system.evolve import evolve


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life: its time, and every event needed to know it again."""

    time_ns: int
    uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """The last copy of a span that was sent: its end (0: none was), and the rank of its evidence; `ends` of the last few copies."""

    end_ns: int = 0
    rank: int = 0
    ends: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.end_ns > 0


@dataclass(frozen=True, slots=True)
class RuleClosing:
    """A rule closed a unit: which, when the rule saw it, where the span ends.

    `uids` are the event that brought the rule about and those that gave the last sign of life. `is_seen`: what brought it about
    ended the unit itself, as a process' exit ends what ran in it.
    """

    by: str
    seen_ns: int
    end_ns: int
    outcome: SpanOutcome
    uids: tuple[str, ...]
    error_type: str = ""
    is_seen: bool = False
    source: str = ""

    @property
    def evidence(self) -> KnownBy:
        """What the end rests on."""
        return by_rule(self.by, self.is_seen, self.source)

    def at(self, sign: Sign) -> RuleClosing:
        """Return the closing of a unit whose last sign of life this is."""
        return evolve(self, end_ns=sign.time_ns, uids=(*self.uids, *sign.uids))


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call. `first` is its request, or its end where the request is missing; `asked` are permission requests.

    `running` is what showed that it runs, before its end said when it began.
    """

    id: str
    prompt_id: str
    first: AgentEvent
    requested: AgentEvent | None = None
    asked: tuple[AgentEvent, ...] = ()
    running: AgentEvent | None = None
    ended: AgentEvent | None = None
    closing: RuleClosing | None = None
    sent: Sent = Sent()
    wait_sent: Sent = Sent()  # the same for its last wait

    @property
    def is_open(self) -> bool:
        """Whether neither its end nor a rule has closed it."""
        return self.ended is None and self.closing is None

    @property
    def openers(self) -> tuple[str, ...]:
        """The events that would open it again."""
        return tuple([event.uid for event in (*self.asked, self.requested) if event])

    @property
    def is_done(self) -> bool:
        """Whether request and end are both there: nothing more can come."""
        return self.requested is not None and self.ended is not None

    @property
    def uids(self) -> tuple[str, ...]:
        """Every event that it is made of, in the order in which their files may go: none that is left opens what stays open."""
        parts = (*self.asked, self.requested, self.running, self.ended)
        closing = self.closing.uids if self.closing else ()
        return (*[part.uid for part in parts if part], *closing)


@dataclass(frozen=True, slots=True)
class Turn:
    """One prompt. `first` is its prompt, or the first event seen of it where the prompt is missing.

    `history` are the end before this one and what reopened the turn: a turn that a Stop hook keeps going ends more than once. `failing` is the
    request to the model that failed last: if nothing follows it, the turn failed with it.
    """

    prompt_id: str
    first: AgentEvent
    first_uids: tuple[str, ...]
    last: Sign
    prompt: AgentEvent | None = None
    ended: AgentEvent | None = None
    history: tuple[str, ...] = ()
    closing: RuleClosing | None = None
    failing: AgentEvent | None = None
    sent: Sent = Sent()

    @property
    def is_open(self) -> bool:
        """Whether neither its end nor a rule has closed it."""
        return self.ended is None and self.closing is None

    @property
    def is_failing(self) -> bool:
        """Whether the last that was heard of it is a request to the model that failed."""
        return self.failing is not None and self.failing.uid in self.last.uids

    @property
    def openers(self) -> tuple[str, ...]:
        """The events that would open it again."""
        return (self.prompt.uid,) if self.prompt else ()

    @property
    def uids(self) -> tuple[str, ...]:
        """Every event that it is made of."""
        prompt = (self.prompt.uid,) if self.prompt else ()
        ended = (self.ended.uid,) if self.ended else ()
        closing = self.closing.uids if self.closing else ()
        return (*prompt, *self.first_uids, *self.history, *ended, *closing, *self.last.uids)


@dataclass(frozen=True, slots=True)
class Subagent:
    """One run of a subagent. `call` is the tool call that started it, once known."""

    id: str
    prompt_id: str
    first: AgentEvent
    first_uids: tuple[str, ...]
    last: Sign
    started: AgentEvent | None = None
    ended: AgentEvent | None = None
    history: tuple[str, ...] = ()
    call: Call | None = None
    closing: RuleClosing | None = None
    sent: Sent = Sent()

    @property
    def is_open(self) -> bool:
        """Whether neither its end nor a rule has closed it."""
        return self.ended is None and self.closing is None

    @property
    def openers(self) -> tuple[str, ...]:
        """The events that would open it again."""
        return (*(self.call.openers if self.call else ()), *((self.started.uid,) if self.started else ()))

    @property
    def is_background(self) -> bool:
        """Whether it goes on after its call, and so after its turn."""
        return self.call is not None and self.call.ended is not None and self.call.ended.tool is not None and self.call.ended.tool.is_launch

    @property
    def call_id(self) -> str:
        """The call that started it: as its response says, else as the client's file does; empty while neither is known."""
        events = (self.started, self.ended, self.first)
        return self.call.id if self.call else next((event.parent_call_id for event in events if event and event.parent_call_id), "")

    @property
    def model(self) -> str:
        """The model that it ran on, as its call's response says."""
        ended = self.call.ended if self.call else None
        return ended.tool.agent_model if ended and ended.tool else ""

    @property
    def type(self) -> str:
        """Its type, as any of its events says it."""
        events = (self.started, self.ended, self.first)
        return next((event.agent_type for event in events if event and event.agent_type), "")

    @property
    def uids(self) -> tuple[str, ...]:
        """Every event that it is made of, its call's too."""
        started = (self.started.uid,) if self.started else ()
        ended = (self.ended.uid,) if self.ended else ()
        closing = self.closing.uids if self.closing else ()
        call = self.call.uids if self.call else ()
        return (*call, *started, *self.first_uids, *self.history, *ended, *closing, *self.last.uids)


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked and not yet answered, outside of a call: an elicitation, a compaction, a permission without its call."""

    prompt_id: str
    asked: AgentEvent

    @property
    def openers(self) -> tuple[str, ...]:
        """The event that asked."""
        return (self.asked.uid,)

    @property
    def uids(self) -> tuple[str, ...]:
        """The event that asked."""
        return (self.asked.uid,)


Unit = Turn | Call | Subagent | Question


@dataclass(slots=True)
class OpenSession:
    """One session. The fold works on a `copy`; what it got stays as it was."""

    agent: str
    id: str
    started: AgentEvent | None = None
    ended: AgentEvent | None = None
    pid: int | None = None
    process_created: str = ""
    turns: dict[str, Turn] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    agents: dict[str, Subagent] = field(default_factory=dict)
    permissions: dict[str, Question] = field(default_factory=dict)
    elicitations: dict[str, Question] = field(default_factory=dict)
    compactions: dict[str, Question] = field(default_factory=dict)
    suspends: tuple[AgentEvent, ...] = ()
    notice: AgentEvent | None = None  # that a person is asked, which nothing else reports; until anything else is heard
    held: tuple[str, ...] = ()

    def copy(self) -> OpenSession:
        """Return a session that can be changed without changing this one; units are shared, they never change."""
        return OpenSession(
            self.agent,
            self.id,
            self.started,
            self.ended,
            self.pid,
            self.process_created,
            dict(self.turns),
            dict(self.calls),
            dict(self.agents),
            dict(self.permissions),
            dict(self.elicitations),
            dict(self.compactions),
            self.suspends,
            self.notice,
            self.held,
        )

    def needed(self) -> list[str]:
        """Return the uids of all events that the session still needs, some more than once.

        What opens units comes first: files are removed in this order, and a crash in the middle must leave nothing that stays open.
        """
        parts = (self.calls, self.agents, self.turns, self.permissions, self.elicitations, self.compactions)
        units: list[Unit] = [unit for part in parts if part for unit in part.values()]
        uids: list[str] = []
        for unit in units:
            uids += unit.openers
        for unit in units:
            uids += unit.uids
        uids += [event.uid for event in (self.started, self.ended, self.notice, *self.suspends) if event]
        return uids

    @property
    def model(self) -> str:
        """The model of the main conversation, as the session's start says."""
        return self.started.model if self.started else ""

    @property
    def has_units(self) -> bool:
        """Whether anything but the session itself is remembered."""
        return bool(self.turns or self.calls or self.agents or self.permissions or self.elicitations or self.compactions)
