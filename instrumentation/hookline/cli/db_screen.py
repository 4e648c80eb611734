"""Lines of `hookline db top` and `hookline db locks` from what the agent tells: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

View = Mapping[str, Any]

BAR = 24
SHORT = {"idle_in_transaction": "idle txn", "replication": "standby"}
"""Classes whose names are too long for a column."""
COLOURS = {
    "cpu": "green", "io": "blue", "temp": "magenta", "wal": "cyan", "lock": "red", "lwlock": "yellow", "replication": "magenta", "client": "white",
    "idle_in_transaction": "bright_black", "sleep": "bright_black", "other": "white",
}  # fmt: skip
SESSION_COLUMNS = (("pid", 8), ("class", 10), ("wait", 24), ("for", 8), ("user", 12), ("application", 16))


def lasted(seconds: float) -> str:
    """Return a short time: 12 ms, 3.4 s, 5 min, 2 h."""
    if seconds < 1:
        return f"{seconds * 1_000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.0f} h"


def headline(view: View) -> str:
    """Return who is seen, and how fresh that is."""
    cores = f" · {view['cores']} cores" if view.get("cores") else ""
    version = f" {view['version']}" if view.get("version") else ""
    return f"{view['database']}  {view['system']}{version}{cores} · {state(view)}"


def state(view: View) -> str:
    """Return whether the agent sees the database, in words."""
    if view["state"] == "blind":
        return f"blind for {lasted(view['since_s'])}: {view['why']}"
    age = view.get("age_s")
    fresh = f"seen {lasted(age)} ago, every {lasted(view.get('pace_s', 0))}" if age is not None else "not seen yet"
    return fresh if view["state"] == "seeing" else f"{fresh} · not visible: {view['why']}"


def class_lines(view: View) -> list[tuple[str, str]]:
    """Return a bar for each class of waits, sessions on average over five seconds, with its colour."""
    if view["state"] == "blind":
        return []
    found: Mapping[str, float] = view.get("by_class") or {}
    most = max([float(view.get("cores") or 1), *found.values()])
    lines = [(f"  {name:<20}{value:>7.2f}  {'█' * round(BAR * value / most)}", COLOURS.get(name, "white")) for name, value in found.items()]
    if "running" in view:
        lines.append((f"  {'(on a core':<20}{view['running']:>7.2f}, waiting for one {view['queued']:.2f})", "bright_black"))
    return lines or [("  nobody is at work", "bright_black")]


def session_head() -> str:
    """Return the heads of the sessions' columns."""
    return "".join(f"{name.upper():<{width}}" for name, width in SESSION_COLUMNS) + "STATEMENT"


def session_line(session: View, width: int) -> str:
    """Return a session as one line."""
    wait = session["wait"] or ("on a core, or waits for one" if session["class"] == "cpu" else session["state"])
    values = (
        str(session["pid"]),
        SHORT.get(session["class"], session["class"]),
        wait,
        lasted(session["statement_s"]),
        session["user"],
        session["application"],
    )
    cells = "".join(f"{_cut(value, size - 1):<{size}}" for value, (_, size) in zip(values, SESSION_COLUMNS, strict=True))
    return _cut(cells + (session["text"] or session["state"]), width)


def screen(views: Sequence[View], width: int, height: int) -> list[tuple[str, str]]:
    """Return the lines of the whole screen with their colours."""
    lines: list[tuple[str, str]] = []
    for view in views:
        lines.append((headline(view), "bold red" if view["state"] == "blind" else "bold"))
        lines += class_lines(view)
        sessions = [each for each in view.get("sessions") or [] if each["class"] != "sleep"]
        if sessions:
            lines += [("", ""), (session_head(), "bold")]
            lines += [(session_line(each, width), COLOURS.get(each["class"], "")) for each in sessions]
        lines.append(("", ""))
    return [(_cut(text, width), colour) for text, colour in lines[:height]]


def tree_lines(view: View, width: int) -> list[str]:
    """Return who blocks whom, as trees."""
    lines = []
    for tree in view.get("trees") or []:
        root, *waiting = tree
        longest = max((node["waiting_s"] for node in waiting), default=0.0)
        lines.append(_cut(f"{_who(root)} blocks {len(waiting)}, for up to {lasted(longest)}: {_does(root)}", width))
        lines += [_cut(_node_line(node), width) for node in waiting]
        lines.append("")
    return lines or [f"{view['database']}: nobody waits for a lock"]


def _node_line(node: View) -> str:
    what = " ".join(filter(None, (node["mode"], f"on {node['relation']}" if node["relation"] else node["lock"])))
    return f"{'  ' * node['depth']}└ {_who(node)} waits {lasted(node['waiting_s'])} for {what or 'a lock'}: {node.get('text', '')}"


def _who(node: View) -> str:
    named = " ".join(filter(None, (node.get("application", ""), f"({node['user']})" if node.get("user") else "")))
    return f"{node['pid']} {named}".strip() if node["pid"] else "a prepared transaction"


def _does(node: View) -> str:
    state = node.get("state", "")
    if not state:
        return "a session that is not visible"
    if state.startswith("idle in transaction"):
        return f"sits idle in a transaction of {lasted(node['transaction_s'])}; last: {node['text']}"
    return f"{state}, last: {node['text']}" if state == "idle" else node["text"] or state


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
