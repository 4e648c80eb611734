"""`hookline notify`: whether and how you are notified when an agent waits; switches it on and off, and tries it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from hookline.cli.duration import clock, length_s
from hookline.cli.options import GIVEN, load_settings, with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import client_for
from hookline.errors import ConfigInvalid, HooklineError, NotRunning
from hookline.settings import Loaded
from hookline.settings.load import config_path
from hookline.settings.schema import NotifySettings
from hookline.settings.section import Value, with_section
from hookline.system.files import write_private

ABOUT = ("permission", "answer", "prompt")
HOW = ("desktop", "bell", "command")
PATIENCE_S = 60.0
TARGETS = ("target", "target_kind", "receiver", "waiting_messages", "delivered_messages", "dropped_messages", "breaker", "error")
DELIVERIES = (
    "attempted",
    "target",
    "group_key",
    "occasion",
    "alerts_firing",
    "alerts_resolved",
    "attempt",
    "result",
    "status_code",
    "after_breach_s",
    "answer",
)
SHOWN = ("attempted", "target", "about", "occasion", "attempt", "result", "status_code", "after_breach_s", "answer")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_GROUP = re.compile(rf":\{{((?:{_LABEL.pattern}(?:, )?)*)\}}$")


@click.group("notify", invoke_without_command=True)
@with_settings()
@with_format("table", "json")
@click.pass_context
def command(ctx: click.Context, loaded: Loaded, format_: str | None) -> None:
    """Get notified when an agent waits for you: on the desktop, by a bell, or by a command.

    Shows what is set. A running relay takes a change up within seconds; no collector and no alert rule is needed.
    """
    if ctx.invoked_subcommand:
        return
    rules = loaded.settings.notify
    if format_ == "json":
        click.echo(json.dumps({"how": rules.how, "after_s": rules.after_s, "about": rules.about, "command": rules.command}, indent=2))
        return
    for line in told(rules, loaded.origins["notify.how"]):
        click.echo(line)


def told(rules: NotifySettings, origin: str) -> list[str]:
    """Return what is set, as a person reads it."""
    how = [name for name in rules.how if name != "off"]
    if not how:
        return [f"Notices are off ({origin}).", "  hookline notify desktop --after 10s   switches them on"]
    lines = [f"Notices by {' and '.join(how)}, once an agent waits {rules.after_s:g} s for {_listed(rules.about)} ({origin})."]
    if "command" in how:
        lines.append(f"  runs      {' '.join(rules.command) or '(notify.command is empty)'}")
    return [*lines, "  try it    hookline notify test", "  stop it   hookline notify off"]


def _listed(about: tuple[str, ...]) -> str:
    words = {"permission": "a permission", "answer": "an answer", "prompt": "a prompt"}
    return " or ".join(words[one] for one in about) or "nothing"


def with_limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add when and of what one is notified."""
    options = (
        click.option("--after", metavar="TIME", help="How long a wait may last before you are notified, such as 10s or 2m."),
        click.option("--about", metavar="WHAT", help=f"Of which waits, separated by commas: {', '.join(ABOUT)}."),
        click.option("--also", type=click.Choice(HOW), multiple=True, help="One more way beside this one."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@command.command("desktop")
@with_limits
def desktop(after: str | None, about: str | None, also: tuple[str, ...]) -> None:
    """Get notified on the desktop; the notice goes when the wait is over."""
    _write(("desktop", *also), after, about)


@command.command("bell")
@with_limits
def bell(after: str | None, about: str | None, also: tuple[str, ...]) -> None:
    """Get notified by a bell in the terminal of the session that waits."""
    _write(("bell", *also), after, about)


@command.command("command", context_settings={"ignore_unknown_options": True})
@with_limits
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="PROGRAM [ARGUMENT ...]")
def program(words: tuple[str, ...], after: str | None, about: str | None, also: tuple[str, ...]) -> None:
    """Have a program run for each wait, and again when it is over; it gets JSON on its standard input."""
    _write(("command", *also), after, about, {"command": list(words)})


@command.command("off")
def off() -> None:
    """Switch notices off."""
    _write(("off",), None, None)


@command.command("test")
@click.argument("target", required=False)
@with_settings()
def test(target: str | None, loaded: Loaded) -> None:
    """Send a notice now, the way that is set, and take it back after three seconds. With a TARGET of alerts: send a test alert to that one."""
    if target is not None:
        _try_target(target, loaded)
        return
    from hookline.notify.notifier import is_on
    from hookline.notify.outlets import outlets
    from hookline.notify.words import notice
    from hookline.system.programs import Failed

    rules = loaded.settings.notify
    if not is_on(rules):
        raise HooklineError("notices are off: `hookline notify desktop` switches them on")
    sample = notice(_sample())
    problems = []
    for name, outlet in outlets(rules, lambda _: os.getpid()).items():
        try:
            outlet.tell(sample)
            click.echo(f"{name}: sent “{sample.title}”")
            time.sleep(3)
            outlet.resolve(sample)
        except Failed as why:
            problems.append(f"{name}: {why}")
    if problems:
        raise HooklineError("; ".join(problems))


def _try_target(target: str, loaded: Loaded) -> None:
    tried = client_for(loaded.settings).post(f"/api/v1/receivers/{quote(target, safe='')}/test", {}, PATIENCE_S)
    code = f" ({tried['status_code']})" if tried["status_code"] else ""
    said = f": {tried['answer']}" if tried["answer"] else ""
    if not tried["delivered"]:
        raise HooklineError(f"{target} did not take the test alert{code}{said}")
    click.echo(f"test alert delivered to {target} in {tried['duration_s']:.2f} s{code}{said}")


@command.command("targets")
@with_settings()
@with_format("table", "json", "csv")
def targets(loaded: Loaded, format_: str | None) -> None:
    """Show who is notified of alerts, and the state of each target."""
    found = client_for(loaded.settings).get("/api/v1/receivers")
    for problem in found["problems"]:
        click.echo(problem, err=True)
    if not found["targets"] and format_ in (None, "table"):
        click.echo(f"Nobody is notified of alerts: {found['file']} names no target.")
        return
    show(found["targets"], TARGETS, format_, heads=HEADS)


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of the file of receivers and routes, by which editors complete and check it."""
    try:
        from hookline_collector.notification.plan.plan_file import schema_text
    except ImportError:
        raise NotRunning("the file is read by the collector's own code, which is not installed here: install hookline[collector]") from None
    click.echo(schema_text(), nl=False)


@command.command("log")
@click.option("--target", default="", metavar="NAME", help="Only what went to this target.")
@click.option("--limit", default=20, metavar="N", help="How many at most.")
@with_settings()
@with_format("table", "json", "csv")
def deliveries(target: str, limit: int, loaded: Loaded, format_: str | None) -> None:
    """Show the messages about alerts: to whom, when, and with which answer."""
    asked = urlencode({"target": target, "limit": limit})
    rows = client_for(loaded.settings).get(f"/api/v1/deliveries?{asked}")["deliveries"]
    is_table = format_ in (None, "table")
    if not rows and is_table:
        click.echo("No message about an alert was sent yet.")
        return
    if not is_table:
        show(rows, DELIVERIES, format_)
        return
    shown = [row | {"attempted": clock(row["attempted"]), "about": about(row["group_key"])} for row in rows]
    show(shown, SHOWN, format_, elastic=("answer",), heads=HEADS)


def about(group_key: str) -> str:
    """Return which alerts a message was about: the labels of its group, the alert's name by itself."""
    found = _GROUP.search(group_key)
    labels = {name: _ESCAPED.sub(r"\1", value) for name, value in _LABEL.findall(found[1] if found else "")}
    name = labels.pop("alertname", "")
    return ", ".join([*([name] if name else []), *(f"{key}={value}" for key, value in labels.items())]) or "all alerts"


def _sample() -> Any:
    from hookline.agent_event import Place
    from hookline.agents import DEFAULT
    from hookline.fold import OpenWait

    return OpenWait("test", "00000000-test", DEFAULT.name, "permission", time.time_ns(), "Bash", place=Place(project="a test"))


def _write(how: tuple[str, ...], after: str | None, about: str | None, more: dict[str, Value] | None = None) -> None:
    """Write the settings file, and say what counts now."""
    flags, file = click.get_current_context().meta[GIVEN]
    path = Path(file) if file else config_path(os.environ)
    values: dict[str, Value] = {"how": list(dict.fromkeys(how)), **(more or {})}
    if after is not None:
        values["after_s"] = length_s(after, "--after")
    if about is not None:
        values["about"] = _known(about)
    _replace(path, with_section(path.read_text() if path.exists() else "", "notify", values))
    loaded = load_settings({name: value for name, value in flags.items() if not name.startswith("notify.")}, file)
    if loaded.origins["notify.how"] != str(path):
        click.echo(f"Note: {loaded.origins['notify.how']} is set and wins over {path}", err=True)
    for line in told(loaded.settings.notify, loaded.origins["notify.how"]):
        click.echo(line)


def _replace(path: Path, text: str) -> None:
    """Put the text in the file's place, whole, with its mode; through a link."""
    target = path.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    write_private(target, text, mode=mode)


def _known(about: str) -> list[str]:
    words = [word.strip() for word in about.split(",") if word.strip()]
    if unknown := [word for word in words if word not in ABOUT]:
        raise ConfigInvalid([("--about", f"{', '.join(unknown)}: give some of {', '.join(ABOUT)}")])
    return words
