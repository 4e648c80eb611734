"""Data of the version before is taken over: its hooks, settings file, spool, journal and database, whatever state they were left in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from support.person import Person, new_person
from support.receiving import requests
from support.receiving.clients import PROTOBUF, post
from support.running import FREE_PORTS, Running, start_collector, wait_for

ROOT = Path(__file__).parents[2]
CAPTURES = ROOT / "tests" / "fixtures" / "claude-code-2.1.329"
BEFORE = "3749e79ed3dba58ac17a8743b17097add9d896e7"
SETTINGS = '[capture]\nlevel = "metadata"\n\n[retention]\ntraces_days = 0\nlogs_days = 0\nmetrics_days = 0\nderived_days = 0\n'
OTHERS_HOOKS = '{\n  "model": "opus",   "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}\n}\n'


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the version before from the repository's history and give the folder that it is unpacked in."""
    if subprocess.run(["git", "cat-file", "-e", f"{BEFORE}^{{commit}}"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("the commit of the version before is not here: this is no full clone")
    folder = tmp_path_factory.mktemp("before")
    archive = folder / "source.tar"
    subprocess.run(["git", "archive", "--output", str(archive), BEFORE], cwd=ROOT, check=True)
    with tarfile.open(archive) as source:
        source.extractall(folder / "source", filter="data")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source")]
    subprocess.run([*pip, *build], check=True, stdin=subprocess.DEVNULL)
    (found,) = folder.glob("*.whl")
    with zipfile.ZipFile(found) as wheel:
        wheel.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Give a person with a settings file of their own and hooks of somebody else."""
    made = new_person(tmp_path)
    for name, text in ((".config/hookline/config.toml", SETTINGS), (".claude/settings.json", OTHERS_HOOKS)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return made


@pytest.fixture
def person_before(person: Person, before: Path) -> Person:
    """Give the same person, whose command is still the version before's."""
    return replace(person, environment=person.environment | {"PYTHONPATH": str(before)})


@contextmanager
def running(person: Person, **env: str) -> Iterator[Running]:
    """Run the person's collector, and kill it."""
    collector = start_collector(person, env, furnished=False, ports=FREE_PORTS[:6], within_s=300)  # those of every version
    try:
        yield collector
    finally:
        collector.kill()


def fire(person: Person, scenario: str) -> str:
    """Give the events of a captured session to the installed hook; return the session's id."""
    payloads = [json.loads(path.read_text())["payload"] for path in sorted((CAPTURES / scenario / "hooks").iterdir())]
    for payload in payloads:
        subprocess.run([person.data_dir / "hook.sh"], input=json.dumps(payload).encode(), env=person.environment, check=True)
    return str(payloads[0]["session_id"])


def relay(person: Person, collector: Running) -> None:
    """Run the person's relay until it has sent all that the hooks left; a denied call keeps its session's files for a minute."""
    process = person.start("relay", env={"HOOKLINE_RELAY_ENDPOINT": collector.found.otlp_endpoint})
    try:
        wait_for(lambda: not list((person.data_dir / "spool").glob("*.ev")) or process.poll() is not None, 240)
        assert process.poll() is None, process.communicate()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def journaled(person: Person) -> list[Path]:
    """Return the files of what is not known to be in the store."""
    return list((person.data_dir / "journal").rglob("*.binpb"))


def sessions(collector: Running) -> dict[str, int]:
    """Return how many spans the store has of each session."""
    found = collector.query("SELECT SpanAttributes['session.id'] AS id, uniqExact(SpanId) AS spans FROM otel_traces WHERE id != '' GROUP BY id")
    return {row["id"]: int(row["spans"]) for row in found}


@pytest.mark.long
def test_what_the_version_before_left_is_taken_over(person: Person, person_before: Person) -> None:
    """Database, journal after a kill, spool, settings file and hooks: nothing is lost or doubled, and what was installed works and goes."""
    assert person_before.hookline("install", "claude-code").returncode == 0
    with running(person_before) as old:
        version = old.found.version
        stored = fire(person, "tools")
        relay(person_before, old)
        wait_for(lambda: stored in sessions(old) and not journaled(person), 60)  # all of it: several requests told of the session
        known = sessions(old)
        old.stop()
    with running(person_before, HOOKLINE_JOURNAL_SEGMENT_MAX_AGE_S="1000") as old:
        body = requests.traces(3, "shop.web").SerializeToString()
        assert post(old.found.otlp_http, body, headers={"Authorization": f"Bearer {old.client.token}", **PROTOBUF}).code == 200
    assert journaled(person)
    spooled = fire(person, "denied")

    with running(person) as new:
        assert new.found.version != version
        relay(person, new)
        fired = fire(person, "api_error")
        relay(person, new)
        wait_for(lambda: {stored, spooled, fired, "s-1"} <= set(sessions(new)), 60)
        assert {name: sessions(new)[name] for name in known} == known
        assert [int(row["n"]) for row in new.query("SELECT count() AS n FROM otel_traces WHERE ScopeName = 'shop.web'")] == [3]
        told = json.loads(person.hookline("sessions", "--format", "json").stdout)
        assert {stored, spooled, fired} <= set(re.findall(r"[0-9a-f-]{36}", json.dumps(told)))
        assert "traces_days = 0" in person.hookline("config", "--format", "toml").stdout
        assert person.hookline("install", "claude-code").returncode == 0
        assert person.hookline("uninstall", "claude-code").returncode == 0
    assert (person.home / ".claude" / "settings.json").read_text() == OTHERS_HOOKS
