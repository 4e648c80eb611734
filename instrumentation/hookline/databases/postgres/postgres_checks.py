"""What the agent can see of a server: each part, whether it is visible, what its absence costs, and the one line that opens it."""

from __future__ import annotations

from hookline.databases.host import is_here
from hookline.databases.postgres.link import LinkLimits, LinkTarget, PgLink
from hookline.databases.postgres.server import PgServer, read_server
from hookline.databases.postgres.setup_sql import quoted
from hookline.databases.postgres.sql_files import NEWEST, OLDEST, statement
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.databases.visible_part import VisiblePart

LIMITS = LinkLimits(statement_ms=5_000)
ENOUGH_TEXT = 1_024
_SETTINGS = (
    "SELECT name, setting FROM pg_settings WHERE name IN ('shared_preload_libraries', 'pg_stat_statements.track', 'pg_stat_statements.max',"
    " 'compute_query_id', 'track_io_timing', 'track_activity_query_size', 'track_activities', 'pg_stat_statements.track_planning')"
)

_AUTHORS = f"SELECT rolname::text FROM pg_roles WHERE oid IN ({statement('plan_authors', OLDEST)}) ORDER BY 1"  # noqa: S608 - from a file


_HIDDEN_SEQUENCES = (
    "SELECT n.nspname::text, count(*) FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relpersistence = 'p' AND NOT has_sequence_privilege(q.seqrelid, 'SELECT, USAGE') GROUP BY 1 ORDER BY 1"
)


async def check_postgres(target: LinkTarget) -> list[VisiblePart]:
    """Return what is to be seen, beginning with the connection; alone where there is none."""
    try:
        link = await PgLink.open(target, LIMITS)
    except LinkLost as why:
        return [VisiblePart("connection", "no", str(why), "nothing is seen", "hookline db setup prints the SQL that makes the role")]
    try:
        server = await read_server(link)
        settings: dict[str, str] = dict(await link.ask(_SETTINGS))
        extensions = {name: schema for name, schema, _ in await link.ask(statement("extensions", server.version))}
        role = (await link.ask("SELECT current_user::text"))[0][0]
        explained = [str(name) for (name,) in await link.ask(_AUTHORS)]
        statements = await _statements(link, server, settings, extensions, role)
        hidden = [(str(schema), int(count)) for schema, count in await link.ask(_HIDDEN_SEQUENCES)]
        machine = _host(server)  # while the link's own process is there to be found
    except (LinkLost, NotVisible, NotNow) as why:
        return [VisiblePart("connection", "partly", f"it broke while it was asked: {why}", "what follows is not known")]
    finally:
        await link.close()
    return [
        _version(server),
        _role(server, role),
        *_sessions(server, settings),
        *statements,
        _timing(settings),
        _free_space(extensions),
        _sequences(hidden, role),
        _plans(explained),
        machine,
    ]


def _version(server: PgServer) -> VisiblePart:
    number = f"PostgreSQL {server.version_number // 10_000}.{server.version_number % 10_000}" + (", a standby" if server.is_standby else "")
    if OLDEST <= server.version <= NEWEST:
        return VisiblePart("connection", "yes", number)
    return VisiblePart("connection", "partly", number, f"tested are {OLDEST} to {NEWEST}: some figures may be missing")


def _role(server: PgServer, role: str) -> VisiblePart:
    if server.is_superuser:
        opens = "hookline db setup prints the SQL for a role that has only pg_monitor"
        return VisiblePart(
            "role", "yes", f"{role} is a superuser, which is more than is needed", "a leak of its password would open everything", opens
        )
    if server.sees_all:
        return VisiblePart("role", "yes", f"{role} is a member of pg_monitor")
    costs = "other users' statements and waits, temporary files, settings and replication are hidden"
    return VisiblePart("role", "no", f"{role} is no member of pg_monitor", costs, f"GRANT pg_monitor TO {quoted(role)};")


def _sessions(server: PgServer, settings: dict[str, str]) -> list[VisiblePart]:
    found = []
    if settings.get("track_activities") == "off":
        opens = "ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();"
        return [VisiblePart("sessions", "no", "track_activities is off", "nobody knows what sessions do", opens)]
    found.append(VisiblePart("sessions", "yes", "sessions, waits and locks"))
    size = int(settings.get("track_activity_query_size") or 0)
    if 0 < size < ENOUGH_TEXT:
        costs = "longer statements cannot be told apart by what follows"
        opens = f"ALTER SYSTEM SET track_activity_query_size = {2 * ENOUGH_TEXT};  -- then restart"
        found.append(VisiblePart("long texts", "partly", f"texts are cut after {size} bytes", costs, opens))
    if server.version >= 14 and settings.get("compute_query_id") == "off":
        costs = "samples meet statements only by their texts"
        found.append(
            VisiblePart(
                "statement numbers", "no", "compute_query_id is off", costs, "ALTER SYSTEM SET compute_query_id = auto; SELECT pg_reload_conf();"
            )
        )
    return found


