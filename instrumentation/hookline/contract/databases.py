"""What the agent beside a database sends: who speaks, resource, metrics and log events, each name in one place.

`postgresql.*`, `db.server.query_sample`, `db.server.top_query` and `db.server.query_plan` are named as the OpenTelemetry Collector's PostgreSQL
receiver names them, so that one store reads both; `hookline.db.*` is what that has no word for. Counters are sent as their growth (delta). A
resource is one database of the configuration: `service.name` is `hookline-databases`, beside it `db.system.name`, `server.address`,
`server.port` and `hookline.db.name`.

A sample is not a record: what sessions were seen doing alike within an interval is one, and `hookline.db.sample.interval` says for how many seconds
of sessions it stands: their sum divided by the time is how many were at work, at any pace of looking, and a day stays small. A session that waits
for another, or whose statement runs for a second, has records of its own (`postgresql.pid`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, NamedTuple

DATABASE_SCOPE: Final = "hookline.databases"
DATABASE_SERVICE: Final = "hookline-databases"

# Resource
DB_SYSTEM: Final = "db.system.name"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
DB_NAME: Final = "hookline.db.name"  # the name in the configuration
DB_VERSION: Final = "hookline.db.version"

# Attributes of metrics and events
DB_NAMESPACE: Final = "db.namespace"
DB_COLLECTION: Final = "db.collection.name"
QUERY_TEXT: Final = "db.query.text"  # folded: no value in it
QUERY_SUMMARY: Final = "db.query.summary"
STATEMENT_HASH: Final = "hookline.db.statement_hash"  # of the folded text: hookline.sql.sql_text
WAIT_CLASS: Final = "hookline.db.wait.class"
WAIT_NAME: Final = "hookline.db.wait.name"  # type:event, as Lock:transactionid
INTERVAL_S: Final = "hookline.db.interval"  # seconds; what the figures are about ends with the record's time
DB_USER: Final = "user.name"
PEER_ADDRESS: Final = "network.peer.address"
PG_APPLICATION: Final = "postgresql.application_name"
PG_PID: Final = "postgresql.pid"
PG_STATE: Final = "postgresql.state"
PG_WAIT_EVENT: Final = "postgresql.wait_event"
PG_WAIT_TYPE: Final = "postgresql.wait_event_type"
PG_QUERY_ID: Final = "postgresql.query_id"  # of a sample
PG_QUERYID: Final = "postgresql.queryid"  # the same of a top query: the receiver spells it so
PG_QUERY_START: Final = "postgresql.query_start"
PG_ROLE: Final = "postgresql.rolname"
PG_INDEX: Final = "postgresql.index.name"
BLOCKING_PIDS: Final = "postgresql.blocking.pids"
BLOCKING_START: Final = "postgresql.blocking.start_time"
BLOCKING_DURATION: Final = "postgresql.blocking.wait_duration"
BLOCKING_MODE: Final = "postgresql.blocking.lock.mode"
BLOCKING_TYPE: Final = "postgresql.blocking.lock.type"
BLOCKING_RELATION: Final = "postgresql.blocking.lock.relation"
TRANSACTION_START: Final = "postgresql.blocking.transaction.start_time"

# Of a sample
SAMPLE_INTERVAL: Final = "hookline.db.sample.interval"  # seconds of sessions that the record stands for
SAMPLE_COUNT: Final = "hookline.db.sample.count"  # how often a session was seen so
SAMPLE_PIDS: Final = "hookline.db.sample.pids"  # of the sessions seen so, at most MAX_PIDS; postgresql.pid where it is one
STATEMENT_DURATION: Final = "hookline.db.statement.duration"  # seconds that the oldest such statement ran when it was seen last
TRANSACTION_DURATION: Final = "hookline.db.transaction.duration"  # the same of its transaction
BACKEND_TYPE: Final = "hookline.db.backend_type"
TEXT_CUT: Final = "hookline.db.text_cut"  # the server cut the text: its hash is none of another text
MAX_PIDS: Final = 16

# Of a statement's growth
PG_CALLS: Final = "postgresql.calls"
PG_ROWS: Final = "postgresql.rows"
PG_EXEC_MS: Final = "postgresql.total_exec_time"
PG_PLAN_MS: Final = "postgresql.total_plan_time"
PG_BLOCKS: Final = (
    "postgresql.shared_blks_hit",
    "postgresql.shared_blks_read",
    "postgresql.shared_blks_dirtied",
    "postgresql.shared_blks_written",
    "postgresql.temp_blks_read",
    "postgresql.temp_blks_written",
)
STATEMENT_SQUARES: Final = "hookline.db.statement.exec_time_squares"  # growth of calls x (deviation² + mean²), ms²: exact mean and deviation
STATEMENT_DEVIATION: Final = "hookline.db.statement.deviation_exec_time"  # ms, of the interval's calls
STATEMENT_MIN: Final = "hookline.db.statement.min_exec_time"  # ms, since the statistics began
STATEMENT_MAX: Final = "hookline.db.statement.max_exec_time"
STATEMENT_PLANS: Final = "hookline.db.statement.plans"
STATEMENT_READ_MS: Final = "hookline.db.statement.blk_read_time"  # ms; needs track_io_timing
STATEMENT_WRITE_MS: Final = "hookline.db.statement.blk_write_time"
STATEMENT_WAL_BYTES: Final = "hookline.db.statement.wal_bytes"
STATEMENT_WAL_RECORDS: Final = "hookline.db.statement.wal_records"
STATEMENT_WAL_FPI: Final = "hookline.db.statement.wal_fpi"
STATEMENT_TOPLEVEL: Final = "hookline.db.statement.toplevel"
STATEMENT_KNOWN: Final = "hookline.db.statement.known"  # grown | new | evicted | reset: how the figures were got
STATEMENT_COVERAGE: Final = "hookline.db.statement.coverage"  # of the database's active time, 0 to 1; absent where nobody knows
STATEMENT_OTHERS: Final = "hookline.db.statement.others"  # so many statements are added up in this record, which names none
STATEMENT_MEMORY: Final = "hookline.db.statement.memory_bytes"  # ClickHouse
STATEMENT_READ_BYTES: Final = "hookline.db.statement.read_bytes"  # ClickHouse
STATEMENT_READ_ROWS: Final = "hookline.db.statement.read_rows"  # ClickHouse
STATEMENT_CPU_MS: Final = "hookline.db.statement.cpu_ms"  # ClickHouse
STATEMENT_FAILED: Final = "hookline.db.statement.failed"  # ClickHouse: calls that failed

# Of a plan
QUERY_PLAN: Final = "postgresql.query_plan"  # JSON, as EXPLAIN gives it; values folded
PLAN_HASH: Final = "hookline.db.plan.hash"
PLAN_HASH_BEFORE: Final = "hookline.db.plan.hash_before"
PLAN_SOURCE: Final = "hookline.db.plan.source"  # generic | notice | log
PLAN_COST: Final = "hookline.db.plan.cost"
PLAN_COST_BEFORE: Final = "hookline.db.plan.cost_before"
QUERY_PLAN_BEFORE: Final = "hookline.db.plan.before"
PLAN_MEAN: Final = "hookline.db.plan.mean_ms"  # ms a call took on average in the interval in which the change was seen
PLAN_MEAN_BEFORE: Final = "hookline.db.plan.mean_ms_before"  # the same of the interval in which the plan before was seen last
PLAN_RATIO: Final = "hookline.db.plan.ratio"  # of the two

# Of a lock tree
LOCK_INCIDENT: Final = "hookline.db.lock.incident"  # the same while one root blocks
LOCK_PHASE: Final = "hookline.db.lock.phase"  # start | update | end
LOCK_ROOT_PID: Final = "hookline.db.lock.root_pid"
LOCK_WAITING: Final = "hookline.db.lock.waiting"  # sessions below the root
LOCK_LONGEST_S: Final = "hookline.db.lock.longest_s"
LOCK_DEPTH: Final = "hookline.db.lock.depth"
LOCK_TREE: Final = "hookline.db.lock.tree"
"""JSON: a list of sessions, roots first, each with pid, blocked_by (pids that it waits for directly), statement_hash, summary, state, application,
user, namespace, mode, lock_type, relation, waiting_s, transaction_s."""

# Of a verdict
VERDICT_ID: Final = "hookline.db.verdict.id"  # of the incident: the same at its start, its updates and its end
VERDICT_PHASE: Final = "hookline.db.verdict.phase"  # start | update | end
VERDICT_CLASS: Final = "hookline.db.verdict.class"
VERDICT_SHARE: Final = "hookline.db.verdict.share"
VERDICT_SHARE_LOW: Final = "hookline.db.verdict.share_low"
VERDICT_SHARE_HIGH: Final = "hookline.db.verdict.share_high"
VERDICT_SINCE: Final = "hookline.db.verdict.since"  # Unix nanoseconds
VERDICT_UNTIL: Final = "hookline.db.verdict.until"
VERDICT_CERTAINTY: Final = "hookline.db.verdict.certainty"  # 0 to 1
VERDICT_SAMPLES: Final = "hookline.db.verdict.samples"
VERDICT_CULPRIT: Final = "hookline.db.verdict.culprit"
VERDICT_CULPRIT_KIND: Final = "hookline.db.verdict.culprit.kind"  # statement | pid | relation | application
VERDICT_TEXT: Final = "hookline.db.verdict.text"  # a sentence
VERDICT_NEXT: Final = "hookline.db.verdict.next_step"
VERDICT_EXCLUDED: Final = "hookline.db.verdict.excluded"  # JSON: class → why
VERDICT_STATEMENTS: Final = "hookline.db.verdict.statements"  # JSON: hashes of the statements that carry it

# Of a regression
REGRESSION_RATIO: Final = "hookline.db.regression.ratio"
REGRESSION_BEFORE_MS: Final = "hookline.db.regression.before_ms"
REGRESSION_AFTER_MS: Final = "hookline.db.regression.after_ms"
REGRESSION_SINCE: Final = "hookline.db.regression.since"
REGRESSION_P: Final = "hookline.db.regression.p"
REGRESSION_PARTS: Final = "hookline.db.regression.parts"  # JSON: calls, rows, blocks, reads, planning, plan

# Of a changed setting
SETTING_NAME: Final = "hookline.db.setting.name"
SETTING_BEFORE: Final = "hookline.db.setting.before"
SETTING_AFTER: Final = "hookline.db.setting.after"
SETTING_UNIT: Final = "hookline.db.setting.unit"
SETTING_SOURCE: Final = "hookline.db.setting.source"
SETTING_PENDING: Final = "hookline.db.setting.pending_restart"

# Of a relation: growth since the record before, and what there is now
RELATION_SCHEMA: Final = "hookline.db.relation.schema"
RELATION_NAME: Final = "hookline.db.relation.name"  # the table
RELATION_INDEX: Final = "hookline.db.relation.index"  # absent: the record is the table's
RELATION_SIZE: Final = "hookline.db.relation.size"  # bytes: the pages that the catalogue knows of
RELATION_ROWS: Final = "hookline.db.relation.rows"
RELATION_DEAD_ROWS: Final = "hookline.db.relation.dead_rows"
RELATION_FREE_SHARE: Final = "hookline.db.relation.free_share"  # pgstattuple_approx, of tables that were looked into
RELATION_SEQ_SCANS: Final = "hookline.db.relation.seq_scans"
RELATION_SEQ_ROWS: Final = "hookline.db.relation.seq_rows"
RELATION_INDEX_SCANS: Final = "hookline.db.relation.index_scans"
RELATION_INDEX_ROWS: Final = "hookline.db.relation.index_rows"
RELATION_INSERTED: Final = "hookline.db.relation.inserted"
RELATION_UPDATED: Final = "hookline.db.relation.updated"
RELATION_HOT_UPDATED: Final = "hookline.db.relation.hot_updated"
RELATION_DELETED: Final = "hookline.db.relation.deleted"
RELATION_READ: Final = "hookline.db.relation.blocks_read"
RELATION_HIT: Final = "hookline.db.relation.blocks_hit"
RELATION_XID_AGE: Final = "hookline.db.relation.xid_age"
RELATION_VACUUM_TRIGGER: Final = "hookline.db.relation.vacuum_trigger"  # dead rows at which autovacuum begins
RELATION_VACUUM_DUE: Final = "hookline.db.relation.vacuum_due"  # dead rows, in times the trigger; where vacuum is due, and once when it is done
RELATION_VACUUMED: Final = "hookline.db.relation.vacuumed"  # RFC 3339
RELATION_ANALYZED: Final = "hookline.db.relation.analyzed"
RELATION_VALID: Final = "hookline.db.relation.valid"
RELATION_UNIQUE: Final = "hookline.db.relation.unique"
RELATION_PARTS: Final = "hookline.db.relation.parts"  # ClickHouse: active parts
RELATION_MAX_PARTS: Final = "hookline.db.relation.max_parts"  # ClickHouse: most parts of one partition

# Of what the agent can see
AGENT_STATE: Final = "hookline.db.state"  # seeing | partly | blind
AGENT_WHY: Final = "hookline.db.state.why"
AGENT_SINCE: Final = "hookline.db.state.since"
AGENT_LOST: Final = "hookline.db.state.lost"  # looks that were due and not taken since the record before


class DatabaseEvent(StrEnum):
    """Names of the log events."""

    QUERY_SAMPLE = "db.server.query_sample"
    TOP_QUERY = "db.server.top_query"
    QUERY_PLAN = "db.server.query_plan"
    LOCK_TREE = "hookline.db.lock_tree"
    VERDICT = "hookline.db.verdict"
    REGRESSION = "hookline.db.regression"
    PLAN_CHANGE = "hookline.db.plan_change"
    SETTINGS_CHANGE = "hookline.db.settings_change"
    RELATION = "hookline.db.relation"
    STATE = "hookline.db.state_change"
    NEW_ERROR = "hookline.db.new_error"  # ClickHouse: an error that was not there for a day


class WaitClass(StrEnum):
    """What a session is doing, in the few words that matter."""

    CPU = "cpu"  # on a core, or wants one
    IO = "io"
    TEMP = "temp"  # temporary files
    WAL = "wal"
    LOCK = "lock"
    LWLOCK = "lwlock"  # latches within the server
    REPLICATION = "replication"
    CLIENT = "client"  # a statement waits for its client: it reads or sends slowly
    OTHER = "other"
    IDLE_IN_TRANSACTION = "idle_in_transaction"  # a transaction waits for its client; no load, but it may hold locks
    SLEEP = "sleep"  # on purpose: pg_sleep, vacuum's delay; no load


NO_LOAD: Final = frozenset({WaitClass.IDLE_IN_TRANSACTION, WaitClass.SLEEP})


class VerdictClass(StrEnum):
    """What holds a database up; or that nothing does, or that nobody can tell."""

    CPU = "cpu"
    IO = "io"
    WAL = "wal"
    LOCK = "lock"
    LATCH = "latch"
    MEMORY = "memory"  # statements spill to temporary files
    CONNECTIONS = "connections"
    VACUUM = "vacuum"
    XID = "xid"
    MISSING_INDEX = "missing_index"
    REPLICATION = "replication"
    CLIENT = "client"
    HEALTHY = "healthy"
    UNCLEAR = "unclear"


MetricKind = Literal["sum", "updown", "gauge"]
"""A sum grows and is sent as its growth; an updown is a sum of what is there now; a gauge is a state."""


class DatabaseMetric(NamedTuple):
    """A metric: its name, unit, kind, attributes of its points, meaning."""

    name: str
    unit: str
    kind: MetricKind
    attributes: tuple[str, ...]
    meaning: str


SESSION_STATE: Final = "hookline.db.session.state"
HOLDER: Final = "hookline.db.holder"  # who holds back the oldest transaction that must be kept: backend | prepared | slot | standby
CPU_STATE: Final = "hookline.db.cpu.state"  # running | queued
IO_OBJECT: Final = "hookline.db.io.object"
IO_CONTEXT: Final = "hookline.db.io.context"
IO_OPERATION: Final = "hookline.db.io.operation"  # read | write | extend | fsync | hit | evict
SLOT_NAME: Final = "hookline.db.slot.name"
SLOT_STATUS: Final = "hookline.db.slot.wal_status"
SLOT_ACTIVE: Final = "hookline.db.slot.active"
STANDBY: Final = "replication_client"  # as the receiver names it
VACUUM_PHASE: Final = "hookline.db.vacuum.phase"
ERROR_NAME: Final = "hookline.db.error"
ERROR_COUNT: Final = "hookline.db.error.count"  # how often since the reading before
MUTATION_STATE: Final = "hookline.db.mutation.state"  # waiting | failing
PG_SOURCE: Final = "source"
PG_TYPE: Final = "type"
PG_OPERATION: Final = "operation"
PG_CONFLICT: Final = "postgresql.conflict.type"

POSTGRESQL_METRICS: Final = (
    DatabaseMetric("postgresql.backends", "1", "updown", (DB_NAMESPACE,), "Server processes of each database."),
    DatabaseMetric("postgresql.connection.max", "{connections}", "gauge", (), "Connections that the server takes at most."),
    DatabaseMetric("postgresql.database.count", "{databases}", "updown", (), "Databases of the server."),
    DatabaseMetric("postgresql.db_size", "By", "updown", (DB_NAMESPACE,), "Size of a database on disk."),
    DatabaseMetric("postgresql.commits", "1", "sum", (DB_NAMESPACE,), "Transactions that were committed."),
    DatabaseMetric("postgresql.rollbacks", "1", "sum", (DB_NAMESPACE,), "Transactions that were rolled back."),
    DatabaseMetric("postgresql.deadlocks", "{deadlock}", "sum", (DB_NAMESPACE,), "Deadlocks."),
    DatabaseMetric("postgresql.query.conflicts", "{query}", "sum", (DB_NAMESPACE, PG_CONFLICT), "Queries of a standby that recovery ended."),
    DatabaseMetric("postgresql.temp_files", "{temp_file}", "sum", (DB_NAMESPACE,), "Temporary files written."),
    DatabaseMetric("postgresql.temp.io", "By", "sum", (DB_NAMESPACE,), "Bytes written to temporary files."),
    DatabaseMetric("postgresql.blks_hit", "{blks_hit}", "sum", (DB_NAMESPACE,), "Blocks found in the server's buffers."),
    DatabaseMetric("postgresql.blks_read", "{blks_read}", "sum", (DB_NAMESPACE,), "Blocks read from outside the server's buffers."),
    DatabaseMetric("postgresql.tup_returned", "{tup_returned}", "sum", (DB_NAMESPACE,), "Rows that scans went through."),
    DatabaseMetric("postgresql.tup_fetched", "{tup_fetched}", "sum", (DB_NAMESPACE,), "Rows fetched by index scans."),
    DatabaseMetric("postgresql.tup_inserted", "{tup_inserted}", "sum", (DB_NAMESPACE,), "Rows inserted."),
    DatabaseMetric("postgresql.tup_updated", "{tup_updated}", "sum", (DB_NAMESPACE,), "Rows updated."),
    DatabaseMetric("postgresql.tup_deleted", "{tup_deleted}", "sum", (DB_NAMESPACE,), "Rows deleted."),
    DatabaseMetric("postgresql.bgwriter.buffers.allocated", "{buffers}", "sum", (), "Buffers allocated."),
    DatabaseMetric("postgresql.bgwriter.buffers.writes", "{buffers}", "sum", (PG_SOURCE,), "Buffers written, by who wrote them."),
    DatabaseMetric("postgresql.bgwriter.checkpoint.count", "{checkpoints}", "sum", (PG_TYPE,), "Checkpoints: scheduled, or requested."),
    DatabaseMetric("postgresql.bgwriter.duration", "ms", "sum", (PG_TYPE,), "Time that checkpoints wrote and synced."),
    DatabaseMetric("postgresql.bgwriter.maxwritten", "1", "sum", (), "Rounds that the background writer ended because it had written enough."),
    DatabaseMetric("postgresql.replication.data_delay", "By", "gauge", (STANDBY,), "WAL that a standby has not replayed yet."),
    DatabaseMetric("postgresql.wal.delay", "s", "gauge", (PG_OPERATION, STANDBY), "A standby's delay, as the primary sees it."),
)
"""As the OpenTelemetry Collector's receiver has them. It sends metrics of single tables too; the agent has RELATION events for those."""

