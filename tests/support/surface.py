"""What others build on, as text: the API's description, the tables, the collector's metrics, the commands' help, the spans of all captures.

Each of these is a promise. The texts stand in `tests/fixtures/surface/`; `python -m support.surface` in `tests/` writes them anew: the
difference is what a change means to whoever uses Hookline.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import CliRunner

from hookline.cli.group import COMMANDS, hookline
from hookline.version import VERSION
from support.person import new_person
from support.replay import FIXTURES, read_capture, replay_capture, spans_of, tell
from support.running import Running, start_collector
from support.stores import open_store

FOLDER = Path(__file__).parents[1] / "fixtures" / "surface"


def tables() -> str:
    """Return the statement that makes each table and view, by name."""
    store = open_store("embedded")
    try:
        names = [name for (name,) in store.query("SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name")]
        made = [str(next(iter(store.query(f"SHOW CREATE TABLE `{name}`")))[0]) for name in names]
        return "\n\n".join(made).replace(f"{store.database}.", "") + "\n"
    finally:
        store.command(f"DROP DATABASE IF EXISTS `{store.database}` SYNC")
        store.close()


def helps() -> str:
    """Return what `--help` of each command says."""
    runner = CliRunner(env={"COLUMNS": "120"})
    return "\n".join(f"$ hookline {name} --help\n{runner.invoke(hookline, [name, '--help'], prog_name='hookline').output}" for name in COMMANDS)


def helps_alone() -> str:
    """Return the same from a process of its own: a command remembers the names of its help option from the first time that it was called."""
    words = [sys.executable, "-c", "from support.surface import helps; print(helps(), end='')"]
    return subprocess.run(words, cwd=FOLDER.parents[1], capture_output=True, text=True, check=True).stdout


def spans() -> str:
    """Return the spans of every capture of the real client, a line each."""
    return "\n".join(line for folder in sorted(FIXTURES.iterdir()) if (folder / "hooks").is_dir() for line in _spans_of(folder.name)) + "\n"


def _spans_of(capture: str) -> Iterator[str]:
    yield f"# {capture}"
    yield from tell(spans_of(replay_capture(capture)), min(event.time_ns for event in read_capture(capture)))


def description(collector: Running) -> str:
    """Return the OpenAPI description."""
    found = json.dumps(collector.client.get("/api/v1/openapi.json"), indent=1, sort_keys=True)
    port = collector.found.http.rpartition(":")[2]
    return found.replace(f'"{VERSION}"', '"VERSION"').replace(f"hookline_{port}", "hookline_PORT") + "\n"


def metrics(collector: Running) -> str:
    """Return the metrics of the collector that stand there from the start: name, type, meaning."""
    text = collector.client.ask("GET", "/metrics", None).decode()
    return "".join(sorted(set(re.findall(r"^# (?:HELP|TYPE) .*\n", text, re.MULTILINE))))


OF_A_COLLECTOR: dict[str, Callable[[Running], str]] = {"openapi.json": description, "metrics.txt": metrics}
ALONE: dict[str, Callable[[], str]] = {"tables.sql": tables, "help.txt": helps_alone, "spans.txt": spans}


def write() -> None:
    """Write the texts as they are now."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in ALONE.items():
        (FOLDER / name).write_text(text())
    with tempfile.TemporaryDirectory() as home:
        running = start_collector(new_person(Path(home)))
        try:
            for name, told in OF_A_COLLECTOR.items():
                (FOLDER / name).write_text(told(running))
        finally:
            running.stop()


if __name__ == "__main__":
    write()
