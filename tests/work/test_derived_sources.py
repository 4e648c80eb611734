"""With all sources the figures are those of each: hooks, the client's own telemetry and its transcripts of the same captured sessions.

Hooks, spans and transcript lines are written at moments of their own, so times agree within `SLACK_S`, not to the nanosecond.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from hookline.history.backfill import backfill
from hookline.settings import Settings
from hookline.settings.schema import RelaySettings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.agent_records import FIXTURES, send, send_native
from support.otlp_sink.grpc_sink import GrpcSink
from support.replay import logs_of, replay_capture, spans_of
from support.stores import emptied

NAMES = ("tools", "subagent", "denied", "api_error", "resume")
LATER_NS = 1_795_300_000_000_000_000  # a day after the captures
SLACK_S = 0.5
pytestmark = pytest.mark.long
ALL = "hooks native transcript"
SINGLE = tuple(ALL.split())


def tell_hooks(store: Store) -> None:
    """What hooks told, through the fold."""
    steps = [step for name in NAMES for step in replay_capture(name)]
    send(store, [*spans_of(steps), *logs_of(steps)])


def tell_transcripts(store: Store) -> None:
    """What a backfill reads of the transcripts of all these sessions."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        settings = Settings(data_dir=Path(folder), relay=RelaySettings(endpoint=sink.address))
        backfill(settings, root=FIXTURES / "transcripts", clock=lambda: LATER_NS)
        for signal in (Signal.TRACES, Signal.LOGS):
            for n, request in enumerate(sink.of(signal.value)):
                store.insert(signal, request.SerializeToString(), f"history-{n}-{signal.value}")


@pytest.fixture(scope="module")
def stores() -> dict[str, Store]:
    """Give a store for each source alone and one that heard them all, the best source last."""
    opened = {name: emptied(number=number) for number, name in enumerate((*SINGLE, ALL))}
    for name, store in opened.items():
        if "transcript" in name:
            tell_transcripts(store)
        if "native" in name:
            send_native(store, *NAMES)
        if "hooks" in name:
            tell_hooks(store)
    return opened


def by_key(store: Store, sql: str) -> dict[str, tuple[Any, ...]]:
    """Return the rest of each row by its first column."""
    return {row[0]: tuple(row[1:]) for row in store.query(sql)}


CALLS = "SELECT call_id, run_s, wait_s, outcome FROM told_tool_calls"
TURNS = "SELECT prompt_id, toUnixTimestamp64Nano(started) / 1e9, toUnixTimestamp64Nano(ended) / 1e9, outcome FROM told_turns"
TOKENS = """SELECT session_id, count(), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_creation_tokens) FROM told_usage
    GROUP BY session_id"""
WAITS = "SELECT reason, sum(toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) FROM told_activity WHERE kind != 'agent' GROUP BY reason"


@pytest.mark.parametrize("source", SINGLE)
def test_calls_are_those_of_each_source(stores: dict[str, Store], source: str) -> None:
    """The same calls with the same outcomes; run times are those that the client measured, to the millisecond."""
    everything, alone = by_key(stores[ALL], CALLS), by_key(stores[source], CALLS)
    assert everything.keys() == alone.keys()
    slack_s = SLACK_S if source == "transcript" else 0.00101
    for call_id, (run_s, wait_s, outcome) in alone.items():
        assert everything[call_id][0] == pytest.approx(run_s, abs=slack_s)
        assert everything[call_id][1] == pytest.approx(wait_s, abs=SLACK_S)
        assert everything[call_id][2] == outcome


@pytest.mark.parametrize("source", SINGLE)
def test_turns_are_those_of_each_source(stores: dict[str, Store], source: str) -> None:
    """The same prompts, begun and ended at the same moments, with the same outcomes."""
    everything, alone = by_key(stores[ALL], TURNS), by_key(stores[source], TURNS)
    assert everything.keys() == alone.keys()
    for prompt_id, (started, ended, outcome) in alone.items():
        assert everything[prompt_id][:2] == pytest.approx((started, ended), abs=SLACK_S)
        assert everything[prompt_id][2] == outcome


@pytest.mark.parametrize("source", ["native", "transcript"])
def test_tokens_are_those_of_each_source_once(stores: dict[str, Store], source: str) -> None:
    """Hooks know of none; what native telemetry and the transcript both tell counts once."""
    assert by_key(stores[ALL], TOKENS) == by_key(stores[source], TOKENS)


def test_waits_are_those_of_the_hooks_and_nobody_sat_there(stores: dict[str, Store]) -> None:
    """Only hooks see the question. That the captures are of `claude -p` only the transcript knows: nobody's time, and no waiting for a prompt."""
    everything, hooks = by_key(stores[ALL], WAITS), by_key(stores["hooks"], WAITS)
    assert everything == {"permission": hooks["permission"]}
