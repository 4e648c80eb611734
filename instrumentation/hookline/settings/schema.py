"""The settings: one frozen tree, one row a setting, its meaning under it.

A section is a frozen dataclass of this module; `row` carries the default and the meaning. The environment name of
`section.key` is `HOOKLINE_SECTION_KEY`, of a top-level key `HOOKLINE_KEY`. Names contain their units. Every queue,
body, cache and wait of the product has its limit here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hookline.settings.database_settings import DatabasesSettings

CaptureLevel = Literal["metadata", "inputs", "full"]
MIB = 1024 * 1024


def row(default: Any, meaning: str, *, secret: bool = False, choices: tuple[str, ...] = ()) -> Any:
    """Declare one setting. A mutable default is given as a factory by its type."""
    metadata = {"meaning": meaning, "secret": secret, "choices": choices}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """Where hooks leave their events for the relay."""

    max_bytes: int = row(256 * MIB, "Past this many bytes in the spool the hook drops new events and counts them.")
    max_files: int = row(100_000, "Past this many files in the spool the hook drops new events and counts them.")
    max_event_bytes: int = row(64 * MIB, "The relay sets aside an event larger than this, unread.")
    max_bad_bytes: int = row(64 * MIB, "Keep unreadable events up to this total size; the oldest goes first.")


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """What of prompts, tool inputs and outputs leaves the machine."""

    level: CaptureLevel = row(
        "metadata",
        "metadata: sizes, hashes, extensions. inputs: also prompts and tool inputs. full: also tool outputs and answers.",
        choices=("metadata", "inputs", "full"),
    )
    projects: dict[str, str] = row(
        {},
        "Level by project: its remote (`github.com/acme/shop`), a glob over its root folder, or its bare name, to a level. The first match counts. "
        "Where a project has a remote, its bare name lets no more out than `capture.level`: anybody can have a remote that ends in it.",
    )
    max_value_chars: int = row(8_192, "Cut captured text to this many characters, after redaction.")
    redact_extra: tuple[str, ...] = row((), "More patterns to redact (at most 200 characters each, no nested quantifiers).")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """The resident part on a developer's machine."""

    endpoint: str = row("http://127.0.0.1:4317", "Where the relay sends spans, logs and metrics: any OTLP backend.")
    protocol: str = row("grpc", "OTLP over gRPC or over HTTP.", choices=("grpc", "http/protobuf"))
    headers: dict[str, str] = row({}, "Headers of every export, such as an authorization.", secret=True)
    certificate: str = row("", "A CA file for the endpoint's TLS; empty uses the system's.")
    user: str = row("", "The person whose work this is; empty uses the login name.")
    timeout_s: float = row(10.0, "One export attempt may take this long.")
    max_backoff_s: float = row(30.0, "The longest pause between attempts while the endpoint is away.")
    max_pending_spans: int = row(20_000, "Past this many spans waiting for the endpoint, events stay in the spool until there is room.")
    poll_s: float = row(0.2, "How often the relay looks at the spool while something happens.")
    idle_poll_s: float = row(1.0, "How often the relay looks at the spool while nothing happens, where the system offers no file watch.")
    sample_s: float = row(5.0, "How often the relay samples processes and the machine while a session lives.")
    metrics_s: float = row(10.0, "How often the relay exports metrics while a session lives.")
    metrics_temporality: str = row(
        "delta",
        "Counters as growth (they add up by sum) or as totals since the relay's start (Prometheus needs these).",
        choices=("delta", "cumulative"),
    )
    turn_timeout_s: float = row(6 * 3600.0, "A turn without any event for this long ends as timed out.")
    process_check_s: float = row(5.0, "How often the relay checks that the agents' processes still live.")


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """Addresses of the collector. Port 0 picks a free one and prints it."""

    otlp_grpc: str = row("127.0.0.1:4317", "OTLP/gRPC address.")
    otlp_http: str = row("127.0.0.1:4318", "OTLP/HTTP address.")
    http: str = row("127.0.0.1:4319", "Address of the pages, the API, health and metrics.")
    clickhouse: str = row(
        "127.0.0.1:8123",
        "Address of ClickHouse's HTTP interface, read-only, for Grafana, DBeaver and programs; empty serves none. "
        "Where something else listens at this default, the collector runs without it and says so.",
    )
    allowed_hosts: tuple[str, ...] = row((), "More Host names that the pages answer to, in addition to loopback and the bound address.")
    tls_certificate: str = row("", "PEM file with the certificate chain. Needed, with a token, to bind beyond loopback.")
    tls_key: str = row("", "PEM file with the private key.")
    otlp_token: str = row("", "Bearer token that senders must send. Needed to bind OTLP beyond loopback.", secret=True)
    insecure: bool = row(False, "Bind beyond loopback without TLS and token anyway, behind a proxy that does both.")
    self_metrics_s: float = row(60.0, "How often the collector writes its own metrics into its store; 0 never.")
    stop_timeout_s: float = row(5.0, "A graceful stop takes at most this long.")


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Limits of the receivers. Past one the sender gets the code that OTLP names."""

    max_body_bytes: int = row(20 * MIB, "Largest request body, as received and after decompression.")
    max_response_bytes: int = row(4 * MIB, "Largest response; error messages are shortened to fit.")
    max_messages: int = row(
        1_000_000,
        "Most sub-messages (spans, attributes, values, ...) in what is parsed at once, a request or a piece of a large one; counted before.",
    )
    max_depth: int = row(64, "Deepest nesting of sub-messages; a list inside a list counts two, a map three. The parser's own bound is 100.")
    max_concurrent_requests: int = row(64, "Requests in progress at once; the collector asks more than these to try again.")
    max_inflight_bytes: int = row(256 * MIB, "Bytes of requests in memory at once; the collector asks more than these to try again.")
    max_connections: int = row(
        1_000, "Connections open at once, for each of OTLP/gRPC, OTLP/HTTP, and pages and API; docs/security.md says which one goes."
    )
    max_connection_age_s: float = row(0.0, "OTLP/gRPC connections are renewed after this long, so that a load balancer can spread them; 0 never.")
    max_known_records: int = row(200_000, "How many ids of agents' records the collector remembers, to recognise repetitions.")
    request_timeout_s: float = row(
        30.0, "Time for a request's head, and again for its body, to arrive; a client that reads nothing of its answer for as long is cut off."
    )
    retry_after_s: float = row(1.0, "How long the collector asks senders to wait when it asks them to slow down.")
    max_api_requests_per_s: float = row(100.0, "Requests to the API that a token may make; ten seconds' worth at once; 0 without end.")


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """The durable queue between the receivers and the store."""

    max_bytes: int = row(2 * 1024 * MIB, "Past this many bytes waiting for the store, the collector asks senders to slow down.")
    segment_max_bytes: int = row(8 * MIB, "Close a segment at this size, at the latest.")
    segment_max_age_s: float = row(
        300.0,
        "Store what was received at this age, if nobody asked and it was not much until then. With a ClickHouse server, after a minute at the most.",
    )
    read_wait_s: float = row(5.0, "A question waits at most so long until what was received before it is stored; then the answer says so.")
    max_quarantine_bytes: int = row(512 * MIB, "Keep at most this much in the quarantine; the oldest goes first, and is counted.")
    fsync: bool = row(True, "Whether an answer waits for the disk. Turn off only for tests.")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """ClickHouse: embedded, or a server by URL."""

    url: str = row("", "A ClickHouse server, as http://host:8123 or https://host:8443; empty runs the engine embedded.")
    user: str = row("default", "User on the server.")
    password: str = row("", "Password on the server.", secret=True)
    database: str = row("hookline", "Database that holds the tables.")
    cluster: str = row("", "Cluster for ON CLUSTER statements; empty for a single server.")
    insert_timeout_s: float = row(60.0, "One insert may take this long.")
    max_backoff_s: float = row(30.0, "The longest pause between attempts while the store is away.")
    secure_every_s: float = row(
        5.0, "How long the journal may keep what the embedded engine has stored before one sync of the disk secures all of it."
    )
    max_memory_bytes: int = row(0, "Memory limit of the embedded engine; 0 chooses one for the machine.")
    max_threads: int = row(2, "Threads of one statement in the embedded engine.")
    ballast_bytes: int = row(16 * MIB, "Size of a file that Hookline gives up when the disk is full, so that it can delete old data; 0 keeps none.")
    query_max_s: float = row(30.0, "People's queries may run this long.")
    query_max_memory_bytes: int = row(512 * MIB, "People's queries may use this much memory.")
    query_max_rows: int = row(100_000, "People's queries return at most this many rows.")
    query_max_result_bytes: int = row(64 * MIB, "People's queries return at most this many bytes.")
    max_concurrent_queries: int = row(4, "People's queries that run at once; more wait, and are refused in the end.")


@dataclass(frozen=True, slots=True)
class ClickHouseSettings:
    """The ClickHouse interface (`collector.clickhouse`). `store.query_max_s`, `_memory_bytes` and `_result_bytes` bound its statements too."""

    max_rows: int = row(1_000_000, "A statement answers with at most this many rows; past them it fails.")
    max_concurrent_queries: int = row(4, "Statements that run at once; more wait, and are refused in the end.")
    max_sessions: int = row(1_000, "How many sessions (a client's database and settings) are remembered; the one that was not used for longest goes.")


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long each signal is kept, in days; 0 keeps it without limit."""

    traces_days: int = row(90, "Spans.")
    logs_days: int = row(30, "Log records.")
    metrics_days: int = row(30, "Metric points.")
    metric_minutes_days: int = row(180, "What metrics were by the minute.")
    metric_hours_days: int = row(730, "What metrics were by the hour.")
    derived_days: int = row(730, "Tool calls, turns, activity, usage and sessions; plans and verdicts of databases.")
    database_days: int = row(14, "Samples, statements and relations of databases as they came; by the minute and hour they are kept as metrics are.")


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """The live edge."""

    max_live: int = row(10_000, "Sessions held in memory; past it the oldest ended ones leave first.")
    idle_after_s: float = row(300.0, "A session without any event for this long is idle.")
    timeout_s: float = row(12 * 3600.0, "A session without any event for this long ends as timed out.")
    cleanup_every_s: float = row(60.0, "How often the cleanup runs; 0 only by hand.")
    rebuild_days: int = row(3, "How far back the collector rebuilds sessions from the store when it starts.")


