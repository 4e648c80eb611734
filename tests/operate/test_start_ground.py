"""A start on a disk or in a folder that does not do: one sentence that says what, where and what to do, and the exit code that fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from support.person import Person, command
from support.running import FREE_PORTS, Running, wait_for
from support.small_disk import SmallDisk, small_disk
from support.soaking import share

pytestmark = pytest.mark.long

STARTS = [("collector",), ("up", "-d"), ("up",)][: share(2, 3, 3)]
WRONG, FAILED = 2, 1
SPAN_NS = 1_700_000_000 * 10**9


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a disk of 64 MB."""
    with small_disk(tmp_path / "disk", 64) as mounted:
        yield mounted


def start(person: Person, what: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """Try a start without any right to pass over what folders allow; return the exit code and what was said, in one line."""
    powerless = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if sys.platform == "linux" and os.geteuid() == 0 else []
    line = [*powerless, *command((*what, "--data-dir", str(folder), *FREE_PORTS))]
    done = subprocess.run(line, capture_output=True, text=True, env=person.environment, timeout=60, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("what", STARTS)
def test_a_data_folder_that_is_a_file_is_named(person: Person, tmp_path: Path, what: tuple[str, ...]) -> None:
    """The file itself, and a folder below it."""
    file = tmp_path / "file"
    file.write_text("x")
    for folder in (file, file / "below"):
        code, said = start(person, what, folder)
        assert code == WRONG
        assert said.endswith(f"data_dir: {file} is a file, not a folder: choose a folder with --data-dir")
        assert "Traceback" not in said


@pytest.mark.parametrize("what", STARTS)
def test_a_folder_that_may_not_be_used_is_named(person: Person, tmp_path: Path, what: tuple[str, ...]) -> None:
    """Unreadable, unwritable, somebody else's."""
    for mode in (0o000, 0o500):
        folder = tmp_path / f"{mode:o}"
        folder.mkdir(mode)
        code, said = start(person, what, folder)
        assert (code, said.partition("data_dir: ")[2]) == (
            WRONG,
            f"its owner may not use {folder} (mode {mode:04o}): chmod u+rwx it, or choose another folder with --data-dir",
        )
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir(0o700)
        os.chown(theirs, 65534, 65534)
        code, said = start(person, what, theirs)
        assert (code, "belongs to" in said, said.endswith("may not use it: choose a folder of your own with --data-dir")) == (WRONG, True, True)


@pytest.mark.parametrize("what", STARTS)
def test_a_disk_that_is_read_only_is_named(person: Person, disk: SmallDisk, what: tuple[str, ...]) -> None:
    """With the folder there, and with the folder still to be made."""
    (disk.path / "there").mkdir(0o700)
    subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)
    for folder in (disk.path / "there", disk.path / "new"):
        way_out = "mount it for writing, or choose another folder with --data-dir"
        assert start(person, what, folder) == (FAILED, f"hookline: the disk under {folder} is read-only: {way_out}")


@pytest.mark.parametrize("what", STARTS)
def test_a_first_start_on_a_full_disk_says_so(person: Person, disk: SmallDisk, what: tuple[str, ...]) -> None:
    """No half database is left that would not open later."""
    folder = disk.path / "there"
    folder.mkdir(0o700)
    disk.fill(but=0)
    code, said = start(person, what, folder)
    assert code == FAILED
    assert said.endswith(f"hookline: the disk under {folder} is full: free at least 4 MiB there, or choose another folder with --data-dir")
    assert "Traceback" not in said


def request_of_a_span() -> bytes:
    """One span."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"1" * 16, span_id=b"1" * 8, name="x")
    span.start_time_unix_nano = span.end_time_unix_nano = SPAN_NS
    return request.SerializeToString()


@pytest.mark.parametrize("end", share(["kill"], ["stop", "kill"], ["stop", "kill"]))
def test_a_collector_starts_on_a_full_disk_and_answers_questions(
    person: Person, disk: SmallDisk, collectors: Callable[..., Running], end: str
) -> None:
    """With a database of before: it says that the disk is full, answers from what is stored, and tells senders to come again."""
    here = {"HOOKLINE_STORE_BALLAST_BYTES": "0", "HOOKLINE_COLLECTOR_SELF_METRICS_S": "0"}
    person.data_dir.parent.mkdir(parents=True)
    person.data_dir.symlink_to(disk.path, target_is_directory=True)
    first = collectors(**here)
    first.query("SELECT 1")
    if end == "stop":
        first.stop()
    else:
        first.kill()
    disk.fill(but=0)
    running = collectors(**here)
    assert running.query("SELECT count() AS n FROM otel_traces") == [{"n": 0}]
    wait_for(lambda: not running.client.get("/api/v1/status")["ready"])
    assert "full" in json.dumps(running.client.get("/api/v1/status")["parts"])
    with pytest.raises(urllib.error.HTTPError, match="503") as unready:
        urllib.request.urlopen(f"{running.found.url}/readyz", timeout=20)
    with unready.value as answer:
        assert b"disk: full" in answer.read()
    disk.fill(but=0)  # what the start tidied up
    request = urllib.request.Request(f"http://{running.found.otlp_http}/v1/traces", request_of_a_span(), {"Content-Type": "application/x-protobuf"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    with refused.value as answer:
        assert (answer.code, bool(answer.headers["Retry-After"])) == (503, True)


def test_another_users_collector_is_not_mistaken_for_ours(person: Person, collector: Running, tmp_path: Path) -> None:
    """What answers at the address but does not know our token is said to be somebody else's; nobody is asked for a token."""
    for words in (("status",), ("sessions",), ("query", "SELECT 1")):
        done = person.hookline(*words, env={"HOOKLINE_DATA_DIR": str(tmp_path / "mine"), "HOOKLINE_COLLECTOR_HTTP": collector.found.http})
        said = done.stdout + done.stderr
        assert done.returncode == FAILED
        assert "it belongs to another user or to another --data-dir" in said
        assert "give the token" not in said
