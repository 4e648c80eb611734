"""`hookline databases` and `hookline db …` as a person runs them: the agent beside a real server, its socket, what it sends, how it stops."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hookline.cli.db_screen import lasted, screen, tree_lines
from hookline.contract.databases import DatabaseEvent
from support.otlp_sink import HttpSink
from support.person import Person
from support.postgres import VERSIONS, PostgresServer, shared_server
from support.running import wait_for

real = pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")


def configure(person: Person, server: PostgresServer) -> None:
    """Write settings with one database that is there and one that is not."""
    file = person.home / ".config" / "hookline" / "config.toml"
    file.parent.mkdir(parents=True)
    gone = "postgresql://hookline@127.0.0.1:1/x"
    file.write_text(f'[databases.shop]\nurl = "{server.url("hookline")}"\n[databases.gone]\nurl = "{gone}"\n[databases]\ninterval_s = 0.5\n')


@contextmanager
def agent_of(person: Person, sink: HttpSink) -> Iterator[subprocess.Popen[str]]:
    """Run the agent until the block ends."""
    process = person.start("databases", env={"HOOKLINE_RELAY_ENDPOINT": sink.address, "HOOKLINE_RELAY_PROTOCOL": "http/protobuf"})
    try:
        wait_for(lambda: (person.data_dir / "databases.json").exists() or process.poll() is not None, 60)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.long
@real
def test_the_agent_watches_answers_sends_and_stops(person: Person) -> None:
    """All in one: a second one is refused, top and locks are asked of it, and SIGTERM ends it with what it had."""
    server = shared_server()
    configure(person, server)
    server.run("DROP TABLE IF EXISTS rooms; CREATE TABLE rooms AS SELECT 1 AS id", is_script=True)
    with HttpSink() as sink, agent_of(person, sink) as process, server.connect(application_name="holder") as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK rooms")
        waiting = threading.Thread(target=server.run, args=("SELECT 'hunter2' FROM rooms",))
        waiting.start()
        try:
            wait_for(lambda: "blocks 1" in person.hookline("db", "locks", "shop").stdout, 30, pause_s=0.3)
            said = person.hookline("db", "locks", "shop").stdout
            assert "holder (postgres) blocks 1" in said
            assert "AccessShareLock on public.rooms: select ? from rooms" in said
            top = person.hookline("db", "top").stdout
            assert "Lock:relation" in top
            assert "gone  postgresql · blind" in top
            (view,) = [json.loads(line) for line in person.hookline("db", "top", "shop", "--format", "json").stdout.splitlines()]
            assert view["age_s"] < 15
            assert "no database is named other" in person.hookline("db", "locks", "other").stderr
            assert "already" in person.hookline("databases").stderr
            wait_for(lambda: any(name == DatabaseEvent.QUERY_SAMPLE for name in events(sink)), 30)
        finally:
            holder.execute("ROLLBACK")
            waiting.join(20)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert DatabaseEvent.STATE in events(sink)
        assert "hunter2" not in repr(sink.logs)
    assert not (person.data_dir / "databases.json").exists()
    assert "no `hookline databases` runs" in person.hookline("db", "top").stderr


def events(sink: HttpSink) -> set[str]:
    """Return the names of the log events that came."""
    return {record.event_name for record in sink.logs.values()}


@pytest.mark.long
@real
def test_a_check_ends_with_one_where_a_database_is_not_seen(person: Person) -> None:
    """For scripts; as JSON too."""
    configure(person, shared_server())
    done = person.hookline("db", "check")
    assert done.returncode == 1
    assert "✓ role" in done.stdout
    assert "nobody listens at this address" in done.stdout
    assert person.hookline("db", "check", "shop").returncode == 0
    parts = json.loads(person.hookline("db", "check", "shop", "--format", "json").stdout)["shop"]
    assert {part["part"] for part in parts if part["seen"] != "yes"} == {"plans"}


def test_without_a_database_it_says_how_to_name_one(person: Person) -> None:
    """And the SQL for the role needs none."""
    assert "[databases.shop]" in person.hookline("databases").stderr
    said = person.hookline("db", "setup", "--role", 'odd"; DROP ROLE x; --', "--database", "shop").stdout
    assert 'GRANT pg_monitor TO "odd""; DROP ROLE x; --";' in said


def test_screens_say_what_is_not_seen() -> None:
    """Pure: a blind database, a root that nobody sees, a prepared transaction."""
    blind = {
        "database": "shop",
        "system": "postgresql",
        "version": "15.1",
        "state": "blind",
        "why": "it is starting up",
        "since_s": 90.0,
        "age_s": None,
    }
    assert screen([blind], 80, 9)[0] == ("shop  postgresql 15.1 · blind for 90.0 s: it is starting up", "bold red")
    node = {
        "pid": 7,
        "application": "web",
        "user": "app",
        "depth": 1,
        "waiting_s": 0.25,
        "mode": "ShareLock",
        "relation": "",
        "lock": "tuple",
        "text": "x",
    }
    lines = tree_lines({"database": "shop", "trees": [[{"pid": 0, "waiting_s": 0.0}, node]]}, 100)
    assert lines[0] == "a prepared transaction blocks 1, for up to 250 ms: a session that is not visible"
    assert lines[1] == "  └ 7 web (app) waits 250 ms for ShareLock tuple: x"
    assert [lasted(each) for each in (0.004, 3.44, 300, 7_200)] == ["4 ms", "3.4 s", "5 min", "2 h"]
