"""The hook script under every shell that may be /bin/sh: it keeps the event, prints nothing and exits 0, whatever happens."""

import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from hookline.agent_event import ChildrenTime
from hookline.agents.children_time import children_time
from hookline.agents.claude_code.scripts import install_scripts
from hookline.settings import Settings
from hookline.settings.schema import SpoolSettings
from hookline.spool import SpoolEvent, SpoolReader, prepare
from hookline.spool.folder import spool_id
from hookline.spool.lost import count_lost, take_lost
from support.cases import by_portions
from support.soaking import share

PAYLOAD = b'{"session_id":"s1","hook_event_name":"Stop","text":"\xc3\xa9\\n\\u0000"}\n'
COMMANDS = {"bash --posix": ["bash", "--posix"], "busybox": ["busybox", "sh"], "dash": ["dash"], "sh": ["sh"]}
OTHERS = {os.path.realpath(found) for name in ("bash", "busybox", "dash") if (found := shutil.which(name))}
SHELLS = {name: command for name, command in COMMANDS.items() if name != "sh" or os.path.realpath(shutil.which("sh") or "") not in OTHERS}
"""Shells that may be /bin/sh; `sh` is mostly one of the others."""
is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="needs root to mount or to make a namespace")


@pytest.fixture(params=by_portions(sorted(SHELLS, key=("dash", "busybox", "bash --posix", "sh").index), in_long=3), name="shell")
def each_shell(request: pytest.FixtureRequest) -> list[str]:
    """One shell after the other, as the start of a command."""
    command = SHELLS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    return command


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder with the hook and its spool, under a name with odd characters."""
    return make_data(tmp_path / 'it\'s a "$data" föld*er')


def make_data(folder: Path, limits: SpoolSettings | None = None) -> Settings:
    made = Settings(data_dir=folder, spool=limits or SpoolSettings())
    prepare(made)
    install_scripts(made)
    return made


def run(command: list[str], payload: bytes = PAYLOAD, env: dict[str, str] | None = None) -> None:
    """Run a hook and demand what every hook promises: exit code 0, no output, all input read."""
    done = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    assert done.stdin is not None
    done.stdin.write(payload)  # raises BrokenPipeError if the hook does not read it all
    output, errors = done.communicate(timeout=30)
    assert (done.returncode, output, errors) == (0, b"", b"")


def events(settings: Settings) -> list[SpoolEvent]:
    return SpoolReader(settings.spool_dir, settle_s=0).take(time.time_ns(), max_events=100_000, max_bytes=10**9)


def dropped(settings: Settings) -> int:
    return SpoolReader.of(settings).depth().dropped


def test_an_event_is_kept_byte_for_byte_with_its_environment(shell: list[str], settings: Settings) -> None:
    """The payload is what the agent gave, the first line says who fired it, the file's time is the event's time."""
    before = time.time_ns() - 20_000_000  # file clocks tick in steps
    run([*shell, str(settings.hook_path)], env={"CLAUDE_PID": "4711", "HOSTNAME": "box.example", "CLAUDE_CODE_ENTRYPOINT": "sdk-cli"})
    [event] = events(settings)
    assert event.payload == PAYLOAD
    ppid = str(os.getpid())
    told = {key: value for key, value in event.env.items() if key != "children"}
    assert told == {"agent": "claude-code", "claude_pid": "4711", "ppid": ppid, "host": "box.example", "entrypoint": "sdk-cli"}
    assert before <= event.time_ns <= time.time_ns()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
@pytest.mark.parametrize("wrapper", ["", '"$@"; :', """sh -c '"$@"; :' sh "$@"; :"""])
def test_it_tells_what_the_agents_ended_children_used(shell: list[str], settings: Settings, wrapper: str) -> None:
    """As the kernel counts it, to a tick; of the agent, also where shells stand between."""
    hook = [*shell, str(settings.hook_path), "agent=toy"]
    command = ["sh", "-c", wrapper, "sh", *hook] if wrapper else hook
    busy = ["sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done"]
    found: list[tuple[SpoolEvent, ChildrenTime]] = []
    for _ in range(2):
        subprocess.run(busy, check=True)
        least = _children_ms()
        run(command)
        most = _children_ms()
        [event] = [event for event in events(settings) if event.name not in {each.name for each, _ in found}]
        told = children_time(event.env)
        assert told is not None
        assert told.process.startswith(f"{os.getpid()}.")
        assert least - 20 <= told.cpu_ms <= most
        found.append((event, told))
    assert found[1][1].process == found[0][1].process
    assert found[1][1].cpu_ms > found[0][1].cpu_ms


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_an_agent_may_have_any_name(shell: list[str], settings: Settings) -> None:
    """Parentheses, spaces and marks of patterns in it move none of the kernel's figures."""
    name = Path(f"/proc/self/task/{os.getpid()}/comm")
    before = name.read_text().rstrip("\n")
    name.write_text("a) S 1 (* [b]")
    try:
        run([*shell, str(settings.hook_path), "agent=toy"])
        began = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    finally:
        name.write_text(before)
    [event] = events(settings)
    assert event.env["children"].startswith(f"{os.getpid()}.{began}.")


