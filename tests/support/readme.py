"""The output and the picture in README.md, made by the real commands: `make readme`, or `python -m support.readme [--picture]` in `tests/`.

A day is played to a collector and a relay of their own: the recorded sessions of the real client, one after the other. They were recorded with a
scripted model and nobody at the keyboard, so `Pace` gives model and person the time that they take in life; calls, failures and refusals are those
of the recording. The day has a fixed date and the live view a fixed moment, so the same texts come out each time; a test compares them with README.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from rich.console import Console

from hookline.cli.live import table
from hookline.collector_client import Client, client_for
from hookline.settings import Settings
from support.person import Person, new_person
from support.relaying.captures import Captured, captured, write
from support.running import FREE_PORTS, start_collector, wait_for
from support.shown_days import NATIVE_SCOPE, curves, shown_days, tell, tell_metrics
from support.template import furnish

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
IMAGES = ROOT / "docs" / "images"
DAY = datetime(2026, 3, 10, tzinfo=UTC)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Dubai",
)
WIDTH = 80
FENCE = re.compile(r"(?<=<!-- output of )(\w+)( -->\n\n```text\n)(.*?)(?=```\n)", re.DOTALL)
CALL_ID = re.compile(r"toolu_[0-9a-f]{24}")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
KEPT = {f"HOOKLINE_RETENTION_{name}_DAYS": "0" for name in ("TRACES", "LOGS", "METRICS", "DERIVED")}


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times longer than in the recording the model thinks, a call runs, and a person takes to answer."""

    thinks: float = 300
    runs: float = 12
    answers: float = 3500


@dataclass(frozen=True, slots=True)
class Played:
    """One recording: at which minute of the day it begins, and in which project; `until` cuts it off after so many events."""

    at_min: float
    capture: str
    project: str
    pace: Pace = Pace()
    until: int | None = None


A_DAY = tuple(
    Played(60 * int(clock[:2]) + int(clock[3:]), capture, project)
    for clock, capture, project in (
        ("08:52", "tools", "shop"),
        ("08:59", "subagent", "shop"),
        ("09:05", "denied", "shop"),
        ("09:08", "resume", "shop"),
        ("09:10", "parallel_agents", "billing"),
        ("09:17", "tools", "billing"),
        ("09:24", "background", "shop"),
        ("09:33", "stop_hook", "shop"),
        ("09:37", "tools", "shop"),
        ("09:43", "resume", "shop"),
        ("09:52", "subagent", "shop"),
        ("10:40", "subagent", "billing"),
        ("10:46", "api_error", "billing"),
        ("10:49", "resume", "billing"),
        ("10:58", "denied", "billing"),
        ("11:01", "tools", "billing"),
        ("11:07", "parallel_agents", "billing"),
        ("11:16", "tools", "billing"),
        ("13:12", "parallel_agents", "website"),
        ("13:14", "tools", "shop"),
        ("13:20", "background", "website"),
        ("13:29", "subagent", "shop"),
        ("13:30", "tools", "website"),
        ("13:36", "resume", "website"),
        ("13:44", "denied", "website"),
        ("13:47", "stop_hook", "website"),
        ("13:52", "background", "website"),
    )
)
"""What is played on the day; its minutes are those since midnight."""

NOW = (
    Played(-5.2, "denied", "shop", Pace(thinks=1200), until=4),
    Played(-2.6, "tools", "billing", until=8),
    Played(-8.0, "background", "website", until=12),
    Played(-6.0, "tools", "shop", until=17),
)
"""What goes on when somebody looks: one waits for a permission, one for the next prompt, one runs tools, one has subagents in the background."""


def events(played: Played, midnight: datetime, home: Path) -> list[Captured]:
    """Return the events of a recording at its place and pace, as another session of a project in `home`."""
    recorded = captured(played.capture)
    warp = _warp(recorded, played.pace)
    begin_ns = int((midnight + timedelta(minutes=played.at_min)).timestamp()) * 10**9
    return [_placed(event, played, begin_ns, home, warp) for event in recorded[: played.until]]


@dataclass(frozen=True, slots=True)
class Warp:
    """A recording's time as the day's: between two moments of the recording it runs at one speed."""

    moments: tuple[int, ...]
    speeds: tuple[float, ...]

    def __call__(self, at_ns: int) -> int:
        """Return when something happens that happened at `at_ns` of the recording."""
        spans = zip(self.moments, self.moments[1:], self.speeds, strict=False)
        return round(sum((min(at_ns, end) - begin) * speed for begin, end, speed in spans if begin < at_ns))