async def _statements(link: PgLink, server: PgServer, settings: dict[str, str], extensions: dict[str, str], role: str) -> list[VisiblePart]:
    costs = "no figures of statements: calls, times, blocks, regressions"
    if "pg_stat_statements" not in settings.get("shared_preload_libraries", "") and "pg_stat_statements.max" not in settings:
        opens = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';  -- add to what is there, then restart"
        says = "pg_stat_statements is not loaded" if server.sees_all else "pg_stat_statements is not loaded, or not visible without pg_monitor"
        return [VisiblePart("statements", "no", says, costs, opens)]
    schema = extensions.get("pg_stat_statements")
    if schema is None:
        says = f"the extension pg_stat_statements is not in the database {server.database}"
        return [VisiblePart("statements", "no", says, costs, "CREATE EXTENSION pg_stat_statements;")]
    try:
        ((count,),) = await link.ask(f"SELECT count(*) FROM {schema}.pg_stat_statements(false)")  # noqa: S608 - quoted by the server
    except (NotVisible, NotNow) as why:
        return [VisiblePart("statements", "no", str(why), costs, f"GRANT pg_monitor TO {quoted(role)};")]
    most = int(settings.get("pg_stat_statements.max") or 5_000)
    found = [VisiblePart("statements", "yes", f"{count} of at most {most} statements")]
    if count >= 0.95 * most:
        opens = f"ALTER SYSTEM SET pg_stat_statements.max = {2 * most};  -- then restart"
        found.append(
            VisiblePart("all statements", "partly", "the table of statements is full", "the least used are thrown out; the coverage is told", opens)
        )
    if settings.get("pg_stat_statements.track") != "none" and not server.is_superuser:
        opens = f"ALTER ROLE {quoted(role)} SET pg_stat_statements.track = 'none';  -- by a superuser"
        found.append(VisiblePart("own statements", "partly", "the agent's own statements are counted too", "some room in that table", opens))
    return found


def _timing(settings: dict[str, str]) -> VisiblePart:
    if settings.get("track_io_timing") == "on":
        return VisiblePart("time of reads", "yes", "track_io_timing is on")
    opens = "ALTER SYSTEM SET track_io_timing = on; SELECT pg_reload_conf();  -- pg_test_timing says what a clock costs: fine below 100 ns"
    return VisiblePart("time of reads", "no", "track_io_timing is off", "blocks are counted, not how long they took", opens)


def _plans(authors: list[str]) -> VisiblePart:
    if authors:
        return VisiblePart("plans", "yes", "of statements of " + ", ".join(authors) + " in this database, where the configuration says plans = true")
    costs = "changed plans are not seen"
    return VisiblePart("plans", "no", "no role's statements may be explained in this database", costs, "hookline db setup --plans ROLE")


def _free_space(extensions: dict[str, str]) -> VisiblePart:
    if "pgstattuple" in extensions:
        return VisiblePart("free space", "yes", "pgstattuple is there")
    return VisiblePart("free space", "no", "pgstattuple is not there", "bloat of tables is not measured", "CREATE EXTENSION pgstattuple;")


def _sequences(hidden: list[tuple[str, int]], role: str) -> VisiblePart:
    if not hidden:
        return VisiblePart("sequences", "yes", "how much of its values each sequence of this database has given out")
    says = f"{sum(count for _, count in hidden)} of this database are hidden"
    opens = " ".join(f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {quoted(schema)} TO {quoted(role)};" for schema, _ in hidden)
    return VisiblePart("sequences", "partly", says, "when their values run out is not known", opens)


def _host(server: PgServer) -> VisiblePart:
    if server.may_be_here and is_here(server.backend_pid, "postgres"):
        return VisiblePart("machine", "yes", "run queue, pressure and disk of this machine")
    costs = "on a core and waiting for one are not told apart; the disk is not seen"
    return VisiblePart(
        "machine", "no", "the server is on another machine, or in a container", costs, "run `hookline databases` on the server's machine"
    )
