"""Hookline's own status line, for those who have none: one line of at most 80 columns, of what the agent's JSON tells and what lies at hand.

    shop:main · Opus 5 · ctx 43% · 5h 42% ▲12 2h10 · 7d 61% ▼9 2d3h · waited 12m

A window of the limits is how full it is, by how many points that is ahead (▲) of an even pace or behind it (▼), and the time to its reset. Today's
figures come from a file that `today.py` leaves; when it has grown old that is started in the background, and the next line has them. So
nothing here waits for a network or the collector. What is not known is left out, and so is what does not fit, the least needed first.

Install copies this file into the data folder, where `statusline.sh` has it run by `python -I -S`: it imports nothing of Hookline and little of the
standard library. Paths are strings here, because pathlib would double the time that it takes.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # not to import typing
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

make_scanner: Any
try:
    import _json  # what json itself uses; to import that too takes longer than all else here

    make_scanner = _json.make_scanner
except (ImportError, AttributeError):  # another Python
    make_scanner = None

WIDTH: Final = 80
SEPARATOR: Final = " · "
FIVE_HOURS_S: Final = 5 * 3600
WEEK_S: Final = 7 * 24 * 3600
TODAY_NAME: Final = "today.json"
ASKED_NAME: Final = "today.asked"  # its age says when today's figures were asked for
TODAY_LASTS_S: Final = 600
ASK_AGAIN_S: Final = 60
MAX_NAME: Final = 20
MAX_PARENTS: Final = 64
PLAIN, GREEN, YELLOW, RED, CYAN = "", "32", "33", "31", "36"


class _Rules:
    """How JSON is read: as `json.loads` does."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}  # noqa: RUF012 - what the scanner asks for


class StatusPiece:
    """A part of the line. Where there is no room, those of a higher `rank` are left out first."""

    __slots__ = ("colour", "rank", "text")

    def __init__(self, text: str, rank: int, colour: str = PLAIN) -> None:
        self.text = text
        self.rank = rank
        self.colour = colour


def own_line(
    status: Any, now_s: float, today: Any = None, *, width: int = WIDTH, has_colours: bool = False, place: tuple[str, str] = ("", "")
) -> str:
    """Return the line, without its newline; empty if nothing is known. `place` are project and branch, as the folder has them."""
    parts = [part for part in _parts(status, now_s, today, place) if part is not None]
    chosen = _fitting(parts, width)
    return SEPARATOR.join(f"\x1b[{part.colour}m{part.text}\x1b[0m" if has_colours and part.colour else part.text for part in chosen)


