"""What the commands stand on: the lock of a folder, restarts, the zone of days, texts of a report, a light install."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click
import pytest

from hookline.cli.duration import duration, short
from hookline.cli.parts import command_to_add
from hookline.cli.report import seconds
from hookline.collector_client import Client
from hookline.errors import AlreadyRunning, NotRunning
from hookline.operate.up import LOG_MAX_BYTES, relay_variables, trim_log
from hookline.system import locks, runtime
from hookline.system.runtime import Runtime
from hookline.system.supervisor import RESTARTS, Child
from hookline.system.timezone import machine_zone
from support.person import Person

HERE = Runtime(1, "0", 0.0, "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3")
WITHOUT_COLLECTOR = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("chdb", "clickhouse_connect", "starlette", "uvicorn", "orjson", "httptools", "zstandard"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


@pytest.fixture
def light_install(tmp_path: Path) -> dict[str, str]:
    """Give an environment in which the packages of the extra `collector` are missing."""
    (tmp_path / "light").mkdir()
    (tmp_path / "light" / "sitecustomize.py").write_text(WITHOUT_COLLECTOR)
    return {"PYTHONPATH": str(tmp_path / "light")}


@pytest.mark.parametrize("name", ["up", "collector"])
def test_a_light_install_is_told_what_to_install(person: Person, light_install: dict[str, str], name: str) -> None:
    """One line with the command to type, no traceback."""
    done = person.hookline(name, env=light_install)
    assert done.returncode == 1
    assert done.stderr.startswith("hookline: this command needs the collector")
    assert re.search(r"-m pip install '?hookline\[collector\]", done.stderr)


@pytest.mark.parametrize(
    ("mark", "command"),
    [("", f"{sys.executable} -m pip install"), ("uv-receipt.toml", "uv tool install --force"), ("pipx_metadata.json", "pipx install --force")],
)
def test_the_collector_is_added_by_what_installed_hookline(tmp_path: Path, mark: str, command: str) -> None:
    """An environment of uv or pipx has no pip of its own, and a wheel of one's own is on no index."""
    (tmp_path / (mark or "pyvenv.cfg")).touch()
    assert command_to_add(tmp_path, "") == f"{command} 'hookline[collector]'"
    assert command_to_add(tmp_path, "file:///dist/h.whl") == f"{command} 'hookline[collector] @ file:///dist/h.whl'"


EVERY_OTHER = [("status",), ("doctor", "--patience", "0"), ("install", "claude-code", "--dry-run"), ("config",), ("report",)]


@pytest.mark.parametrize("arguments", [EVERY_OTHER[0], *(pytest.param(each, marks=pytest.mark.long) for each in EVERY_OTHER[1:])])
def test_a_light_install_has_every_other_command(person: Person, light_install: dict[str, str], arguments: tuple[str, ...]) -> None:
    """They work, or say that nothing runs; none needs a package of the collector."""
    done = person.hookline(*arguments, env=light_install)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "No module" not in done.stderr + done.stdout


def test_one_holder_a_lock_and_the_second_learns_who(tmp_path: Path) -> None:
    """The message names the process and the folder; when the block ends the lock is free."""
    path = tmp_path / "data" / "part.lock"
    assert locks.holder(path) is None
    with locks.hold(path, "part"):
        assert locks.holder(path) == os.getpid()
        with pytest.raises(AlreadyRunning, match=rf"{path.parent} as process {os.getpid()}"), locks.hold(path, "part"):
            pass
    assert locks.holder(path) is None


def test_pauses_before_restarts_double_up_to_a_bound() -> None:
    """A part that cannot start is not started in a busy loop, and is tried for ever."""
    assert [RESTARTS.pause(n + 1) for n in (0, 1, 2, 5, 6, 10_000)] == [0.5, 1.0, 2.0, 16.0, 30.0, 30.0]


def test_a_child_that_dies_is_started_again_after_its_pause_and_not_before() -> None:
    """The clock is an argument: ended, waiting, started, all at told moments."""
    child = Child("part", [sys.executable, "-c", "pass"], lambda: os.environ)
    child.start(now=100.0)
    assert child.process is not None
    child.process.wait(20)
    assert child.check(100.5) == "part: ended with exit code 0; starting again in 1 s"
    assert child.check(101.4) == ""
    assert child.process is None
    assert child.check(101.6).startswith("part: started again as process ")
    assert child.restarts == 1
    child.stop(20)


def test_a_long_life_forgives_earlier_deaths() -> None:
    """After a minute of life the pause is the shortest again."""
    child = Child("part", [sys.executable, "-c", "pass"], lambda: os.environ)
    for now in (0.0, 100.0):
        child.start(now)
        assert child.process is not None
        child.process.wait(20)
        said = child.check(now + (1 if now == 0 else 61))
    assert said.endswith("starting again in 0.5 s")