def test_an_event_of_an_agent_that_is_gone_is_kept(shell: list[str], settings: Settings) -> None:
    """It ends between the look at its process and the reading of it: only its figures are missing."""
    script = settings.hook_path.read_text().replace("kernels=$stat", "kernels=/proc/0/stat")
    assert script.count("/proc/0/stat") == 1
    settings.hook_path.write_text(script)
    run([*shell, str(settings.hook_path), "agent=toy"])
    [event] = events(settings)
    assert (event.payload.rstrip(), event.env["agent"], "children" in event.env) == (PAYLOAD.rstrip(), "toy", False)


def _children_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def test_an_agent_of_another_s_environment_is_itself(shell: list[str], settings: Settings) -> None:
    """An agent that was started by Claude Code has that one's process id in its environment."""
    run([*shell, str(settings.hook_path), "agent=toy"], env={"CLAUDE_PID": "1"})
    [event] = events(settings)
    assert event.env.get("children", f"{os.getpid()}.").startswith(f"{os.getpid()}.")


def test_the_environment_line_takes_no_value_that_would_break_it(shell: list[str], settings: Settings) -> None:
    """A value with other characters than a number or a name has is left out, never written half."""
    run(
        [*shell, str(settings.hook_path), "kind=statusline", "evil=a b\nc"],
        env={"CLAUDE_PID": "1 x=y", "HOSTNAME": "a b%", "CLAUDE_CODE_ENTRYPOINT": "cli;"},
    )
    [event] = events(settings)
    told = {key: value for key, value in event.env.items() if key != "children"}
    assert told == {"agent": "claude-code", "ppid": str(os.getpid()), "kind": "statusline"}


def test_files_and_folder_are_private(shell: list[str], settings: Settings) -> None:
    """0600 and 0700, whatever the umask of the agent; also when the hook makes the folder itself."""
    shutil.rmtree(settings.spool_dir)
    run(["sh", "-c", f'umask 0; exec {" ".join(shell)} "$0"', str(settings.hook_path)])
    [event] = events(settings)
    assert stat.S_IMODE(event.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.spool_dir.stat().st_mode) == 0o700


def test_no_variable_is_needed(shell: list[str], settings: Settings) -> None:
    """An empty environment: no HOME, no PATH."""
    run([shutil.which(shell[0]) or "", *shell[1:], str(settings.hook_path)], env={})
    assert [event.payload for event in events(settings)] == [PAYLOAD]


def test_the_script_runs_by_itself(settings: Settings) -> None:
    """It is executable and names its interpreter."""
    run([str(settings.hook_path)])
    assert [event.payload for event in events(settings)] == [PAYLOAD]


def test_a_payload_of_20_mb_is_kept_whole(shell: list[str], settings: Settings) -> None:
    """Large tool outputs are no reason to lose an event."""
    payload = b'{"text":"' + os.urandom(10_000_000).hex().encode() + b'"}'
    run([*shell, str(settings.hook_path)], payload)
    assert [event.payload for event in events(settings)] == [payload]