OWN_METRICS: Final = (
    DatabaseMetric("hookline.db.up", "1", "gauge", (), "1 while the agent sees the database, 0 while it is blind."),
    DatabaseMetric("hookline.db.agent.age", "s", "gauge", (), "Time since the last look that came through."),
    DatabaseMetric("hookline.db.looks", "{look}", "sum", (), "Looks at the sessions."),
    DatabaseMetric("hookline.db.looks.lost", "{look}", "sum", (), "Looks that were due and not taken."),
    DatabaseMetric("hookline.db.sessions", "{session}", "gauge", (DB_NAMESPACE, WAIT_CLASS, WAIT_NAME), "Sessions at work, on average."),
    DatabaseMetric("hookline.db.blocked.sessions", "{session}", "gauge", (), "Sessions that waited for a lock of another, at most at one look."),
    DatabaseMetric("hookline.db.blocked.longest", "s", "gauge", (), "The longest such wait that was seen."),
    DatabaseMetric("hookline.db.idle_in_transaction.blocking", "s", "gauge", (), "How long a transaction that blocks others has been idle."),
    DatabaseMetric("hookline.db.cores", "{cpu}", "gauge", (), "Cores of the host (same host, or as configured)."),
    DatabaseMetric("hookline.db.connections.used_percent", "%", "gauge", (), "Client connections of those that ordinary users can have."),
    DatabaseMetric("hookline.db.connections", "{connection}", "gauge", (SESSION_STATE,), "Client connections by state."),
    DatabaseMetric("hookline.db.connections.available", "{connection}", "gauge", (), "Connections that ordinary users can have."),
    DatabaseMetric("hookline.db.transaction.oldest", "s", "gauge", (), "Age of the oldest client transaction."),
    DatabaseMetric("hookline.db.session.time", "ms", "sum", (DB_NAMESPACE, SESSION_STATE), "Time of sessions: active, idle_in_transaction."),
    DatabaseMetric("hookline.db.xid.age", "{transaction}", "gauge", (), "Age of the oldest transaction id that is not frozen."),
    DatabaseMetric("hookline.db.xid.freeze_max_age", "{transaction}", "gauge", (), "Age at which vacuum is forced."),
    DatabaseMetric("hookline.db.xid.age_percent", "%", "gauge", (), "The oldest age, of that at which vacuum is forced."),
    DatabaseMetric("hookline.db.mxid.age", "{transaction}", "gauge", (), "The same of multixacts."),
    DatabaseMetric("hookline.db.xmin.age", "{transaction}", "gauge", (HOLDER,), "How far each holder keeps vacuum back."),
    DatabaseMetric("hookline.db.wal.bytes", "By", "sum", (), "WAL written."),
    DatabaseMetric("hookline.db.wal.records", "{record}", "sum", (), "Records of it."),
    DatabaseMetric("hookline.db.wal.full_pages", "{page}", "sum", (), "Full pages in it."),
    DatabaseMetric("hookline.db.wal.buffers_full", "1", "sum", (), "Times that WAL was written because its buffers were full."),
    DatabaseMetric("hookline.db.io", "{operation}", "sum", (BACKEND_TYPE, IO_OBJECT, IO_CONTEXT, IO_OPERATION), "Operations on files (from 16 on)."),
    DatabaseMetric("hookline.db.io.time", "ms", "sum", (BACKEND_TYPE, IO_OBJECT, IO_CONTEXT, IO_OPERATION), "Their time; needs track_io_timing."),
    DatabaseMetric("hookline.db.temp.size", "By", "gauge", (), "Temporary files that exist now."),
    DatabaseMetric("hookline.db.archiver.archived", "{file}", "sum", (), "WAL files archived."),
    DatabaseMetric("hookline.db.archiver.failed", "{file}", "sum", (), "Attempts to archive that failed."),
    DatabaseMetric("hookline.db.replication.delay", "s", "gauge", (), "How far a standby is behind, as itself sees it."),
    DatabaseMetric("hookline.db.slot.retained", "By", "gauge", (SLOT_NAME, SLOT_STATUS, SLOT_ACTIVE), "WAL that a replication slot keeps."),
    DatabaseMetric(
        "hookline.db.vacuum.progress",
        "1",
        "gauge",
        (DB_NAMESPACE, DB_COLLECTION, VACUUM_PHASE),
        "Share of a table that a vacuum has scanned.",
    ),
    DatabaseMetric(
        "hookline.db.vacuum.due_percent", "%", "gauge", (DB_NAMESPACE, DB_COLLECTION), "Dead rows of a table, of those at which vacuum begins."
    ),
    DatabaseMetric("hookline.db.sequence.used_percent", "%", "gauge", (DB_NAMESPACE, DB_COLLECTION), "Values of a sequence that were given out."),
    DatabaseMetric("hookline.db.statements.coverage", "1", "gauge", (), "Share of active time that listed statements explain."),
    DatabaseMetric("hookline.db.statements.evicted", "1", "sum", (), "Times that pg_stat_statements threw out its least used."),
    DatabaseMetric("hookline.db.host.cpu", "{cpu}", "gauge", (CPU_STATE,), "Cores that server processes had, and that they waited for (same host)."),
    DatabaseMetric("hookline.db.host.pressure", "1", "gauge", ("hookline.resource",), "Share of time in which something waited (same host)."),
    DatabaseMetric("hookline.db.disk.free", "By", "gauge", (), "Room on the disk of the data (same host)."),
    DatabaseMetric("hookline.db.disk.size", "By", "gauge", (), "Size of that disk (same host)."),
    DatabaseMetric("hookline.db.agent.cpu", "1", "gauge", (), "Share of a core that the agent itself uses, for all databases."),
    DatabaseMetric("hookline.db.agent.memory", "By", "gauge", (), "Its memory."),
)

