"""The relay's parts, put together from the settings.

SpoolReader ─ SpoolAdapter ─ fold ─ Delivery ─ OtlpTransmit ─ the SDK's exporters
      └─────────── Settled ◀──────────┘
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from hookline.agents import AgentEvent
from hookline.capture import capture_rules
from hookline.fold import Rules, State, Thinking, Wait, fold, thinking, waits
from hookline.fold.going_on import GoingOn, going_on
from hookline.history.follow import UsageFollower
from hookline.notify import Notifier
from hookline.notify.current import Current
from hookline.project import Places
from hookline.records import Step
from hookline.relay import state
from hookline.relay.adapter import SpoolAdapter
from hookline.relay.client_states import ClientStates
from hookline.relay.counted import Counted
from hookline.relay.delivery import Delivery
from hookline.relay.endpoint import from_settings
from hookline.relay.exporters import open_exporters
from hookline.relay.gaps import GapFiller
from hookline.relay.intake import Intake, Settled
from hookline.relay.live import LiveSessions
from hookline.relay.metrics import RelayMetrics, temporality_of
from hookline.relay.otlp import make_resource
from hookline.relay.presence import Presence
from hookline.relay.rejected import RejectedFolder
from hookline.relay.sampler import Sampler
from hookline.relay.sleeps import SleepWatch, system_clocks
from hookline.relay.status import StateFile
from hookline.relay.tail import TranscriptTail
from hookline.relay.transmit import OtlpTransmit
from hookline.resources import is_alive
from hookline.settings import Settings
from hookline.spool import SpoolReader, SpoolWatch


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the loop works with."""

    reader: SpoolReader
    watch: SpoolWatch
    delivery: Delivery
    settled: Settled
    intake: Intake
    sessions: LiveSessions
    metrics: RelayMetrics
    sampler: Sampler
    state: StateFile
    usage: UsageFollower
    tail: TranscriptTail
    presence: Presence
    fold: KeptFold
    notifier: Notifier
    client_states: ClientStates
    gaps: GapFiller

    def start(self) -> None:
        """Start the threads: one exports, one reads tokens from transcripts, one what else they show."""
        self.delivery.start()
        self.usage.start()
        self.tail.start()

    def close(self) -> None:
        """Give back what the system holds for them; delivery is stopped before."""
        self.presence.close()
        self.metrics.close()
        self.watch.close()


class KeptFold:
    """The fold with its state."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._state = State()

    def __call__(self, event: AgentEvent) -> Step:
        """Fold one event."""
        self._state, step = fold(self._state, event, self._rules)
        return step

    def going_on(self) -> tuple[GoingOn, ...]:
        """Return the sessions that have a turn open."""
        return going_on(self._state)

    def waits(self) -> tuple[Wait, ...]:
        """Return who waits for a person."""
        return waits(self._state)

    def thinking(self) -> tuple[Thinking, ...]:
        """Return the turns that think."""
        return thinking(self._state)


def assemble(settings: Settings) -> Parts:
    """Make the parts; nothing is read or sent yet. Raises ConfigInvalid."""
    relay = settings.relay
    endpoint = from_settings(relay)
    resource = make_resource(relay.user)
    reader, watch = SpoolReader.of(settings), SpoolWatch(settings.spool_dir, relay.idle_poll_s)
    settled = Settled(watch.wake)
    delivery = Delivery(
        OtlpTransmit(open_exporters(endpoint), resource),
        RejectedFolder(settings.data_dir / "rejected", time.time_ns),
        settled.add,
        endpoint=endpoint.url,
        max_backoff_s=relay.max_backoff_s,
        max_pending_items=relay.max_pending_spans,
        on_news=watch.wake,
    )
    temporality = temporality_of(relay.metrics_temporality)
    metrics = RelayMetrics(resource, temporality, Counted(settings.data_dir / "relay.counted"))
    adapter = SpoolAdapter(Places(time.monotonic), capture_rules(settings.capture))
    sessions = _restore(settings, adapter)
    usage = UsageFollower(settings.data_dir / "usage.db", delivery.offer, delivery.has_room)
    tail = TranscriptTail(settings.spool_dir, settings.data_dir / "tail.db")
    folding = KeptFold(Rules(turn_timeout_s=relay.turn_timeout_s))
    presence = Presence(settings.spool_dir, sessions, folding, SleepWatch(*system_clocks()), watch.wake)
    client_states = ClientStates(settings.spool_dir, sessions, folding.going_on)
    intake = Intake(reader, adapter, folding, delivery, sessions, metrics, (usage, tail, client_states), tail.catch_up)
    state_file = StateFile(settings.relay_state_path, endpoint, delivery, intake, sessions)
    notifier, sampler = Notifier(Current(settings), sessions.pid_of), Sampler(temporality)
    followers = (usage, tail, presence, folding, notifier, client_states, GapFiller(settings))
    return Parts(reader, watch, delivery, settled, intake, sessions, metrics, sampler, state_file, *followers)


def _restore(settings: Settings, adapter: SpoolAdapter) -> LiveSessions:
    """Take up the sessions that an earlier life of the relay watched."""
    sessions = LiveSessions(settings.relay.turn_timeout_s)
    earlier = state.read(settings.relay_state_path)
    sessions.restore(earlier.sessions if earlier else ())
    for session in sessions:
        if session.pid and session.key and is_alive(session.key):
            adapter.remember(session.session_id, session.pid, session.created)
    return sessions
