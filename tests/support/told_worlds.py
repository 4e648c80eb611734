"""What several sources may tell of many sessions, made up at random: hooks, the client's own telemetry, transcripts, forks, sleep, moves, guesses."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX, HISTORY_SCOPE
from hookline.records import LogRecord, SpanRecord
from support.agent_records import call, event, native_event, native_span, subagent, turn, wait

NATIVE_SCOPE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"
Record = SpanRecord | LogRecord
PLACES: tuple[dict[str, Any], ...] = tuple(
    {"hookline__project__name": project, "vcs__ref__head__name": branch, "vcs__ref__head__revision": revision * 40}
    for project, branch, revision in (("shop", "main", "a"), ("shop", "fix", "b"), ("blog", "draft", "c"))
)
GUESSED: dict[str, Any] = {"hookline__outcome": "unknown"}
CLOSERS = ("timed_out", "next_prompt", "turn_end", "batch", "process_gone", "session_end")
MODELS = ("claude-opus-4-1", "us.anthropic.claude-sonnet-4-5", "other-model")


@dataclass(frozen=True, slots=True)
class Telling:
    """What one sender tells at once."""

    records: list[Record]
    scope: str
    user: str
    agent: str


def world(chance: Random, sessions: int, days: float = 2.0) -> list[Telling]:
    """Return tellings of some sessions over some days, in an order of chance; some are told twice."""
    told = [telling for n in range(sessions) for telling in _session(chance, f"s{n}", chance.uniform(0, days * 86_400))]
    told += chance.sample(told, len(told) // 6)
    chance.shuffle(told)
    return told


def _session(chance: Random, name: str, at: float) -> Iterator[Telling]:
    user, begun = chance.choice(("ana", "bo", "")), at
    agent = "codex" if int(name[1:]) % 3 == 1 else "claude-code"
    long_ids = chance.random() < 0.5
    hooks: list[Record] = [event("session.start", at - chance.uniform(0, 300), name)]
    native: list[Record] = []
    read: list[Record] = []
    place = chance.choice(PLACES)
    script: dict[str, Any] = {"hookline__session__interactive": False} if chance.random() < 0.1 else {}
    for p in range(chance.randint(1, 4)):
        prompt = f"{name}-prompt-{p}" + ("-of-a-long-name" if long_ids else "")
        at += chance.choice((0.0, chance.uniform(0, 400), chance.uniform(0, 60_000)))
        length = chance.uniform(1, 4_000)
        if chance.random() < 0.3:
            place = chance.choice(PLACES)
        _hooks_of(chance, hooks, name, prompt, at, length, {**place, **script})
        _native_of(chance, native, name, prompt, at, length)
        _read_of(chance, read, name, prompt, at, length, place)
        if chance.random() < 0.2:
            hooks.append(event("hookline.suspended", at + length / 2, name, duration_ms=chance.uniform(1_000, length * 600)))
        at += length
    if chance.random() < 0.6:
        how: dict[str, Any] = {"hookline__session__end_reason": "other"}
        hooks.append(event(chance.choice(("session.end", "hookline.process_gone")), at + chance.uniform(-10, 500), name, **how))
    tellers = [(hooks, AGENT_SCOPE, 0.8), (native, NATIVE_SCOPE, 0.5), (read, HISTORY_SCOPE, 0.5)]
    for records, scope, share in tellers:
        if records and chance.random() < share:
            cut = chance.randint(0, len(records))
            yield from (Telling(part, scope, user, agent) for part in (records[:cut], records[cut:]) if part)
    if long_ids and chance.random() < 0.4:
        fork = f"{name}-fork" if chance.random() < 0.5 else f"a-fork-of-{name}"
        yield Telling([*_renamed(read, fork), event("session.start", begun + chance.uniform(-400, 9_000), fork)], HISTORY_SCOPE, user, agent)


def _renamed(records: list[Record], session: str) -> list[Record]:
    return [_with_session(record, session) for record in records]


def _with_session(record: Record, session: str) -> Record:
    attributes = {**record.attributes, "session.id": session}
    if isinstance(record, LogRecord):
        return replace(record, attributes={**attributes, "log.record.uid": f"{record.uid}-{session}"}, uid=f"{record.uid}-{session}")
    return replace(record, attributes=attributes, span_id=record.span_id ^ hash(len(session)) or 1)


def _hooks_of(chance: Random, hooks: list[Record], session: str, prompt: str, at: float, length: float, more: dict[str, Any]) -> None:
    source = {"hookline__prompt__source": chance.choice(("user", "user", "task_notification", "queued"))}
    hooks.append(event("hookline.prompt_submitted", at, session, prompt, **more, **source, hookline__prompt__length=7))
    if chance.random() < 0.15:
        hooks.append(event("hookline.prompt_submitted", at + 1, session, prompt, **more, hookline__prompt__source="absorbed"))
    guess: dict[str, Any] = {} if chance.random() < 0.6 else {"hookline__closed_by": chance.choice(CLOSERS), **GUESSED}
    if chance.random() < 0.8:
        hooks.append(turn(at, at + length * chance.uniform(0.2, 1), session, prompt, **{**more, **source, **guess}))
    for c in range(chance.randint(0, 4)):
        key, begin = f"{prompt}-call-{c}", at + chance.uniform(0, length)
        run = chance.uniform(0, 600)
        made = chance.choice((call, wait, subagent))
        told: dict[str, Any] = {"hookline__closed_by": chance.choice(CLOSERS), **GUESSED} if chance.random() < 0.3 else {}
        if made is subagent:
            hooks.append(subagent(key, begin, begin + run, session, prompt, **more, **told))
            hooks.append(call(f"{key}-agent", begin, begin + run, "Agent", session, prompt, **more, **told))
        elif made is wait:
            asked: dict[str, Any] = {"gen_ai__agent__id": "x"} if chance.random() < 0.2 else {}
            hooks.append(wait(key, begin, begin + run, chance.choice(("permission", "answer")), session, prompt, **more, **told, **asked))
            hooks.append(call(key, begin + run, begin + run + 5, session=session, prompt=prompt, **more, **told))
        else:
            tool = chance.choice((("Bash", "shell"), ("shell", ""), ("mcp__shop__find", ""), ("Read", "read"), ("Unheard", "")))
            kind = {"hookline__tool__kind": tool[1]} if tool[1] and chance.random() < 0.7 else {}
            of_call = Random(key)
            used = {"hookline__tool__process_cpu_ms": of_call.randrange(0, 90_000, 10)} if of_call.random() < 0.6 else {}
            hooks.append(call(key, begin, begin + run, tool[0], session, prompt, **more, **told, **kind, **used))
        if chance.random() < 0.3:
            ending = chance.choice(("hookline.permission_denied", "hookline.tool_interrupted", "hookline.tool_failed", "hookline.tool_started"))
            evidence = {"hookline__evidence": chance.choice(("observed", "derived", "inferred"))}
            hooks.append(event(ending, begin + run * 0.7, session, prompt, gen_ai__tool__call__id=key, **more, **evidence))
    if chance.random() < 0.3:
        ending = chance.choice(("hookline.turn_ended", "hookline.turn_failed", "hookline.turn_interrupted", "hookline.turn_quiet"))
        evidence = {"hookline__evidence": chance.choice(("observed", "derived", "inferred"))}
        hooks.append(event(ending, at + length * 0.9, session, prompt, **more, **evidence, error__type="rate_limit"))
    if chance.random() < 0.3:
        asks = event("hookline.permission_requested", at + length * 0.95, session, prompt, **{**more, **chance.choice(PLACES)})
        hooks.append(asks)


def _native_of(chance: Random, native: list[Record], session: str, prompt: str, at: float, length: float) -> None:
    interaction = native_span("claude_code.interaction", f"{prompt}-i", at + 0.2, at + length, session, user_prompt_length=5)
    native.append(interaction)
    linked = {"span_id": f"{interaction.span_id:016x}"} if chance.random() < 0.7 else {}
    native.append(native_event("user_prompt", at + 0.3, session, prompt, prompt_length=5, **linked))
    for r in range(chance.randint(0, 3)):
        asked: dict[str, Any] = {"request_id": f"{prompt}-req-{r}"} if chance.random() < 0.6 else {}
        cost: dict[str, Any] = {"cost_usd": 0.01 * r} if chance.random() < 0.5 else {}
        tokens: dict[str, Any] = {
            "input_tokens": chance.randint(1, 300_000),
            "output_tokens": 40,
            "cache_read_tokens": 30,
            "cache_creation_tokens": 20,
            "duration_ms": 900,
        }
        native.append(native_event("api_request", at + length * r / 4, session, prompt, model=chance.choice(MODELS), **tokens, **asked, **cost))
    for c in range(chance.randint(0, 3)):
        key, when = f"{prompt}-call-{c}", at + chance.uniform(0, length)
        native.append(
            native_event("tool_decision", when, session, prompt, tool_name="Bash", tool_use_id=key, decision=chance.choice(("accept", "reject")),
                         source=chance.choice(("user_temporary", "config", "user_reject")))
        )  # fmt: skip
        tool = chance.choice(("Bash", "Agent", "AskUserQuestion"))
        native.append(native_event("tool_result", when + 9, session, prompt, tool_name=tool, tool_use_id=key, success="true", duration_ms=5_000))
        native.append(native_span("claude_code.tool", key, when, when + 9, session, tool_use_id=key, tool_name=tool, duration_ms=9_000))
    if chance.random() < 0.3:
        native.append(native_span("claude_code.tool.blocked_on_user", f"{prompt}-b", at + 2, at + 2 + length / 3, session, source="user_temporary"))
    if chance.random() < 0.3:
        native.append(native_event("compaction", at + length / 2, session, prompt, duration_ms=3_000))
        native.append(native_event("subagent_completed", at + length / 2, session, prompt, duration_ms=4_000))


def _read_of(chance: Random, read: list[Record], session: str, prompt: str, at: float, length: float, place: dict[str, Any]) -> None:
    known: dict[str, Any] = {"hookline__evidence": chance.choice(("observed", "derived")), "hookline__evidence__source": "transcript"}
    read.append(turn(at + 0.1, at + length * 0.98, session, prompt, **place, **known))
    for c in range(chance.randint(0, 3)):
        key, begin = f"{prompt}-call-{c}", at + chance.uniform(0, length)
        read.append(call(key, begin, begin + chance.uniform(0, 100), session=session, prompt=prompt, **place, **known))
    for r in range(chance.randint(0, 3)):
        asked: dict[str, Any] = {"hookline__request__id": f"{prompt}-req-{r}"} if chance.random() < 0.5 else {}
        tokens = {"gen_ai__usage__input_tokens": 5_000 + r, "gen_ai__usage__output_tokens": 50, "gen_ai__request__model": chance.choice(MODELS)}
        name = {"gen_ai__response__id": f"{prompt}-message-{r}", **tokens, **asked}
        read.append(event("hookline.usage", at + length * r / 4 + 3, session, prompt if chance.random() < 0.8 else "", **name, **place))