def _warp(recorded: Sequence[Captured], pace: Pace) -> Warp:
    """Return the day's time: as fast as a call runs while one does, as a person answers while one is asked, else as a model thinks."""
    moments: list[int] = [0]
    speeds: list[float] = []
    running: set[str] = set()
    is_asked = False
    for event in sorted(recorded, key=lambda event: event.after_ns):
        speeds.append(pace.answers if is_asked else pace.runs if running else pace.thinks)
        moments.append(event.after_ns)
        payload = json.loads(event.payload)
        name, call = payload["hook_event_name"], payload.get("tool_use_id", "")
        is_asked = name == "PermissionRequest"
        if name == "PreToolUse" and payload["tool_name"] != "Agent":
            running.add(call)
        elif name == "PostToolBatch":
            running -= {each["tool_use_id"] for each in payload["tool_calls"]}
        else:
            running.discard(call)
    return Warp(tuple(moments), tuple(speeds))


def _placed(event: Captured, played: Played, begin_ns: int, home: Path, warp: Warp) -> Captured:
    payload = json.loads(event.payload)
    session = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{event.session_id} {begin_ns if played.at_min > 0 else ''} {played.project}"))
    if taken_ms := payload.get("duration_ms"):
        payload["duration_ms"] = (warp(event.after_ns) - warp(event.after_ns - taken_ms * 10**6)) // 10**6
    text = json.dumps(payload).replace(event.session_id, session).replace("/srv/shop", str(home / played.project))
    text = CALL_ID.sub(lambda found: f"toolu_{uuid.uuid5(uuid.NAMESPACE_OID, session + found[0]).hex[:24]}", text)
    return Captured(begin_ns + warp(event.after_ns), session, text.encode())


def play(person: Person, played: Iterable[Played], midnight: datetime) -> None:
    """Write the events of recordings into the person's spool, as the hook would have."""
    for number, each in enumerate(played):
        for place, event in enumerate(events(each, midnight, person.home)):
            write(person.data_dir / "spool", f"{midnight:%d%H%M%S}-{number}-{place}", event.payload, event.after_ns, " host=laptop entrypoint=cli")


@contextmanager
def running(home: Path, env: Mapping[str, str]) -> Iterator[Person]:
    """Give a person for whom everything runs, with hooks installed."""
    plain = new_person(home)
    person = Person(plain.home, plain.environment | KEPT | {"TZ": "UTC", "COLUMNS": str(WIDTH), "USER": "ana", "LOGNAME": "ana", **env})
    for project in {each.project for each in A_DAY}:
        _make_repository(person, person.home / project)
    furnish(person.data_dir)
    _checked(person.hookline("install", "claude-code"))
    _checked(person.hookline("up", "--detach", *FREE_PORTS))
    try:
        yield person
    finally:
        person.hookline("down")


def _make_repository(person: Person, folder: Path) -> None:
    """Make a repository with one commit, which has the same hash each time."""
    at: dict[str, str] = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ana"), ("EMAIL", "ana@example.com"), ("DATE", DAY.isoformat()))
    }
    for arguments in (
        ("init", "--quiet", "--initial-branch=main", str(folder)),
        ("-C", str(folder), "commit", "--quiet", "--allow-empty", "-m", "Begin"),
    ):
        subprocess.run(["git", *arguments], env=person.environment | at, check=True)


def texts() -> dict[str, str]:
    """Return each output that README shows, by its name."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), {}) as person:
        now = datetime.now(UTC).replace(microsecond=0)
        play(person, A_DAY, DAY)
        play(person, NOW, now)
        client = client_for(Settings(data_dir=person.data_dir))
        _await_all(client)
        return {"report": report(person), "live": live(_live(client), now), "statusline": status_line(person)}


def report(person: Person) -> str:
    """Return what `hookline report` says of the day."""
    return _checked(person.hookline("report", f"{DAY:%Y-%m-%d}"))


def live(sessions: list[dict[str, Any]], now: datetime) -> str:
    """Return what `hookline live` draws at a moment; the clock in its title is always the same one."""
    console = Console(file=StringIO(), width=WIDTH, color_system=None)
    console.print(table(sessions, now, WIDTH))
    assert isinstance(console.file, StringIO)
    return _trimmed(re.sub(r"^\d\d:\d\d:\d\d", "15:42:07", console.file.getvalue()))


def status_line(person: Person) -> str:
    """Return what the status line looks like in a repository."""
    command = [sys.executable, "-m", "hookline", "statusline", "--preview"]
    done = subprocess.run(command, env=person.environment, cwd=person.home / "shop", capture_output=True, text=True, check=True)
    return _trimmed(COLOUR.sub("", done.stdout))


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a page: its name, its path, and what stands on it once it is drawn."""

    name: str
    path: str
    drawn: str