def test_without_standard_input_nothing_is_kept(shell: list[str], settings: Settings) -> None:
    """A closed standard input makes no event and no half-written file."""
    run(["sh", "-c", f'exec {" ".join(shell)} "$0" <&-', str(settings.hook_path)], b"")
    assert events(settings) == []
    assert not [*settings.spool_dir.glob(".*"), *settings.spool_dir.glob("*.ev")]


def test_an_empty_payload_is_no_event(shell: list[str], settings: Settings) -> None:
    """What has no payload is set aside by the reader, not handed on."""
    run([*shell, str(settings.hook_path)], b"")
    reader = SpoolReader(settings.spool_dir, settle_s=0)
    assert reader.take(time.time_ns()) == []
    assert reader.depth().bad == 1


def test_a_spool_that_is_no_folder_is_given_up_silently(shell: list[str], settings: Settings) -> None:
    """The agent never learns of it."""
    shutil.rmtree(settings.spool_dir)
    settings.spool_dir.write_text("in the way")
    run([*shell, str(settings.hook_path)], PAYLOAD * 10_000)
    assert settings.spool_dir.read_text() == "in the way"


def test_a_hook_that_is_a_link_makes_no_folder_elsewhere(shell: list[str], settings: Settings, tmp_path: Path) -> None:
    """Only the data folder gets a spool."""
    link = tmp_path / "bin" / "hook.sh"
    link.parent.mkdir()
    link.symlink_to(settings.hook_path)
    run([*shell, str(link)])
    assert list(link.parent.iterdir()) == [link]


def test_an_unwritable_spool_is_given_up_silently(shell: list[str]) -> None:
    """Run as a user who may not write there."""
    base = Path(tempfile.mkdtemp())
    try:
        made = make_data(base / "data")
        for folder in (base, base / "data", made.spool_dir):
            folder.chmod(0o555)
        made.hook_path.chmod(0o555)
        user = 65534 if is_root else None
        command = [*shell, str(made.hook_path)]
        done = subprocess.run(command, input=PAYLOAD * 10_000, capture_output=True, user=user, timeout=30, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert events(made) == []
    finally:
        for folder in (base, base / "data", base / "data" / "spool"):
            folder.chmod(0o700)
        shutil.rmtree(base)


def test_a_file_size_limit_does_not_kill_the_hook(shell: list[str], settings: Settings) -> None:
    """With room for no file at all, and for a part of the payload."""
    for blocks in (0, 1):
        run(["sh", "-c", f'ulimit -f {blocks}; exec {" ".join(shell)} "$0"', str(settings.hook_path)], PAYLOAD * 1000)
    assert not [*settings.spool_dir.glob(".*"), *settings.spool_dir.glob("*.ev")]


@needs_root
def test_a_full_disk_drops_the_event_and_leaves_nothing_half_written(shell: list[str], settings: Settings) -> None:
    """On a file system of 64 KB: the first event fits, the large one is dropped and counted, the next small one fits again."""
    script = f"""
        mount -t tmpfs -o size=64k none "$0/spool" || exit 77
        shell='{" ".join(shell)}'
        printf small | $shell "$0/hook.sh" && head -c 1000000 /dev/zero | $shell "$0/hook.sh" && printf small | $shell "$0/hook.sh" || exit 1
        ls -A "$0/spool"; cat "$0/spool/dropped"
    """
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, str(settings.data_dir)], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode == 77:
        pytest.skip(f"cannot mount: {done.stderr}")
    assert (done.returncode, done.stderr) == (0, "")
    *kept, drops = done.stdout.split()
    assert [name.endswith(".ev") for name in kept] == [True, True, False]
    assert drops == "."