def test_a_runtime_file_that_something_else_wrote_is_as_good_as_none(tmp_path: Path) -> None:
    """Cut off, of another version, or missing: whoever reads it asks elsewhere."""
    path = tmp_path / "collector.json"
    for text in ("", "{", "[]", '{"pid": 1}', '{"pid": 1, "colour": "red"}'):
        path.write_text(text)
        assert runtime.read(path) is None
    runtime.write(path, HERE)
    assert runtime.read(path) == HERE
    assert path.stat().st_mode & 0o777 == 0o600
    runtime.remove(path)
    assert path.exists(), "a file of another process stays"


def test_a_server_bound_to_everything_is_reached_over_loopback() -> None:
    """Nobody can connect to 0.0.0.0 by name."""
    assert runtime.reachable("0.0.0.0:4317") == "127.0.0.1:4317"
    assert runtime.reachable("[::]:4317") == "[::1]:4317"
    assert runtime.reachable("10.0.0.1:4317") == "10.0.0.1:4317"


def test_the_relay_is_told_endpoint_and_token_of_its_collector(tmp_path: Path) -> None:
    """With a token or TLS on the collector, `hookline up` still works without a word about the relay."""
    from hookline.settings import load

    home = {"HOME": str(tmp_path)}
    found = relay_variables(load({"collector.otlp_token": "s3cret"}, home), HERE)
    spoken = {"HOOKLINE_RELAY_ENDPOINT": "http://127.0.0.1:2", "HOOKLINE_RELAY_PROTOCOL": "http/protobuf"}
    assert found == spoken | {"HOOKLINE_RELAY_HEADERS": "authorization=Bearer s3cret"}
    assert relay_variables(load({"relay.protocol": "grpc"}, home), HERE) == {"HOOKLINE_RELAY_ENDPOINT": "http://127.0.0.1:1"}


def test_no_collector_is_said_with_its_address_and_what_to_do() -> None:
    """A command that needs a collector does not show a stack of sockets."""
    with pytest.raises(NotRunning, match=r"no collector answers at http://127\.0\.0\.1:9 .*hookline up"):
        Client("http://127.0.0.1:9", "").get("/api/v1/status", timeout_s=2)


def test_the_machines_zone_is_found_where_systems_keep_it(tmp_path: Path) -> None:
    """TZ, then the link, then the file, then UTC; what is no zone is passed over."""
    name_file = tmp_path / "timezone"
    nowhere = tmp_path / "nothing"
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert machine_zone({"TZ": ":Asia/Tokyo"}, link, nowhere) == "Asia/Tokyo"
    assert machine_zone({"TZ": "Mars/Base"}, link, nowhere) == "Europe/Berlin"
    name_file.write_text("America/New_York\n")
    assert machine_zone({}, nowhere, name_file) == "America/New_York"
    assert machine_zone({}, nowhere, nowhere) == "UTC"


def test_a_log_past_its_limit_is_emptied_and_its_last_state_kept(tmp_path: Path) -> None:
    """Writers append, so they go on at the start of the emptied file."""
    log = tmp_path / "hookline.log"
    with log.open("ab") as writer:
        writer.write(b"x" * (LOG_MAX_BYTES + 1))
        writer.flush()
        trim_log(log)
        writer.write(b"next")
    assert log.read_bytes() == b"next"
    assert (tmp_path / "hookline.log.1").stat().st_size == LOG_MAX_BYTES + 1


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("300s", 300), ("5m", 300), ("10m", 600), ("1h", 3600), ("0s", 0)])
def test_gaps_are_read_with_their_unit(text: str, expected: int) -> None:
    """`--idle 10m` as people write it."""
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "-5m", "1.5h", "ten", "10d"])
def test_a_gap_that_cannot_be_read_is_said(text: str) -> None:
    """With an example of one that can; it is wrong use, with the exit code of that."""
    with pytest.raises(click.BadParameter, match="such as 90s, 10m or 1h") as told:
        seconds(text)
    assert told.value.exit_code == 2


def test_a_gap_without_a_unit_is_asked_about() -> None:
    """`--idle 5` was five seconds, where everybody meant minutes."""
    with pytest.raises(click.BadParameter, match="5m for minutes or 5s for seconds"):
        seconds("5")


def test_lengths_of_time_read_well() -> None:
    """Two units at most; milliseconds for what is short; no 60 seconds."""
    assert [duration(s) for s in (0, 42, 59.6, 3599.6, 7500)] == ["0 s", "42 s", "1 m 00 s", "1 h 00 m", "2 h 05 m"]
    assert [short(s) for s in (None, 0.0, 0.0124, 0.9999, 1.424, 75)] == ["-", "0 ms", "12 ms", "1.00 s", "1.42 s", "1 m 15 s"]
