"""A session as a person lives it, at random: what is true at each moment, and what each source tells of it.

`live_through(random)` gives a `Life`: the true states one after the other, and records of five sources, each with the moment at which it is told:

    hook        what the client's hooks fire; nothing where a person presses Esc or says No, nor when a permission is granted
    transcript  the marks that the relay reads: what was interrupted, what was denied
    process     a child process that appeared, so a call runs; the client's end
    native      the client's own records and its interactions' spans
    span        what the fold makes of the hooks: at the end of each thing, and a wrong guess for what was interrupted, at the next prompt
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from hookline.contract.scopes import CLAUDE_NATIVE_SCOPE_PREFIX
from hookline.records import AttributeValue, LogRecord, SpanRecord
from support.agent_records import call, event, span, turn, wait

SOURCES = ("hook", "transcript", "process", "native", "span")
NATIVE_SCOPE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"
SESSION = "s1"


@dataclass(frozen=True, slots=True)
class Told:
    """What a source tells at a second."""

    source: str
    at_s: float
    record: LogRecord | SpanRecord


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true from a second on: a state and what is waited for."""

    at_s: float
    state: str
    waiting_for: str = ""


@dataclass(slots=True)
class Life:
    """A session from its start to whatever happened last."""

    random: Random
    now_s: float = 1.0
    truth: list[Truth] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    guesses: list[SpanRecord] = field(default_factory=list)
    background: dict[str, float] = field(default_factory=dict)
    names: int = 0

    def at(self, now_s: float) -> Truth:
        """Return what is true at a second."""
        return [true for true in self.truth if true.at_s <= now_s][-1]

    def is_settled(self, now_s: float, for_s: float) -> bool:
        """Whether nothing became true within the last seconds."""
        return all(true.at_s <= now_s - for_s or true.at_s > now_s for true in self.truth)

    def tell(self, source: str, record: LogRecord | SpanRecord) -> None:
        """Let a source tell something now."""
        self.told.append(Told(source, self.now_s, record))

    def hook(self, kind: str, prompt: str, **more: AttributeValue) -> None:
        """Let a hook fire now."""
        self.tell("hook", event(f"hookline.{kind}", self.now_s, SESSION, prompt, **more))

    def mark(self, kind: str, prompt: str, **more: AttributeValue) -> None:
        """Let the transcript be marked now; the mark of a stopped turn does not always name its prompt."""
        prompt = "" if kind == "turn_interrupted" and self.random.random() < 0.5 else prompt
        self.tell("transcript", event(f"hookline.{kind}", self.now_s, SESSION, prompt, hookline__source="transcript", **more))

    def native(self, kind: str, prompt: str, **more: AttributeValue) -> None:
        """Let the client tell something of its own now."""
        self.tell("native", event(f"claude_code.{kind}", self.now_s, SESSION, "", **{"prompt__id": prompt, **more}))

    def becomes(self, state: str, waiting_for: str = "") -> None:
        """Let something be true from now on."""
        self.truth.append(Truth(self.now_s, state, waiting_for))

    def passes(self, least_s: float, most_s: float) -> None:
        """Let time pass."""
        self.now_s = round(self.now_s + self.random.uniform(least_s, most_s), 3)

    def name(self, kind: str) -> str:
        """Return an id that nothing else has."""
        self.names += 1
        return f"{kind}{self.names}"


def live_through(random: Random) -> Life:
    """Return a session of a few turns."""
    life = Life(random)
    life.tell("hook", event("session.start", life.now_s, SESSION, hookline__session__start_source="startup"))
    life.becomes("waiting", "prompt")
    for _ in range(random.randint(1, 4)):
        life.passes(3, 30)
        _turn(life)
    return _ended(life)