def width_of(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415 - seldom needed

    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def place_of(folder: str) -> tuple[str, str]:
    """Return project and branch of a folder by what git left there, without asking git; empty where there is none."""
    if not os.path.isabs(folder):
        return "", ""
    for _ in range(MAX_PARENTS):
        git = os.path.join(folder, ".git")
        if os.path.lexists(git):
            return _place(folder, git)
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return "", ""


def allows_colours(env: Mapping[str, str]) -> bool:
    """Whether the terminal takes colours and nobody asked for none."""
    return not env.get("NO_COLOR") and env.get("TERM", "dumb") != "dumb"


def columns(env: Mapping[str, str]) -> int:
    """Return the width that the line may take: 80 columns, less where the terminal is narrower."""
    found = env.get("COLUMNS", "")
    return min(WIDTH, int(found)) if found.isascii() and found.isdigit() and len(found) < 6 and int(found) > 0 else WIDTH


def render(given: bytes, data_dir: str, env: Mapping[str, str], now_s: float) -> str:
    """Return the line for what the agent gave, with today's figures where they are at hand."""
    try:
        status = parse(given)
    except (ValueError, RecursionError):
        return ""
    folder = _text(status, "workspace", "current_dir") or _text(status, "cwd")
    today = read_today(data_dir, now_s)
    return own_line(status, now_s, today, width=columns(env), has_colours=allows_colours(env), place=place_of(folder))


def parse(given: bytes) -> Any:
    """Return a JSON value; raises ValueError or RecursionError for anything else."""
    text = given.decode("utf-8", "surrogatepass").strip(" \t\n\r")
    if make_scanner is None:
        import json  # noqa: PLC0415

        return json.loads(text)
    try:
        value, end = make_scanner(_Rules)(text, 0)
    except StopIteration:
        raise ValueError("no JSON") from None
    if end != len(text):
        raise ValueError("more than JSON")
    return value


def read_today(data_dir: str, now_s: float) -> Any:
    """Return today's figures if they are of today and not old."""
    try:
        found = parse(_head(os.path.join(data_dir, TODAY_NAME)))
    except (OSError, ValueError, RecursionError):
        return None
    at_s = _number(found, "at_s")
    is_fresh = at_s is not None and abs(now_s - at_s) < TODAY_LASTS_S and time.localtime(at_s)[:3] == time.localtime(now_s)[:3]
    return found if is_fresh else None


def ask_for_today(data_dir: str, python: str, now_s: float) -> None:
    """Start what asks the running collector for today's figures, at most once a minute, and wait for nothing."""
    asked = os.path.join(data_dir, ASKED_NAME)
    if not os.path.exists(os.path.join(data_dir, "collector.json")):
        return
    if os.path.exists(asked) and abs(now_s - os.stat(asked).st_mtime) < ASK_AGAIN_S:
        return
    os.close(os.open(asked, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600))
    os.utime(asked, (now_s, now_s))
    nowhere = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in range(3)]
    command = [python, "-P", "-m", "hookline.operate.today", data_dir]
    try:
        os.posix_spawn(python, command, os.environ, file_actions=nowhere, setsid=True)
    except NotImplementedError:  # no setsid here
        os.posix_spawn(python, command, os.environ, file_actions=nowhere, setpgroup=0)


def _parts(status: Any, now_s: float, today: Any, place: tuple[str, str]) -> list[StatusPiece | None]:
    return [
        _place_part(status, place),
        _part(_short(_clean(_text(status, "model", "display_name"))), 4),
        _context(status),
        _tokens(status),
        _cost(status),
        _window("5h", status, "five_hour", FIVE_HOURS_S, now_s, 0),
        _window("7d", status, "seven_day", WEEK_S, now_s, 2),
        _spent("worked", today, "worked_s", 7),
        _spent("waited", today, "waited_s", 5),
    ]


def _fitting(parts: list[StatusPiece], width: int) -> list[StatusPiece]:
    """Return the parts that fit, in their order."""
    kept: list[StatusPiece] = []
    room = width + len(SEPARATOR)
    for part in sorted(parts, key=lambda part: part.rank):
        needed = width_of(part.text) + len(SEPARATOR)
        if needed <= room:
            kept.append(part)
            room -= needed
    return [part for part in parts if part in kept]


def _place_part(status: Any, place: tuple[str, str]) -> StatusPiece | None:
    folder = _text(status, "workspace", "project_dir") or _text(status, "workspace", "current_dir") or _text(status, "cwd")
    project = _text(status, "workspace", "repo", "name") or place[0] or os.path.basename(folder.rstrip("/"))
    named = [text for text in (_short(_clean(project)), _short(_clean(place[1]))) if text]
    return _part(":".join(named), 3, CYAN)


def _context(status: Any) -> StatusPiece | None:
    used = _percent(status, "context_window", "used_percentage")
    return None if used is None else StatusPiece(f"ctx {int(used)}%", 1, _alarm(used, 70, 90))


def _tokens(status: Any) -> StatusPiece | None:
    """How much lies in the context, as the client counts it."""
    total = _number(status, "context_window", "total_input_tokens")
    return StatusPiece(f"{_counted(total)} tokens", 8) if total and total >= 1 else None


def _cost(status: Any) -> StatusPiece | None:
    dollars = _number(status, "cost", "total_cost_usd")
    return StatusPiece(f"${dollars:,.2f}", 6) if dollars and dollars >= 0.005 else None


