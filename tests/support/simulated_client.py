"""A client that behaves like Claude Code as far as its hooks tell: sessions with everything that can go right and wrong.

`simulate(random)` writes one machine's events in the order of their times, every event at a time of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random

from hookline.agent_event import PROCESS, TRANSCRIPT, BatchCall, ToolUse
from hookline.agents import AgentEvent
from hookline.contract.events import EventKind, SpanOutcome

START_NS = 1_795_000_000_000_000_000
MS = 1_000_000
TOOLS = ("Bash", "Read", "Edit", "Grep", "mcp__jira__search")


@dataclass
class Client:
    """One session; every method appends what the real client's hooks would have left."""

    random: Random
    session_id: str
    pid: int | None
    step_ms: tuple[int, int] = (5, 400)
    is_plain: bool = False  # inputs differ, every Agent call names its subagent, and none ends in the middle of a batch
    now_ns: int = START_NS
    count: int = 0
    prompt_id: str = ""
    events: list[AgentEvent] = field(default_factory=list)
    background: list[str] = field(default_factory=list)
    beside: list[AgentEvent] = field(default_factory=list)  # what the transcript and processes show and no hook tells, each at its true time
    stopped: dict[str, int] = field(default_factory=dict)  # when a person stopped a turn, by prompt
    stopped_calls: dict[str, int] = field(default_factory=dict)  # the same of calls

    def show(self, kind: EventKind, source: str = TRANSCRIPT, **fields: object) -> None:
        """Let the transcript or a process show something now."""
        self.count += 1
        values: dict[str, object] = {"prompt_id": self.prompt_id, "source": source, "is_beside": True, **fields}
        event = AgentEvent(self.now_ns, f"told-{self.session_id}-{self.count}", "claude-code", kind, self.session_id, str(kind), **values)  # type: ignore[arg-type]
        self.beside.append(event)

    def press_escape(self, calls: list[ToolUse]) -> None:
        """A person stops the turn and the calls that run in it: no hook fires, the transcript shows it."""
        self.now_ns += self.random.randint(1, 60_000) * MS
        for tool in calls:
            self.show(EventKind.TOOL_INTERRUPTED, tool=ToolUse(tool.name, tool.call_id), outcome=SpanOutcome.INTERRUPTED)
            self.stopped_calls[tool.call_id] = self.now_ns
        self.now_ns += MS
        self.show(EventKind.TURN_INTERRUPTED, outcome=SpanOutcome.INTERRUPTED)
        self.stopped[self.prompt_id] = self.now_ns

    def fire(self, kind: EventKind, **fields: object) -> AgentEvent:
        """Let a hook fire after a while."""
        self.now_ns += self.random.randint(*self.step_ms) * MS
        self.count += 1
        uid = f"{self.session_id}-{self.count}"
        values: dict[str, object] = {"prompt_id": self.prompt_id, "pid": self.pid, **fields}
        event = AgentEvent(self.now_ns, uid, "claude-code", kind, self.session_id, str(kind), **values)  # type: ignore[arg-type]
        self.events.append(event)
        return event

    def new_id(self, what: str) -> str:
        """Return an id that only this client uses."""
        self.count += 1
        return f"{what}-{self.session_id}-{self.count}"

    def start(self, source: str = "startup") -> None:
        """The session starts, sometimes without saying its model."""
        self.fire(EventKind.SESSION_STARTED, start_source=source, model=self.random.choice(("claude-sonnet-5", "")), prompt_id="")

    def end(self, reason: str = "other") -> None:
        """The session ends, as it does when nothing kills it."""
        self.fire(EventKind.SESSION_ENDED, end_reason=reason)

    def turn(self) -> None:
        """One prompt, with whatever the model does, to its end or to what happens instead."""
        self.fire_prompt(is_lost=self.random.random() > 0.95)
        for _ in range(self.random.randint(0, 3)):
            if self.something() == "interrupted":
                self.maybe_idle()
                return
        self.stop()
        while self.random.random() < 0.2:  # somebody's Stop hook wants more
            self.now_ns += 10 * MS
            self.batch("")
            self.stop()

    def fire_prompt(self, is_lost: bool = False) -> None:
        """A prompt is submitted."""
        self.prompt_id = self.new_id("prompt")
        if not is_lost:
            self.fire(EventKind.PROMPT_SUBMITTED, prompt_length=self.random.randint(1, 500), prompt_source="user")

    def stop(self) -> None:
        """The turn ends."""
        if self.random.random() < 0.15:
            self.fire(EventKind.TURN_FAILED, outcome=SpanOutcome.FAILURE, error_type="rate_limit")
        else:
            self.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS, running_agents=tuple(self.background))

    def something(self) -> str:
        """One thing the model does."""
        chosen = self.random.choice(("batch", "batch", "batch", "agent", "agents", "compact", "elicit", "cd", "interrupt", "background"))
        if chosen == "batch":
            return self.batch("")
        if chosen == "compact":
            self.fire(EventKind.COMPACTION_STARTED, compaction_trigger="auto")
            if self.random.random() < 0.8:
                self.fire(EventKind.COMPACTION_ENDED, compaction_trigger="auto")
        elif chosen == "elicit":
            self.elicit()
        elif chosen == "cd":
            self.fire(EventKind.CWD_CHANGED, cwd="/srv/other")
        elif chosen == "background":
            self.continue_background()
        elif chosen == "interrupt":
            self.press_escape([self.request("", self.random.choice(TOOLS)) for _ in range(self.random.randint(0, 2))])
            return "interrupted"
        else:
            self.foreground_agents(1 if chosen == "agent" else 2)
        return "went on"

    def request(self, whose: str, name: str, **fields: object) -> ToolUse:
        """A call is asked for, sometimes with a permission."""
        word = self.random.choice(("a", "b")) if not self.is_plain else self.new_id("input")
        values: dict[str, object] = {"input_hash": hashlib.sha256(word.encode()).hexdigest()[:8], "input_size": 10, **fields}
        tool = ToolUse(name, self.new_id("call"), **values)  # type: ignore[arg-type]
        self.fire(EventKind.TOOL_STARTED, agent_id=whose, agent_type="Explore" if whose else "", tool=tool)
        if self.random.random() < 0.25:
            asked = ToolUse(name, input_hash=tool.input_hash, asks_person=tool.asks_person)
            self.fire(EventKind.PERMISSION_REQUESTED, agent_id=whose, tool=asked)
            if self.random.random() < 0.5:
                self.fire(EventKind.NOTIFICATION, notification_type="permission_prompt", prompt_id="")
            if name == "Bash":
                self.show(EventKind.TOOL_RUNNING, PROCESS, agent_id=whose, tool=ToolUse(name, tool.call_id))
        return tool

    def finish(self, whose: str, tool: ToolUse, way: str = "", **fields: object) -> bool:
        """A call ends in one of its ways; answer whether it had an end of its own."""
        way = way or self.random.choice(("success", "success", "success", "failure", "denied", "auto_denied", "lost"))
        duration_ns = self.random.choice((None, self.random.randint(1, 300) * MS))
        values: dict[str, object] = {"duration_ns": duration_ns, "output_size": 5, "asks_person": tool.asks_person, **fields}
        ended = ToolUse(tool.name, tool.call_id, input_hash=tool.input_hash, **values)  # type: ignore[arg-type]
        if way == "success" or tool.starts_agent:
            self.fire(EventKind.TOOL_ENDED, agent_id=whose, tool=ended, outcome=SpanOutcome.SUCCESS)
        elif way == "failure":
            self.fire(EventKind.TOOL_FAILED, agent_id=whose, tool=ended, outcome=SpanOutcome.FAILURE, error_type="exit_1")
        elif way == "auto_denied":
            self.fire(EventKind.PERMISSION_DENIED, agent_id=whose, tool=tool, outcome=SpanOutcome.DENIED, error_type="denied")
        elif way == "denied":
            self.now_ns += MS
            self.show(
                EventKind.PERMISSION_DENIED, agent_id=whose, tool=ToolUse(tool.name, tool.call_id), outcome=SpanOutcome.DENIED, error_type="denied"
            )
        return way in ("success", "failure", "auto_denied") or tool.starts_agent

    def batch(self, agent_id: str) -> str:
        """Up to three parallel calls, then their batch."""
        names = [self.random.choice((*TOOLS, "AskUserQuestion")) for _ in range(self.random.randint(1, 3))]
        tools = [self.request(agent_id, name, asks_person=name == "AskUserQuestion") for name in names]
        if self.random.random() < 0.3 and not (self.is_plain and agent_id):
            self.continue_background()
        self.random.shuffle(tools)
        for tool in tools:
            self.finish(agent_id, tool)
        if self.random.random() < 0.95:
            self.close_batch(agent_id, tools)
        return "went on"

    def close_batch(self, agent_id: str, tools: list[ToolUse]) -> None:
        """All of a batch's calls are resolved."""
        named = tuple(BatchCall(tool.call_id, tool.name, tool.input_hash) for tool in tools)
        self.fire(EventKind.TOOL_BATCH_ENDED, agent_id=agent_id, batch=named)

    def foreground_agents(self, count: int) -> None:
        """Subagents that the turn waits for, or that it starts and leaves behind."""
        launched = self.random.random() < 0.4
        calls = [self.request("", "Agent", starts_agent=True, wanted_agent_type="Explore") for _ in range(count)]
        ids = [self.new_id("agent") for _ in calls]
        for agent_id in ids:
            if self.random.random() < 0.95:
                self.fire(EventKind.SUBAGENT_STARTED, agent_id=agent_id, agent_type="Explore")
        if launched:
            for call, agent_id in zip(calls, ids, strict=True):
                self.finish("", call, starts_agent=True, agent_id=agent_id, is_launch=True)
                self.background.append(agent_id)
            return
        for agent_id in ids:
            for _ in range(self.random.randint(0, 2)):
                self.batch(agent_id)
            self.fire(EventKind.SUBAGENT_ENDED, agent_id=agent_id, agent_type="Explore", outcome=SpanOutcome.SUCCESS)
        self.random.shuffle(pairs := list(zip(calls, ids, strict=True)))
        for call, agent_id in pairs:
            if self.random.random() < 0.95:
                known = agent_id if self.is_plain else self.random.choice((agent_id, agent_id, ""))
                self.finish("", call, starts_agent=True, agent_id=known, agent_model="claude-haiku-5")

    def continue_background(self) -> None:
        """A subagent in the background does something, or ends."""
        if not self.background:
            return
        agent_id = self.random.choice(self.background)
        if self.random.random() < 0.5:
            self.background.remove(agent_id)
            self.fire(EventKind.SUBAGENT_ENDED, agent_id=agent_id, agent_type="Explore", outcome=SpanOutcome.SUCCESS)
        else:
            self.batch(agent_id)

    def elicit(self) -> None:
        """An MCP server asks, and mostly gets an answer."""
        question = self.random.choice(("", self.new_id("question")))
        self.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira", elicitation_id=question)
        if self.random.random() < 0.8:
            self.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", elicitation_id=question, outcome=SpanOutcome.SUCCESS)

    def maybe_idle(self) -> None:
        """After an interrupt the client sometimes says that it waits."""
        if self.random.random() < 0.5:
            self.now_ns += 60_000 * MS
            self.fire(EventKind.NOTIFICATION, notification_type="idle_prompt", prompt_id="")

    def pause(self) -> None:
        """Nothing happens for a while."""
        self.now_ns += self.random.choice((0, 0, 3_000, 70_000, 1_000_000)) * MS


def simulate(random: Random, sessions: int = 2, is_plain: bool = False) -> list[AgentEvent]:
    """Return the events of some sessions on one machine, in the order of their times."""
    return sorted((event for n in range(sessions) for event in _client(random, n, is_plain).events), key=lambda event: (event.time_ns, event.uid))


def simulate_clients(random: Random, sessions: int = 2) -> list[Client]:
    """Return the clients of some sessions on one machine, with what each left and what else could be seen of it."""
    return [_client(random, n) for n in range(sessions)]


def _client(random: Random, n: int, is_plain: bool = False) -> Client:
    client = Client(random, f"s{n}", pid=random.choice((1000 + n, None)), is_plain=is_plain, now_ns=START_NS + n * 1_234_567)
    if random.random() < 0.9:
        client.start()
    for _ in range(random.randint(1, 4)):
        client.turn()
        client.pause()
        for _ in range(random.randint(0, 2)):
            client.continue_background()
    if random.random() < 0.6:
        client.end(random.choice(("other", "clear")))
    return client