def _turn(life: Life) -> None:
    prompt, began_s = life.name("p"), life.now_s
    life.hook("prompt_submitted", prompt)
    life.native("user_prompt", prompt)
    for guess in life.guesses:
        life.tell("span", guess)
    life.guesses.clear()
    life.becomes("working")
    steps = (_call, _call, _granted, _question, _elicitation, _background, _refused, _stopped_in_call, _stopped)
    for _ in range(life.random.randint(0, 3)):
        life.passes(3, 20)
        _asks_model(life, prompt)
        if not life.random.choice(steps)(life, prompt):
            return _interaction(life, began_s, prompt, "interrupted")
    life.passes(3, 20)
    return _over(life, began_s, prompt)


def _asks_model(life: Life, prompt: str) -> None:
    life.native("api_request", prompt, query_source="repl_main_thread", request_id=life.name("r"), duration_ms="1000")


def _over(life: Life, began_s: float, prompt: str) -> None:
    has_failed = life.random.random() < 0.2
    outcome = "failure" if has_failed else "success"
    known: dict[str, AttributeValue] = {"error__type": "rate_limit"} if has_failed else {}
    running = tuple(life.background)
    life.hook("turn_failed" if has_failed else "turn_ended", prompt, hookline__background__running=running, hookline__outcome=outcome, **known)
    life.tell("span", turn(began_s, life.now_s, SESSION, prompt, hookline__outcome=outcome, hookline__evidence="observed", **known))
    _interaction(life, began_s, prompt, outcome)


def _interaction(life: Life, began_s: float, prompt: str, outcome: str) -> None:
    """End a turn: the client's span of it, and what is true after it."""
    life.tell("native", span("claude_code.interaction", prompt, began_s - 0.05, life.now_s, SESSION, ""))
    if outcome == "interrupted":
        guess = {"hookline__closed_by": "next_prompt", "hookline__evidence": "inferred", "hookline__outcome": "interrupted"}
        life.guesses.append(turn(began_s, round(began_s + 0.4, 3), SESSION, prompt, **guess))
    _rest(life)
    if life.background and life.random.random() < 0.7:
        life.passes(3, 20)
        _background_ended(life)


def _rest(life: Life) -> None:
    life.becomes("working") if life.background else life.becomes("waiting", "prompt")


def _named(key: str, tool: str = "Bash") -> dict[str, AttributeValue]:
    return {"gen_ai__tool__name": tool, "gen_ai__tool__call__id": key}


def _native_call(key: str, tool: str = "Bash") -> dict[str, AttributeValue]:
    return {"tool_name": tool, "tool_use_id": key}


def _call(life: Life, prompt: str) -> bool:
    """A call that nobody is asked about."""
    key, began_s = life.name("c"), life.now_s
    life.hook("tool_started", prompt, **_named(key))
    life.native("tool_decision", prompt, decision="accept", source="config", **_native_call(key))
    life.passes(3, 20)
    return _ran(life, prompt, key, began_s)


def _ran(life: Life, prompt: str, key: str, began_s: float, tool: str = "Bash") -> bool:
    life.hook("tool_ended", prompt, **_named(key, tool))
    life.hook("tool_batch_ended", prompt)
    life.native("tool_result", prompt, success="true", **_native_call(key, tool))
    life.tell("span", call(key, began_s, life.now_s, tool, SESSION, prompt, hookline__evidence="observed"))
    return True


def _asked(life: Life, prompt: str) -> str:
    key = life.name("c")
    life.hook("tool_started", prompt, **_named(key))
    life.passes(0.2, 0.4)
    life.hook("permission_requested", prompt, gen_ai__tool__name="Bash", hookline__wait__id=life.name("w"))
    life.becomes("waiting", "permission")
    return key


def _granted(life: Life, prompt: str) -> bool:
    key = _asked(life, prompt)
    asked_s = life.now_s
    life.passes(3, 30)
    granted_s = life.now_s
    life.native("tool_decision", prompt, decision="accept", source="user_temporary", **_native_call(key))
    life.tell("process", event("hookline.tool_running", life.now_s, SESSION, prompt, hookline__source="process", **_named(key)))
    life.becomes("working")
    life.passes(3, 20)
    life.tell("span", wait(key, asked_s, granted_s, "permission", SESSION, prompt, **_named(key), hookline__evidence="observed"))
    return _ran(life, prompt, key, granted_s)