def _window(label: str, status: Any, name: str, lasts_s: int, now_s: float, rank: int) -> StatusPiece | None:
    """Return one window of the limits. One that has been reset since says nothing any more."""
    used = _percent(status, "rate_limits", name, "used_percentage")
    resets_s = _number(status, "rate_limits", name, "resets_at")
    if used is None or (resets_s is not None and resets_s <= now_s):
        return None
    text = f"{label} {int(used)}%"
    if resets_s is None or resets_s - now_s > lasts_s:  # the clock here and there do not agree: no pace
        return StatusPiece(text, rank, _alarm(used, 75, 90))
    gone = 100 * (1 - (resets_s - now_s) / lasts_s)
    ahead = round(used - gone)
    pace = f" ▲{ahead}" if ahead > 0 else f" ▼{-ahead}" if ahead < 0 else ""
    colour = RED if used >= 90 else YELLOW if ahead > 0 else GREEN
    return StatusPiece(f"{text}{pace} {span(resets_s - now_s)}", rank, colour)


def _spent(label: str, today: Any, name: str, rank: int) -> StatusPiece | None:
    seconds = _number(today, name)
    return StatusPiece(f"{label} {span(seconds)}", rank) if seconds and seconds >= 60 else None


def span(seconds: float) -> str:
    """Return a length of time shortly: 45m, 2h10, 2d3h."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes}m" if minutes else "<1m"
    hours = minutes // 60
    return f"{hours}h{minutes % 60:02d}" if hours < 24 else f"{hours // 24}d{hours % 24}h"


def _alarm(used: float, warn: float, alarm: float) -> str:
    return RED if used >= alarm else YELLOW if used >= warn else GREEN


def _counted(number: float) -> str:
    if number < 1000:
        return str(int(number))
    return f"{number / 1000:.0f}k" if number < 999_500 else f"{number / 1e6:.1f}M"


def _part(text: str, rank: int, colour: str = PLAIN) -> StatusPiece | None:
    return StatusPiece(text, rank, colour) if text else None


def _clean(text: str) -> str:
    """Return a text that can do nothing to a terminal."""
    return "".join(char for char in text[:1000] if char.isprintable()).strip()


def _short(text: str) -> str:
    if width_of(text) <= MAX_NAME:
        return text
    kept = text[: MAX_NAME - 1]
    while width_of(kept) > MAX_NAME - 1:
        kept = kept[:-1]
    return kept + "…"


def look_up(tree: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of keys; None where nothing does."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _text(tree: Any, *path: str) -> str:
    found = look_up(tree, path)
    return found if isinstance(found, str) else ""


def _number(tree: Any, *path: str) -> float | None:
    """Return a number that can be reckoned with."""
    found = look_up(tree, path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if 0 <= found < 1e12 else None


def _percent(tree: Any, *path: str) -> float | None:
    found = _number(tree, *path)
    return found if found is None or found < 1000 else None


def _place(root: str, git: str) -> tuple[str, str]:
    """Return the place of a checkout; a worktree is one of the project that it is of."""
    project = os.path.basename(root)
    try:
        if not os.path.isdir(git):
            git = os.path.join(root, os.fsdecode(_head(git)).partition("gitdir:")[2].strip())
            project = os.path.basename(git.partition("/.git/worktrees/")[0]) if "/.git/worktrees/" in git else project
        head = os.fsdecode(_head(os.path.join(git, "HEAD"))).strip()
    except (OSError, ValueError):
        return project, ""
    return project, head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else head[:7]


def _head(path: str) -> bytes:
    """Return a file's first bytes, and never wait for a file that is none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def show(given: bytes, data_dir: str, env: Mapping[str, str]) -> None:
    """Write the line for what the agent gave. Whatever goes wrong, nothing is shown and nothing fails."""
    try:
        now_s = time.time()
        text = render(given, data_dir, env, now_s)
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n" if text else b"")
        sys.stdout.buffer.flush()
        if data_dir:
            ask_for_today(data_dir, sys.executable, now_s)
    except Exception:  # noqa: S110 - the agent would show it in the line's place
        pass


def main(data_dir: str) -> None:
    """Show the line for what stands on standard input."""
    show(sys.stdin.buffer.read(), data_dir, os.environ)