CLICKHOUSE_METRICS: Final = (
    DatabaseMetric("hookline.db.queries", "{query}", "sum", (), "Queries begun."),
    DatabaseMetric("hookline.db.queries.failed", "{query}", "sum", (), "Queries that failed."),
    DatabaseMetric("hookline.db.parts", "{part}", "gauge", (), "Active parts of all tables."),
    DatabaseMetric("hookline.db.parts.most", "{part}", "gauge", (), "Parts of the partition that has most."),
    DatabaseMetric(
        "hookline.db.parts.limit", "{part}", "gauge", (PG_TYPE,), "Parts of a partition at which inserts are slowed (delay), refused (throw)."
    ),
    DatabaseMetric("hookline.db.parts.used_percent", "%", "gauge", (), "The most parts of a partition, of those at which inserts are slowed."),
    DatabaseMetric("hookline.db.parts.detached", "{part}", "gauge", (), "Detached parts."),
    DatabaseMetric("hookline.db.merges", "{merge}", "gauge", (), "Merges that run."),
    DatabaseMetric("hookline.db.merge.oldest", "s", "gauge", (), "How long the oldest of them runs."),
    DatabaseMetric("hookline.db.mutations", "{mutation}", "gauge", (MUTATION_STATE,), "Mutations that are not done."),
    DatabaseMetric("hookline.db.replicas.readonly", "{replica}", "gauge", (), "Replicated tables that take no writes."),
    DatabaseMetric("hookline.db.replica.delay", "s", "gauge", (), "The longest delay of a replica."),
    DatabaseMetric("hookline.db.replica.queue", "{task}", "gauge", (), "Tasks that wait in replication queues."),
    DatabaseMetric("hookline.db.errors", "{error}", "sum", (ERROR_NAME,), "Errors by name."),
    DatabaseMetric("hookline.db.memory", "By", "gauge", (), "Memory that the server has counted."),
    DatabaseMetric("hookline.db.memory.limit", "By", "gauge", (), "Memory that it may use; absent where it does not say."),
    DatabaseMetric("hookline.db.memory.used_percent", "%", "gauge", (), "The one, of the other."),
)

DATABASE_METRICS: Final = {metric.name: metric for metric in (*POSTGRESQL_METRICS, *OWN_METRICS, *CLICKHOUSE_METRICS)}
"""Every metric by its name."""
