"""`hookline up` as a person uses it: one command, then hooks, then reports; and what happens when something dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hookline.relay import state_file as relay_state
from hookline.system import locks, runtime
from hookline.system.invocation import own_command
from support.person import Person, new_person
from support.running import FREE_PORTS, wait_for
from support.template import furnish

CAPTURES = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329"


@pytest.fixture(scope="module")
def somebody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Give the person of all tests that kill something."""
    person = new_person(tmp_path_factory.mktemp("killed"))
    furnish(person.data_dir)
    yield person
    person.hookline("down")


@pytest.fixture
def up(somebody: Person) -> Person:
    """Give a person for whom everything runs in the background on free ports; what an earlier test left running is taken."""
    if not (locks.holder(somebody.data_dir / "up.lock") and collector_pid(somebody) and relay_pid(somebody)):
        begin(somebody)
    return somebody


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Give the same to all tests that kill nothing; each looks only at what it did itself.

    `down` stops everything: relay and collector are gone, and a second one says that nothing runs.
    """
    person = new_person(tmp_path_factory.mktemp("up"))
    furnish(person.data_dir)
    begin(person)
    yield person
    pids = [collector_pid(person), relay_pid(person)]
    assert person.hookline("down").returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert person.hookline("down").returncode == 1


def begin(person: Person) -> None:
    """Start everything in the background."""
    done = person.hookline("up", "--detach", *FREE_PORTS)
    assert done.returncode == 0, done.stderr


def collector_pid(person: Person) -> int:
    """Return the pid of the collector that answers, 0 when none is noted."""
    found = runtime.read(person.data_dir / "collector.json")
    return found.pid if found else 0


def relay_pid(person: Person) -> int:
    """Return the pid of the relay that runs, 0 when none does."""
    return locks.holder(person.data_dir / "relay.lock") or 0


def kill(pid: int) -> None:
    """End a process as the system does when memory is short, and see it gone: on a busy machine that takes a moment."""
    assert pid > 1, "there is no process to kill"
    handle = os.pidfd_open(pid)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    assert select.select([handle], [], [], 10)[0]
    os.close(handle)


def fire(person: Person, scenario: str) -> None:
    """Give the captured events of a session to the installed hook, in their order, as the agent does."""
    script = person.data_dir / "hook.sh"
    for path in sorted((CAPTURES / scenario / "hooks").iterdir()):
        payload = json.loads(path.read_text())["payload"]
        subprocess.run([script], input=json.dumps(payload).encode(), env=person.environment, check=True)


def total(person: Person) -> dict[str, Any]:
    """Return the figures of today's report."""
    done = person.hookline("report", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["totals"]
    return found


@pytest.mark.long
def test_one_command_starts_everything_and_asked_again_says_so(shared: Person) -> None:
    """`make up` twice prints the same link twice and starts nothing a second time."""
    shared.hookline("uninstall", "claude-code")
    first = collector_pid(shared)
    again = shared.hookline("up", "--detach", *FREE_PORTS)
    assert again.returncode == 0
    assert again.stdout.startswith("Hookline is already running.")
    token = (shared.data_dir / "token").read_text().strip()
    assert re.search(rf"pages +http://127\.0\.0\.1:\d+/\?token={re.escape(token)}\n", again.stdout)
    assert re.search(r"hooks +\S*hookline install claude-code\n", again.stdout)
    assert collector_pid(shared) == first


@pytest.mark.long
def test_the_token_does_not_get_into_the_log(shared: Person) -> None:
    """The log names the address; the link is for the terminal."""
    log = (shared.data_dir / "hookline.log").read_text()
    assert "pages" in log
    assert (shared.data_dir / "token").read_text().strip() not in log
    assert (shared.data_dir / "hookline.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_hooks_become_a_report(shared: Person) -> None:
    """Install, work, report: the captured session's prompt, calls and tools are all there, and every sum is right."""
    assert shared.hookline("install", "claude-code").returncode == 0
    fire(shared, "tools")

    wait_for(lambda: total(shared)["tool_calls"] == 5, 15, pause_s=0.2)
    assert (total(shared)["prompts"], total(shared)["sessions"]) == (1, 1)
    text = shared.hookline("report").stdout
    assert re.search(r"^Prompts +1 ", text, re.MULTILINE)
    assert re.search(r"^Bash +\d+ +1 ", text, re.MULTILINE)
    assert shared.hookline("report", "--format", "csv").stdout.splitlines()[1].startswith("shop,")
    status = shared.hookline("status")
    assert status.returncode == 0, status.stdout
    assert "received = " in status.stdout


@pytest.mark.long
def test_the_doctor_finds_all_well_and_leaves_no_trace_in_reports(shared: Person) -> None:
    """A probe goes the whole way; it is no work of anybody's."""
    shared.hookline("install", "claude-code")
    before = total(shared)
    done = shared.hookline("doctor", "--format", "json")
    steps = json.loads(done.stdout)
    assert done.returncode == 0, steps
    assert [step["name"] for step in steps] == ["hook", "relay", "log records stored", "span stored", "sums"]
    assert total(shared) == before


def test_the_doctor_says_what_to_do_when_nothing_runs(person: Person) -> None:
    """First the missing script, then the missing relay; nothing hangs, exit code 1."""
    first = person.hookline("doctor", "--patience", "0.3")
    assert first.returncode == 1
    assert f"→ {own_command()} install claude-code" in first.stdout
    person.hookline("install", "claude-code")
    second = person.hookline("doctor", "--patience", "0.3")
    assert second.returncode == 1
    assert f"→ {own_command()} up" in second.stdout


@pytest.mark.long
def test_the_doctor_waits_for_no_relay_that_is_not_there(person: Person) -> None:
    """With all the patience that it has by default it says so at once."""
    person.hookline("install", "claude-code")
    last = json.loads(person.hookline("doctor", "--format", "json").stdout)[-1]
    assert (last["name"], last["ok"], last["took_s"]) == ("relay", False, 0.0)


@pytest.mark.long
def test_while_it_starts_status_says_so(somebody: Person) -> None:
    """Asked at any moment after `up` began, nothing is wrong."""
    somebody.hookline("down")
    process = somebody.start("up", "--detach", *FREE_PORTS)
    try:
        wait_for(lambda: locks.holder(somebody.data_dir / "up.lock"), 30)
        while relay_pid(somebody) == 0:
            done = somebody.hookline("status", "--format", "json")
            assert done.returncode == 0, done.stdout
            states = {line["part"]: line["state"] for line in json.loads(done.stdout)}
            assert {states["relay"], states["collector"]} <= {"ok", "starting"}
            time.sleep(0.3)  # at any moment, and not at every one: asking takes the processor from the start
    finally:
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.long
def test_after_the_start_status_is_well_also_before_hooks_are_installed(up: Person) -> None:
    """What runs is well; that no hooks are there is said, and is no fault."""
    done = up.hookline("status", "--format", "json")
    assert done.returncode == 0, done.stdout
    assert {line["part"]: line["state"] for line in json.loads(done.stdout)}["hooks"] == "off"


@pytest.mark.long
def test_open_gives_the_browser_a_link_and_prints_one_where_there_is_none(shared: Person, tmp_path: Path) -> None:
    """The token is in a private file, not in the browser's arguments."""
    link = f"{runtime_of(shared).url}/?token={(shared.data_dir / 'token').read_text().strip()}"
    assert shared.hookline("open", "--print").stdout == f"{link}\n"
    noted, browser = tmp_path / "noted", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {noted}\n')
    browser.chmod(0o755)
    done = shared.hookline("open", env={"BROWSER": str(browser)})
    assert (done.returncode, done.stdout) == (0, "")
    assert noted.read_text() == (shared.data_dir / "open.html").as_uri()
    assert link in (shared.data_dir / "open.html").read_text()


def test_open_says_how_to_start_when_nothing_runs(person: Person) -> None:
    """One line, exit code 1."""
    done = person.hookline("open")
    assert done.returncode == 1
    assert f"{own_command()} up" in done.stderr


def runtime_of(person: Person) -> runtime.Runtime:
    """Return where the person's collector is."""
    found = runtime.read(person.data_dir / "collector.json")
    assert found is not None
    return found


def test_status_works_when_nothing_runs(person: Person) -> None:
    """Each part says that it is off and how to begin; exit code 1; no traceback."""
    done = person.hookline("status", "--format", "json")
    assert done.returncode == 1
    assert {line["part"]: line["state"] for line in json.loads(done.stdout)} == {"hooks": "off", "spool": "ok", "relay": "off", "collector": "off"}
    assert done.stderr == ""


@pytest.mark.long
def test_a_killed_relay_comes_back_alone(up: Person) -> None:
    """A crash of one does not take the other along."""
    collector, first = collector_pid(up), relay_pid(up)
    kill(first)
    wait_for(lambda: relay_pid(up) not in (0, first), 15)
    assert collector_pid(up) == collector


@pytest.mark.long
def test_a_killed_collector_comes_back_where_it_was(up: Person) -> None:
    """The link that was printed and the relay's endpoint stay right."""
    before = runtime.read(up.data_dir / "collector.json")
    assert before is not None
    kill(before.pid)
    wait_for(lambda: collector_pid(up) not in (0, before.pid), 20)
    after = runtime.read(up.data_dir / "collector.json")
    assert after is not None
    assert (after.http, after.otlp_grpc, after.otlp_http) == (before.http, before.otlp_grpc, before.otlp_http)
    wait_for(lambda: (found := relay_state.read(up.data_dir / "relay.json")) is not None and before.otlp_http in found.endpoint)


@pytest.mark.long
def test_nothing_outlives_a_killed_supervisor_and_a_start_right_after_waits_for_what_it_left(up: Person) -> None:
    """kill -9 of `hookline up`: the old collector still stops itself, nobody is told that it already runs, and no process is left."""
    pids = [collector_pid(up), relay_pid(up)]
    lock = up.data_dir / "up.lock"
    kill(locks.holder(lock) or 0)
    dying = os.open(lock, os.O_RDONLY)  # a process that is killed lets its lock go a moment later
    fcntl.flock(dying, fcntl.LOCK_EX)
    threading.Timer(2.0, os.close, [dying]).start()
    again = up.hookline("up", "--detach", *FREE_PORTS)
    assert again.returncode == 0, again.stderr
    assert "Hookline runs." in again.stdout
    assert collector_pid(up) not in (0, *pids)
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids), 10)