SHOTS = (
    Shot("today", "/", ".band-frame"),
    Shot("work", "/work", ".block-strips i"),
    Shot("session", "/sessions/shop-afternoon", ".span-row"),
    Shot("latency", "/latency", "#main canvas"),
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_BYTES = 600_000
"""What all pictures together may weigh: whoever clones the repository has them."""
AS_WEBP = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', 0.86).split(',')[1];
}"""


def pictures(folder: Path) -> None:
    """Take the pictures of the pages, of weeks that are made up (`shown_days`), on a day that has come as far as late afternoon."""
    zone = next(name for name in ZONES if 14 <= datetime.now(ZoneInfo(name)).hour < 20)
    with tempfile.TemporaryDirectory() as place:
        running = start_collector(new_person(Path(place)), {"HOOKLINE_WORK_TIMEZONE": zone})
        try:
            now_ns = time.time_ns()
            told = list(shown_days(now_ns))
            tell(f"http://{running.found.otlp_http}", told)
            tell_metrics(f"http://{running.found.otlp_http}", curves(now_ns))
            native = sum(each.scope == NATIVE_SCOPE for each in told)
            stored = f"SELECT count() AS n FROM otel_logs WHERE ScopeName = '{NATIVE_SCOPE}'"
            wait_for(lambda: running.query(stored)[0]["n"] >= native, 120)
            folder.mkdir(exist_ok=True)
            _photograph(f"{running.found.url}/?token={running.client.token}", zone, folder)
        finally:
            running.stop()
    weight = sum(path.stat().st_size for path in folder.glob("*.webp"))
    assert weight <= MOST_BYTES, f"the pictures weigh {weight} bytes, more than {MOST_BYTES}"


def _photograph(link: str, zone: str, folder: Path) -> None:
    """Take each picture in both themes: `today.webp`, `today-dark.webp`. The browser itself makes them small."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        drawer = browser.new_page()
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": 1280, "height": 860}, timezone_id=zone, locale="en-GB", color_scheme=scheme)
            page.goto(link)
            for shot in SHOTS:
                page.goto(urljoin(link, shot.path))
                page.wait_for_selector(shot.drawn, state="attached", timeout=60_000)
                page.wait_for_timeout(4_000)  # what is beside and below the first thing drawn
                small = drawer.evaluate(AS_WEBP, base64.b64encode(page.screenshot()).decode())
                (folder / f"{shot.name}{'' if scheme == 'light' else f'-{scheme}'}.webp").write_bytes(base64.b64decode(small))
            page.close()
        browser.close()


def _await_all(client: Client) -> None:
    """Wait until everything that can be told of what was played is stored."""
    calls = sum(b'"PreToolUse"' in event.payload for played in A_DAY for event in events(played, DAY, Path("/")))
    counts = [0, 0, 0]

    def is_calm() -> bool:
        time.sleep(1)
        counts.append(client.post("/api/v1/query?format=json", {"sql": "SELECT count() AS n FROM otel_traces"})[0]["n"])
        return calls < counts[-3] == counts[-1] and len(_live(client)) == len(NOW)

    wait_for(is_calm, 60)


def _live(client: Client) -> list[dict[str, Any]]:
    return list(client.get("/api/v1/live")["sessions"])


def _checked(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args}: {done.stdout}{done.stderr}"
    return done.stdout


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().lstrip("\n").splitlines()) + "\n"


def shown(readme: str) -> dict[str, str]:
    """Return each output that stands in README, by its name, without the line that shows the command."""
    return {name: text.partition("\n")[2] for name, _, text in FENCE.findall(readme)}


def written_anew(readme: str, told: Mapping[str, str]) -> str:
    """Return README with the outputs as they are now; the line that shows the command stays."""
    return FENCE.sub(lambda found: found[1] + found[2] + found[3].partition("\n")[0] + "\n" + told[found[1]], readme)


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text(), texts()))
    if "--picture" in sys.argv:
        pictures(IMAGES)