@dataclass(frozen=True, slots=True)
class WorkTimeSettings:
    """How intervals become blocks and reports."""

    idle_s: int = row(300, "A gap longer than this ends a work block.")
    timezone: str = row("", "IANA name of the time zone in which a day begins and ends; empty uses the machine's.")
    prices_file: str = row("", "Price table for tokens; empty uses <config>/prices.json if that exists, else the one shipped.")


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Which alert rules are in force, and how the collector sees that one changed."""

    files: tuple[str, ...] = row((), "Rule files, and folders of them (*.yaml); empty uses <config>/rules, if that exists.")
    default_pack: bool = row(True, "Whether the rules that come with Hookline are in force.")
    left_out: tuple[str, ...] = row((), "Rules of the default pack that are not to be in force, by their names.")
    reload_s: float = row(10.0, "How often the collector looks at rule files, where the system does not tell it of changes; SIGHUP makes it look.")


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """A notice when an agent waits for you, from the relay. `hookline notify` shows and changes it."""

    how: tuple[str, ...] = row(
        ("off",),
        "off, or any of: desktop (a desktop notice), bell (in the session's terminal), command (runs notify.command).",
        choices=("off", "desktop", "bell", "command"),
    )
    after_s: float = row(10.0, "Send a notice when a wait lasts longer than this.")
    about: tuple[str, ...] = row(
        ("permission", "answer"),
        "Which waits: permission, answer (questions, plans, forms), prompt (a turn is over).",
        choices=("permission", "answer", "prompt"),
    )
    command: tuple[str, ...] = row((), "The program and its arguments; it gets JSON on standard input and HOOKLINE_WAIT_ variables.")
    command_timeout_s: float = row(10.0, "Kill the program after this long.")
    routes_file: str = row("", "Who is notified of alerts, by the collector: a YAML file; empty uses <config>/notify.yaml if that exists.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting."""

    data_dir: Path = row(Path(), "Folder of everything that lasts; $XDG_STATE_HOME/hookline if not set.")
    spool: SpoolSettings = field(default_factory=SpoolSettings)
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    relay: RelaySettings = field(default_factory=RelaySettings)
    collector: CollectorSettings = field(default_factory=CollectorSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    clickhouse: ClickHouseSettings = field(default_factory=ClickHouseSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    work: WorkTimeSettings = field(default_factory=WorkTimeSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    rules: RuleSettings = field(default_factory=RuleSettings)
    databases: DatabasesSettings = field(default_factory=DatabasesSettings)

    @property
    def spool_dir(self) -> Path:
        """Folder in which hooks leave events (0700)."""
        return self.data_dir / "spool"

    @property
    def hook_path(self) -> Path:
        """Stable path of the installed hook script."""
        return self.data_dir / "hook.sh"

    @property
    def journal_dir(self) -> Path:
        """Folder of the journal's segments."""
        return self.data_dir / "journal"

    @property
    def quarantine_dir(self) -> Path:
        """Folder of what the store refused although the check let it pass."""
        return self.data_dir / "quarantine"

    @property
    def engine_dir(self) -> Path:
        """Folder of the embedded engine."""
        return self.data_dir / "clickhouse"

    @property
    def notification_path(self) -> Path:
        """File in which notification keeps its queues, silences and log (SQLite)."""
        return self.data_dir / "notification.db"

    @property
    def token_path(self) -> Path:
        """File with the token of the pages and the API (0600)."""
        return self.data_dir / "token"

    @property
    def runtime_path(self) -> Path:
        """File in which a running collector notes its addresses and pid, JSON."""
        return self.data_dir / "collector.json"

    @property
    def alerts_path(self) -> Path:
        """File in which the collector keeps its alerts, JSON."""
        return self.data_dir / "alerts.json"

    @property
    def relay_state_path(self) -> Path:
        """File in which a running relay notes its pid and figures, JSON."""
        return self.data_dir / "relay.json"


SECTIONS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Settings) if f.name != "data_dir")