@pytest.mark.long
def test_the_first_start_reads_the_history_once(person: Person) -> None:
    """Whoever worked before Hookline came sees that work; the second start does not read it again."""
    furnish(person.data_dir)
    shutil.copytree(CAPTURES / "transcripts", person.home / ".claude" / "projects")
    sql = "SELECT uniqExact(SpanAttributes['session.id']) FROM otel_traces WHERE ScopeName = 'hookline.history'"
    person.hookline("up", "--detach", *FREE_PORTS)
    try:
        wait_for((person.data_dir / "history.done").exists, 30)
        wait_for(lambda: person.hookline("query", "--format", "csv", sql).stdout.splitlines()[1:] == ["5"], 10, pause_s=0.2)
        person.hookline("down")
        person.hookline("up", "--detach", *FREE_PORTS)
    finally:
        person.hookline("down")
    assert (person.data_dir / "hookline.log").read_text().count("read the agent's transcripts") == 1


@pytest.mark.long
def test_with_tls_and_a_token_the_whole_way_still_works(person: Person) -> None:
    """Relay, doctor, status and queries find certificate and token by themselves."""
    furnish(person.data_dir)
    certificate, key = person.home / "cert.pem", person.home / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = ["-keyout", str(key), "-out", str(certificate), "-days", "2", *names]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(["openssl", "req", "-x509", *kind, *made], check=True, capture_output=True)
    settings = person.home / ".config" / "hookline" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[collector]\ntls_certificate = "{certificate}"\ntls_key = "{key}"\notlp_token = "sesame"\n')
    person.hookline("install", "claude-code")
    try:
        started = person.hookline("up", "--detach", "--otlp-grpc", "localhost:0", "--otlp-http", "localhost:0", "--http", "127.0.0.1:0")
        assert "pages  https://127.0.0.1:" in started.stdout, started.stderr
        done = person.hookline("doctor")
        assert done.returncode == 0, done.stdout
        status = person.hookline("status")
        assert status.returncode == 0, status.stdout
    finally:
        person.hookline("down")