def _refused(life: Life, prompt: str) -> bool:
    key = _asked(life, prompt)
    asked_s = life.now_s
    life.passes(3, 30)
    life.mark("permission_denied", prompt, hookline__permission__outcome="denied", **_named(key))
    life.native("tool_decision", prompt, decision="reject", source="user_reject", **_native_call(key))
    life.mark("turn_interrupted", prompt)
    guess = {"hookline__closed_by": "next_prompt", "hookline__evidence": "inferred"}
    life.guesses.append(wait(key, asked_s, asked_s + 1, "permission", SESSION, prompt, **_named(key), **guess))
    return False


def _stopped_in_call(life: Life, prompt: str) -> bool:
    key = life.name("c")
    life.hook("tool_started", prompt, **_named(key))
    life.native("tool_decision", prompt, decision="accept", source="config", **_native_call(key))
    life.passes(3, 30)
    life.mark("tool_interrupted", prompt, **_named(key))
    life.mark("turn_interrupted", prompt)
    life.native("tool_result", prompt, success="false", **_native_call(key))
    return False


def _stopped(life: Life, prompt: str) -> bool:
    life.mark("turn_interrupted", prompt)
    return False


def _question(life: Life, prompt: str) -> bool:
    key, began_s = life.name("c"), life.now_s
    life.hook("tool_started", prompt, **_named(key, "AskUserQuestion"))
    life.hook("permission_requested", prompt, gen_ai__tool__name="AskUserQuestion", hookline__wait__reason="answer")
    life.becomes("waiting", "answer")
    life.passes(3, 30)
    life.native("tool_decision", prompt, decision="accept", source="user_temporary", **_native_call(key, "AskUserQuestion"))
    life.becomes("working")
    return _ran(life, prompt, key, began_s, "AskUserQuestion")


def _elicitation(life: Life, prompt: str) -> bool:
    key, began_s, wait_id = life.name("c"), life.now_s, life.name("w")
    life.hook("tool_started", prompt, **_named(key, "mcp__desk__book"))
    life.native("tool_decision", prompt, decision="accept", source="config", **_native_call(key, "mcp__desk__book"))
    life.passes(3, 10)
    life.hook("elicitation_requested", prompt, hookline__wait__id=wait_id, hookline__mcp__server__name="desk")
    life.becomes("waiting", "answer")
    life.passes(3, 30)
    life.hook("elicitation_answered", prompt, hookline__wait__id=wait_id, hookline__mcp__server__name="desk")
    life.becomes("working")
    life.passes(3, 20)
    return _ran(life, prompt, key, began_s, "mcp__desk__book")


def _background(life: Life, prompt: str) -> bool:
    key, began_s, task = life.name("c"), life.now_s, life.name("b")
    life.hook("tool_started", prompt, **_named(key))
    life.hook("background_started", prompt, hookline__background__id=task, hookline__background__type="shell", **_named(key))
    life.background[task] = life.now_s
    return _ran(life, prompt, key, began_s)


def _background_ended(life: Life) -> None:
    """A task in the background ends; while nothing else goes on the session waits."""
    task = life.random.choice(list(life.background))
    del life.background[task]
    life.hook("background_ended", "", hookline__background__id=task, hookline__background__type="shell")
    _rest(life)


def _ended(life: Life) -> Life:
    way = life.random.choice(("open", "end", "killed"))
    if way != "open":
        life.passes(3, 30)
        life.becomes("ended")
        own = event("session.end", life.now_s, SESSION, hookline__session__end_reason="other")
        gone = event("hookline.process_gone", life.now_s, SESSION, hookline__source="process")
        life.tell("hook", own) if way == "end" else life.tell("process", gone)
    life.passes(10, 60)
    return life


def seconds_of(life: Life) -> Iterator[float]:
    """Yield moments to look at: some after each change, and the last."""
    for true in life.truth:
        yield true.at_s + 2.5
    yield life.now_s