@pytest.mark.soak
def test_hooks_that_run_at_once_keep_every_event(settings: Settings) -> None:
    """500, or 100 in the sample: none overwrites another, none fails."""
    count = share(100, 500, 500)
    payloads = {f'{{"n":{number}}}'.encode() for number in range(count)}
    running = []
    for payload in payloads:
        hook = subprocess.Popen([settings.hook_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert hook.stdin is not None
        hook.stdin.write(payload)
        running.append(hook)
    assert [(hook.communicate(timeout=60)[0], hook.returncode) for hook in running] == [(b"", 0)] * count
    assert {event.payload for event in events(settings)} == payloads


def test_a_process_id_that_comes_round_again_overwrites_nothing(shell: list[str], settings: Settings) -> None:
    """The relay is away: an event of the same process id lies there, and a half-written one of a killed hook."""
    script = f'printf old >"$1/$$-0.ev"; printf torn >"$1/.$$-1"; printf older >"$1/$$-2.ev"; exec {" ".join(shell)} "$0"'
    run(["sh", "-c", script, str(settings.hook_path), str(settings.spool_dir)])
    content = {re.sub(r"\d+-", "-", path.name, count=1): path.read_bytes() for path in settings.spool_dir.glob("*-*")}
    assert content.pop("-3.ev").endswith(PAYLOAD)
    assert content == {"-0.ev": b"old", "-2.ev": b"older", ".-1": b"torn"}


@needs_root
def test_hooks_of_two_containers_with_one_process_id_keep_both_events(settings: Settings) -> None:
    """Forty hooks at once, each process 1 of a namespace of its own, in one spool."""
    command = ["unshare", "-pf", str(settings.hook_path)]
    if subprocess.run(["unshare", "-pf", "true"], capture_output=True, check=False).returncode:
        pytest.skip("cannot make a namespace for process ids")
    payloads = {f'{{"n":{number}}}'.encode() for number in range(40)}
    running = []
    for payload in payloads:
        hook = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert hook.stdin is not None
        hook.stdin.write(payload)
        hook.stdin.flush()
        running.append(hook)
    for hook in running:
        hook.communicate(timeout=60)
    found = events(settings)
    assert {event.payload for event in found} == payloads
    assert all(event.name.startswith("1-") for event in found)


def test_past_the_limits_events_are_dropped_and_counted(shell: list[str], tmp_path: Path) -> None:
    """The agent's input is read all the same, so that its write does not break."""
    full = make_data(tmp_path / "data", SpoolSettings(max_bytes=1))  # full in the eyes of a hook that looks for itself, too
    (full.spool_dir / "full").touch()
    for _ in range(3):
        run([*shell, str(full.hook_path)], PAYLOAD * 10_000)
    assert dropped(full) == 3
    assert not list(full.spool_dir.glob("*.ev"))


@pytest.mark.parametrize(
    "limits",
    [pytest.param(SpoolSettings(max_files=20), id="files"), pytest.param(SpoolSettings(max_bytes=20_000), id="bytes", marks=pytest.mark.long)],
)
def test_the_spool_stays_bounded_while_the_relay_is_away(shell: list[str], tmp_path: Path, limits: SpoolSettings) -> None:
    """About every sixteenth hook looks for itself: past the limit the flag is raised, and lowered when there is room again."""
    made = make_data(tmp_path / "data", limits)
    flag = made.spool_dir / "full"
    hook = [*shell, str(made.hook_path)]
    until(flag.exists, lambda: run(hook, b"x" * 1000))
    kept = len(list(made.spool_dir.glob("*.ev")))
    assert kept >= 15
    run(hook)
    assert len(list(made.spool_dir.glob("*.ev"))) == kept
    for event in made.spool_dir.glob("*.ev"):
        event.unlink()
    until(lambda: not flag.exists(), lambda: run(hook))


def until(is_so: Callable[[], bool], step: Callable[[], None]) -> None:
    """Repeat a step until something is so; a thousand steps must do."""
    for _ in range(1000):
        if is_so():
            return
        step()
    raise AssertionError("not within a thousand steps")


@pytest.fixture
def stuck_survey(settings: Settings) -> Iterator[Path]:
    """Limits that nobody can read: whoever looks at them waits."""
    pipe = settings.spool_dir / "limits"
    pipe.unlink()
    os.mkfifo(pipe)
    yield pipe
    with suppress(OSError):  # nobody waits any longer
        while True:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


def test_the_agent_never_waits_for_the_look_at_the_limits(shell: list[str], settings: Settings, stuck_survey: Path) -> None:
    """Also when that look takes for ever, the hook ends and its output is closed at once."""
    until(lambda: is_waited_for(stuck_survey), lambda: run([*shell, str(settings.hook_path)]))


def is_waited_for(pipe: Path) -> bool:
    """Answer whether a hook of this data folder still runs, after the agent has got its answer."""
    commands = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    return any(str(pipe.parent.parent / "hook.sh") in command for command in commands)


def test_a_killed_hook_leaves_no_event(settings: Settings) -> None:
    """An event appears whole or not at all; what is left is swept when it is old."""
    hook = subprocess.Popen(["sh", str(settings.hook_path)], stdin=subprocess.PIPE, start_new_session=True)
    assert hook.stdin is not None
    hook.stdin.write(b'{"half":')
    hook.stdin.flush()
    deadline = time.monotonic() + 10
    while not list(settings.spool_dir.glob(".*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(hook.pid, 9)
    hook.communicate()
    reader = SpoolReader(settings.spool_dir, settle_s=0)
    assert reader.take(time.time_ns()) == []
    assert reader.sweep(time.time_ns()) == 0
    assert reader.sweep(time.time_ns() + 3601 * 10**9) == 1
    assert not list(settings.spool_dir.glob(".*"))


@pytest.mark.parametrize("ending", [b"\n", b""], ids=["a line", "no line"])
@pytest.mark.parametrize("junk", ["x y", "-1 -1", "0 0", "", "1000000 many", "\0\xff", "1e9 1e9", "; rm -rf /"])
def test_junk_in_the_limits_drops_nothing(shell: list[str], settings: Settings, junk: str, ending: bytes) -> None:
    """The defaults count then, whether it is a whole line or not: a survey never raises the flag over a few events."""
    (settings.spool_dir / "limits").write_bytes(junk.encode("latin-1") + ending)
    script = settings.hook_path.read_text().replace("is_turn_in 16 || exit 0", "true").replace("  survey &\n", "  survey\n")
    assert script.count("  survey\n") == 1
    settings.hook_path.write_text(script)
    for _ in range(3):
        run([*shell, str(settings.hook_path)])
    assert not (settings.spool_dir / "full").exists()
    assert len(events(settings)) == 3


def test_a_hook_of_an_older_version_reads_the_limits(shell: list[str], settings: Settings) -> None:
    """It took all that follows the first word of the first line for how many files there may be; anything but a number raised the flag."""
    older = 'read -r max_bytes max_files <"$0" && printf "%s, %s" "$max_bytes" "$max_files"'
    done = subprocess.run([*shell, "-c", older, str(settings.spool_dir / "limits")], capture_output=True, text=True, check=True)
    assert done.stdout == f"{settings.spool.max_bytes}, {settings.spool.max_files}"


@needs_root
def test_what_cannot_be_written_leaves_a_trace_in_another_file_system(shell: list[str], settings: Settings, tmp_path: Path) -> None:
    """Not even `dropped` takes a byte: the relay counts the traces, and moves them into `dropped` when there is room again."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    script = f"""
        mount -t tmpfs -o size=16k,nr_inodes=4 none "$0/spool" || exit 77
        printf '268435456 100000\\n{spool_id(settings.spool_dir)}\\n' >"$0/spool/limits"
        head -c 1000000 /dev/zero >"$0/spool/fill" 2>/dev/null
        for n in 1 2 3; do printf '%s' '{{"a":1}}' | {" ".join(shell)} "$0/hook.sh" || exit 1; done
        ls -A "$0/spool"
    """
    command = ["unshare", "-m", "sh", "-c", script, str(settings.data_dir)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    if done.returncode == 77:
        pytest.skip(f"cannot mount: {done.stderr}")
    assert (done.returncode, done.stderr) == (0, "")
    lost = count_lost(settings.spool_dir, environment)
    assert lost + done.stdout.count(".ev") + dropped_there(done.stdout) >= 3
    assert lost >= 1
    [place] = runtime.iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert take_lost(settings.spool_dir, environment) == lost
    assert (dropped(settings), count_lost(settings.spool_dir, environment)) == (lost, 0)


def dropped_there(listing: str) -> int:
    return listing.split().count("dropped")


def test_a_trace_is_not_left_through_a_link_nor_in_a_strangers_folder(shell: list[str], settings: Settings, tmp_path: Path) -> None:
    """The next place is taken."""
    shutil.rmtree(settings.spool_dir)
    settings.spool_dir.write_text("in the way")
    target, runtime, other = tmp_path / "target", tmp_path / "run", tmp_path / "tmp"
    for folder in (target, runtime, other):
        folder.mkdir(mode=0o700)
    (runtime / f"hookline-{os.getuid()}").symlink_to(target)
    hook = settings.hook_path
    hook.write_text(hook.read_text().replace("/dev/shm", str(other)))
    settings.spool_dir.unlink()
    settings.spool_dir.mkdir()
    (settings.spool_dir / "dropped").mkdir()
    (settings.spool_dir / "full").touch()
    (settings.spool_dir / "limits").write_text("1 1\n")  # full in the eyes of a hook that looks for itself, too
    for _ in range(2):
        run([*shell, str(hook)], env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)})
    assert not list(target.iterdir())
    assert [path.read_bytes() for path in other.glob("hookline-*/unknown.lost")] == [b".."]


def test_the_traces_are_bounded(shell: list[str], settings: Settings, tmp_path: Path) -> None:
    """64 KiB."""
    place = tmp_path / "run" / f"hookline-{os.getuid()}"
    place.mkdir(mode=0o700, parents=True)
    trace = place / f"{spool_id(settings.spool_dir)}.lost"
    trace.write_bytes(b"." * 65_536)
    (settings.spool_dir / "dropped").mkdir()
    (settings.spool_dir / "full").touch()
    run([*shell, str(settings.hook_path)], env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")})
    assert trace.stat().st_size == 65_536


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (PAYLOAD, {"session_id": "s1"}),
        (b'{"session_id":"s1","a":{"b":[1,"x', {"session_id": "s1", "a": {"b": [1, "x"]}}),
        (b'{"session_id":"s1","a":', {"session_id": "s1", "a": None}),
    ],
    ids=["whole", "in a text", "behind a key"],
)
def test_a_hook_whose_input_never_closes_keeps_what_came(shell: list[str], settings: Settings, payload: bytes, expected: dict[str, object]) -> None:
    """The agent kills it: the relay makes an event of what lies there, marked as incomplete, at the time at which it came."""
    hook = subprocess.Popen([*shell, str(settings.hook_path)], stdin=subprocess.PIPE, start_new_session=True)
    assert hook.stdin is not None
    hook.stdin.write(payload)
    hook.stdin.flush()
    deadline = time.monotonic() + 30
    while not any(payload in part.read_bytes() for part in settings.spool_dir.glob(".*-*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    reader, now_ns = SpoolReader(settings.spool_dir, settle_s=0), time.time_ns()
    assert reader.adopt(now_ns + 60 * 10**9) == 0  # its process lives
    os.killpg(hook.pid, 9)
    hook.communicate()
    assert reader.adopt(now_ns) == 0  # too young
    assert reader.adopt(now_ns + 60 * 10**9) == 1
    [event] = reader.take(now_ns + 60 * 10**9)
    assert event.env["incomplete"] == "1"
    assert event.env["ppid"] == str(os.getpid())
    assert abs(event.time_ns - now_ns) < 30 * 10**9
    assert expected.items() <= json.loads(event.payload).items()
    assert not list(settings.spool_dir.glob(".*"))


def test_what_a_hook_of_another_host_left_is_adopted_when_it_is_old(settings: Settings) -> None:
    """Its process id means nothing here; nothing that is there is overwritten."""
    part = settings.spool_dir / ".1-0"
    part.write_bytes(b"hookline/1 agent=claude-code host=elsewhere\n{}")
    (settings.spool_dir / "1-0.ev").write_bytes(b"hookline/1 agent=claude-code\n{}")
    reader, now_ns = SpoolReader(settings.spool_dir, settle_s=0), time.time_ns()
    assert reader.adopt(now_ns + 60 * 10**9, "here") == 0
    assert reader.adopt(now_ns + 301 * 10**9, "here") == 1
    assert len(events(settings)) == 2