@pytest.mark.long
def test_in_the_foreground_ctrl_c_stops_both(person: Person) -> None:
    """Without --detach it stays, prints the address, and leaves with exit code 0."""
    furnish(person.data_dir)
    process = person.start("up", *FREE_PORTS)
    try:
        wait_for(lambda: relay_pid(person), 30)
        pids = [collector_pid(person), relay_pid(person)]
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Hookline runs." in said
        assert not any(psutil.pid_exists(pid) for pid in pids)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.middle
def test_a_start_that_fails_shows_why_at_once(person: Person) -> None:
    """With its port taken by somebody else, the reason stands on the terminal, not only in a log."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        done = person.hookline("up", "--detach", *FREE_PORTS[:4], "--http", taken)
    assert done.returncode == 1
    assert f"cannot listen on {taken}" in done.stderr
    assert locks.holder(person.data_dir / "up.lock") is None


def test_taken_ports_are_told_all_at_once_and_nothing_beside(person: Person) -> None:
    """A person who has another collector sees three lines, each with its setting, and no noise of a library's."""
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        taken = [f"127.0.0.1:{other.getsockname()[1]}" for other in others]
        flags = [word for pair in zip(FREE_PORTS[::2], taken, strict=True) for word in pair]
        done = person.hookline("collector", *flags)
    assert done.returncode == 1
    assert [line.split(": Address")[0].strip() for line in done.stderr.splitlines()] == [
        f"hookline: cannot listen on {taken[0]}",
        f"cannot listen on {taken[1]}",
        f"cannot listen on {taken[2]}",
        f"cannot listen on {taken[3]}",
    ]
    assert locks.holder(person.data_dir / "up.lock") is None
