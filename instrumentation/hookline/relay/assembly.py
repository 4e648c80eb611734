"""The relay's parts, put together from the settings.

SpoolReader ─ SpoolAdapter ─ fold ─ Outbox ─ Sender ─ OtlpTransmit ─ the SDK's exporters
      └────────── AcceptedBatches ◀────────────┘
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from hookline.agents import AGENTS, DEFAULT, AgentEvent
from hookline.agents.equipment import ClientWatches
from hookline.export.delivery import ExportDelivery
from hookline.export.endpoint import from_settings
from hookline.export.rejected import RejectedFolder
from hookline.export.sdk import OtlpTransmit, resources_of
from hookline.export.transport import open_exporters
from hookline.fold import FoldRules, FoldState, OpenWait, Thinking, fold, thinking, waits
from hookline.fold.going_on import GoingOn, going_on
from hookline.history.follow import UsageFollower
from hookline.notify import Notifier
from hookline.notify.current import Current
from hookline.privacy.capture import capture_rules
from hookline.records import FoldStep
from hookline.relay.counted import Counted
from hookline.relay.intake.folder_watch import FolderWatch
from hookline.relay.intake.gaps import GapFiller
from hookline.relay.intake.pipeline import AcceptedBatches, EventPipeline
from hookline.relay.intake.spool_adapter import SpoolAdapter
from hookline.relay.intake.transcript_tail import TranscriptTail
from hookline.relay.metrics import RelayMetrics, temporality_of
from hookline.relay.state_file import StateFile, read
from hookline.relay.watch.presence import Presence
from hookline.relay.watch.sampler import Sampler
from hookline.relay.watch.sleeps import SleepWatch, system_clocks
from hookline.relay.watch.watched_sessions import WatchedSessions
from hookline.settings import Settings
from hookline.spool import SpoolReader, SpoolWatch
from hookline.system.process import is_alive
from hookline.workspace.project import PlaceCache

LINGER_S = 0.05
"""What is made of one reading of the spool goes together: it takes no longer to be made. Events were gathered before they were read."""


@dataclass(frozen=True, slots=True)
class RelayParts:
    """Everything that the loop works with."""

    reader: SpoolReader
    watch: SpoolWatch
    delivery: ExportDelivery
    accepted: AcceptedBatches
    pipeline: EventPipeline
    sessions: WatchedSessions
    metrics: RelayMetrics
    sampler: Sampler
    state_file: StateFile
    usage: UsageFollower
    tail: TranscriptTail
    presence: Presence
    fold: PersistentFold
    notifier: Notifier
    client_states: ClientWatches
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


class PersistentFold:
    """The fold with its state. What the state says is asked at every wake-up, and changes with an event only."""

    def __init__(self, rules: FoldRules) -> None:
        self._rules = rules
        self._state = FoldState()
        self._going_on: tuple[GoingOn, ...] | None = None
        self._waits: tuple[OpenWait, ...] | None = None
        self._thinking: tuple[Thinking, ...] | None = None

    def __call__(self, event: AgentEvent) -> FoldStep:
        """Fold one event."""
        self._going_on = self._waits = self._thinking = None
        self._state, step = fold(self._state, event, self._rules)
        return step

    def going_on(self) -> tuple[GoingOn, ...]:
        """Return the sessions that have a turn open."""
        if self._going_on is None:
            self._going_on = going_on(self._state)
        return self._going_on

    def waits(self) -> tuple[OpenWait, ...]:
        """Return who waits for a person."""
        if self._waits is None:
            self._waits = waits(self._state)
        return self._waits

    def thinking(self) -> tuple[Thinking, ...]:
        """Return the turns that think."""
        if self._thinking is None:
            self._thinking = thinking(self._state)
        return self._thinking


def assemble(settings: Settings, rules: FoldRules) -> RelayParts:
    """Make the parts; nothing is read or sent yet. Raises ConfigInvalid."""
    relay = settings.relay
    endpoint = from_settings(relay)
    resource_of = resources_of(relay.user)
    reader, watch = SpoolReader.of(settings), SpoolWatch(settings.spool_dir, relay.idle_poll_s)
    accepted = AcceptedBatches(watch.wake)
    delivery = ExportDelivery(
        OtlpTransmit(open_exporters(endpoint), resource_of),
        RejectedFolder(settings.data_dir / "rejected", time.time_ns),
        accepted.add,
        endpoint=endpoint.url,
        max_backoff_s=relay.max_backoff_s,
        max_pending_items=relay.max_pending_spans,
        linger_s=LINGER_S,
        on_news=watch.wake,
    )
    temporality = temporality_of(relay.metrics_temporality)
    metrics = RelayMetrics(resource_of, DEFAULT.name, temporality, Counted(settings.data_dir / "relay.counted"))
    adapter = SpoolAdapter(PlaceCache(time.monotonic), capture_rules(settings.capture))
    sessions = _restore(settings, adapter)
    usage = UsageFollower(settings.data_dir / "usage.db", delivery.outbox.offer, delivery.outbox.has_room)
    tail = TranscriptTail(settings.spool_dir, settings.data_dir / "tail.db", watch=FolderWatch.open())
    folding = PersistentFold(replace(rules, turn_timeout_s=relay.turn_timeout_s))
    presence = Presence(settings.spool_dir, sessions, folding, SleepWatch(*system_clocks()), watch.wake)
    watches = (make(settings.spool_dir, sessions, folding.going_on) for agent in AGENTS.values() if (make := agent.client_watch()))
    client_states = ClientWatches(watches)
    pipeline = EventPipeline(reader, adapter, folding, delivery.outbox, sessions, metrics, (usage, tail, client_states), tail.catch_up)
    state_file = StateFile(settings.relay_state_path, endpoint, delivery, pipeline, sessions)
    notifier, sampler = Notifier(Current(settings), sessions.pid_of), Sampler(temporality)
    followers = (usage, tail, presence, folding, notifier, client_states, GapFiller(settings))
    return RelayParts(reader, watch, delivery, accepted, pipeline, sessions, metrics, sampler, state_file, *followers)


def _restore(settings: Settings, adapter: SpoolAdapter) -> WatchedSessions:
    """Take up the sessions that an earlier life of the relay watched."""
    sessions = WatchedSessions(settings.relay.turn_timeout_s)
    earlier = read(settings.relay_state_path)
    sessions.restore(earlier.sessions if earlier else ())
    for session in sessions:
        if session.pid and session.key and is_alive(session.key):
            adapter.remember(session.session_id, session.pid, session.created)
    return sessions
