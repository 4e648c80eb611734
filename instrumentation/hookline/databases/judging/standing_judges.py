"""Judges of what the server's figures say, whatever sessions wait for: connections, transaction ids, vacuum, missing indexes, spilling."""

from __future__ import annotations

from typing import Final

from hookline.contract.databases import VerdictClass, WaitClass
from hookline.databases.judging.fact_board import FactBoard, TableFacts
from hookline.databases.judging.findings import Culprit, Excluded, Finding, statement_culprit
from hookline.databases.judging.look_window import Carrier, LookWindow
from hookline.databases.samples import SessionSample

MOST_CONNECTIONS_PERCENT: Final = 95.0
XID_TIMES: Final = 1.5
DEAD_TIMES, DEAD_ROWS = 2.0, 10_000
SCAN_ROWS, SCAN_ROWS_PER_S = 5_000.0, 200_000.0
SCAN_CARRIES: Final = 0.3
SPILL_BYTES: Final = 32 * 2**20
SPILL_SESSIONS: Final = 0.05
PIN_S: Final = 5.0
POOL: Final = "Put a pool before the server, or make the applications' pools smaller; more connections cost every session memory and time."


def judge_connections(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Ordinary users can hardly connect any more."""
    used = facts.figure("hookline.db.connections.used_percent")
    if used is None:
        return Excluded(VerdictClass.CONNECTIONS, "it is not known how many are used")
    available = facts.figure("hookline.db.connections.available")
    of = f" of {available:.0f}" if available else ""
    if used < MOST_CONNECTIONS_PERCENT:
        return Excluded(VerdictClass.CONNECTIONS, f"{used:.0f} %{of} connections are used")
    states = {series[0].partition("=")[2]: value for series, value in facts.series("hookline.db.connections").items() if series}
    idle = states.get("idle", 0.0)
    text = f"{used:.0f} %{of} connections are used, {idle:.0f} of them idle."
    found = window.applications(lambda session: session.backend_type == "client backend")
    holds_most = bool(found) and found[0][1] >= sum(states.values()) / 2  # looks have no idle sessions: of those nobody knows whose they are
    culprit = Culprit("application", found[0][0], found[0][0]) if holds_most else Culprit("server", "connections", "the server")
    return Finding(VerdictClass.CONNECTIONS, text, POOL, 0.95, culprit)


def judge_transaction_ids(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Freezing does not keep up with the transactions."""
    del window
    age, limit = facts.figure("hookline.db.xid.age"), facts.figure("hookline.db.xid.freeze_max_age")
    if age is None or not limit:
        return Excluded(VerdictClass.XID, "the age of the oldest transaction id is not known")
    if age < XID_TIMES * limit:
        return Excluded(
            VerdictClass.XID,
            f"the oldest transaction id that is not frozen is {age / 1e6:.0f} million old, of {limit / 1e6:.0f} at which vacuum is forced",
        )
    holder = _holder(facts)
    text = f"The oldest transaction id that is not frozen is {age / 1e6:.0f} million old: the server stops at 2,100 million.{holder}"
    return Finding(
        VerdictClass.XID, text, "End what holds vacuum back, then VACUUM FREEZE the oldest tables.", 0.95, Culprit("server", "xid", "the server")
    )


def judge_vacuum(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """A table has far more dead rows than vacuum lets stand, because something still needs them or vacuum does not come."""
    due = [table for table in facts.tables() if table.trigger and table.dead_rows >= max(DEAD_ROWS, DEAD_TIMES * table.trigger)]
    if not due:
        return Excluded(VerdictClass.VACUUM, "no table has twice the dead rows at which vacuum begins")
    worst = max(due, key=lambda table: table.dead_rows / table.trigger)
    pin = oldest_pin(window)
    holder = _holder(facts)
    text = f"{worst.name} has {worst.dead_rows:,} dead rows beside {worst.rows:,} live ones; vacuum begins at {worst.trigger:,.0f}."
    if pin is not None:
        who = f" of {pin.application}" if pin.application else ""
        text += f" The backend {pin.pid}{who} keeps them: its transaction is {pin.transaction_s:.0f} s old."
        step = f"End that transaction: SELECT pg_terminate_backend({pin.pid})."
        return Finding(VerdictClass.VACUUM, text, step, 0.95, Culprit("pid", str(pin.pid), pin.application or f"the backend {pin.pid}"))
    text += holder
    step = f"VACUUM {worst.name}; if it comes too late again, lower autovacuum_vacuum_scale_factor of this table."
    return Finding(VerdictClass.VACUUM, text, step, 0.8, Culprit("relation", worst.name, worst.name), is_early=True)


def judge_indexes(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Statements go through a whole large table again and again, and it is most of the load."""
    scanned = [table for table in facts.tables() if table.rows_per_scan >= SCAN_ROWS and table.seq_rows / table.seconds >= SCAN_ROWS_PER_S]
    if not scanned:
        return Excluded(VerdictClass.MISSING_INDEX, "no large table is read whole again and again")
    worst = max(scanned, key=lambda table: table.seq_rows / table.seconds)
    carriers = [each for each in window.carriers(_is_reading) if _names(each, worst)]
    carried = sum(each.share for each in carriers)
    if carried < SCAN_CARRIES:
        return Excluded(VerdictClass.MISSING_INDEX, f"{worst.name} is read whole, but statements that name it are {carried:.0%} of the load")
    reading = window.average(_is_reading)
    pace = worst.seq_rows / worst.seconds
    rows = f" (about {worst.rows:,} rows)" if worst.rows > 0 else ""
    text = f"{carriers[0].summary} reads {worst.name}{rows} whole again and again, {pace:,.0f} rows a second."
    step = f"EXPLAIN it (hookline db explain {carriers[0].hash}); an index on what it compares in {worst.name} is probably missing."
    share = carried * reading / window.load if window.load else 0.0
    explains = frozenset({VerdictClass.CPU, VerdictClass.IO, VerdictClass.LATCH})
    return Finding(
        VerdictClass.MISSING_INDEX, text, step, 0.9, statement_culprit(carriers, 0.0), share, share, share, tuple(carriers[:5]), explains=explains
    )


def judge_spilling(window: LookWindow, facts: FactBoard) -> Finding | Excluded:
    """Statements write what does not fit into their memory to temporary files."""
    size = facts.figure_sum("hookline.db.temp.size")
    share = window.of(WaitClass.TEMP)
    if share.sessions < SPILL_SESSIONS or (size < SPILL_BYTES and share.sessions < 0.5):
        return Excluded(VerdictClass.MEMORY, f"{size / 2**20:.0f} MB of temporary files, {share.sessions:.1f} sessions on average at them")
    spilling = window.carriers(lambda session: session.wait_class is WaitClass.TEMP)
    hashes = {each.hash for each in spilling}
    carried = [each for each in window.carriers(_is_reading) if each.hash in hashes]
    carries = sum(each.share for each in carried)
    if carries < SCAN_CARRIES and share.low < SCAN_CARRIES:
        return Excluded(
            VerdictClass.MEMORY, f"{size / 2**20:.0f} MB of temporary files, but the statements that write them are {carries:.0%} of the load"
        )
    culprit = statement_culprit(spilling, 0.0)
    text = f"{culprit.shown if culprit else 'A statement'} writes to temporary files what does not fit into work_mem: {size / 2**20:.0f} MB now."
    step = "Give it more work_mem (SET work_mem for this statement), fewer rows to sort, or an index in that order."
    whole = window.load and carries * window.average(_is_reading) / window.load
    explains = frozenset({VerdictClass.CPU, VerdictClass.IO, VerdictClass.LATCH, VerdictClass.MISSING_INDEX})  # it sorts all that it reads
    return Finding(VerdictClass.MEMORY, text, step, 0.9, culprit, whole, whole, whole, tuple(carried[:5]), explains=explains)


_READING = frozenset({WaitClass.CPU, WaitClass.IO, WaitClass.LWLOCK, WaitClass.TEMP})


def _is_reading(session: SessionSample) -> bool:
    return session.wait_class in _READING


def _names(carrier: Carrier, table: TableFacts) -> bool:
    words = carrier.summary.lower().replace('"', "").replace(".", " ").split()
    return table.name.lower() in words


def _holder(facts: FactBoard) -> str:
    found = max(facts.series("hookline.db.xmin.age").items(), key=lambda each: each[1], default=None)
    if found is None or not found[1]:
        return ""
    names = {"backend": "a transaction", "prepared": "a prepared transaction", "slot": "a replication slot", "standby": "a standby"}
    return f" {names.get(found[0][0].partition('=')[2], 'Something').capitalize()} holds vacuum back by {found[1]:,.0f} transactions."


def oldest_pin(window: LookWindow) -> SessionSample | None:
    """Return the session that has kept old rows longest, where it is old enough to matter."""
    latest = window.latest
    old = [session for session in (latest.sessions if latest else ()) if session.xmin_age > 0 and session.transaction_s >= PIN_S]
    return max(old, key=lambda session: session.xmin_age, default=None)
