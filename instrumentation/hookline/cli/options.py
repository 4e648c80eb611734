"""Options that several commands share, and the settings they lead to.

`@with_settings("collector.http", ...)` gives a command `--data-dir`, `--config`, `--debug`, `--set` and a flag for each
setting named (`--http`), and hands the effective settings on as `loaded`. `@with_format` gives it `--format`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from hookline.errors import ConfigInvalid
from hookline.settings import Loaded, load, rows
from hookline.system.invocation import as_typed

CommandFunction = Callable[..., Any]
GIVEN = "hookline.given"
ADDRESSES = ("collector.otlp_grpc", "collector.otlp_http", "collector.http", "collector.clickhouse")


def with_settings(*keys: str) -> Callable[[CommandFunction], CommandFunction]:
    """Add the shared options and a flag for each of `keys`; the command is called with `loaded`."""
    meanings = {row.key: row.meaning for row in rows()}

    def decorate(command: CommandFunction) -> CommandFunction:
        @functools.wraps(command)
        def wrapper(*args: Any, data_dir: str | None, config_file: str | None, debug: bool, assignments: tuple[str, ...], **rest: Any) -> Any:
            flags = {key: rest.pop(_parameter(key)) for key in keys}
            outer: Mapping[str, Any] = click.get_current_context().obj or {}
            flags |= _assigned(assignments) | {"data_dir": data_dir or outer.get("data_dir")}
            file = config_file or outer.get("config_file")
            click.get_current_context().meta[GIVEN] = (flags, file)
            return command(*args, loaded=load_settings(flags, file), **rest)

        for key in reversed(keys):
            wrapper = click.option(_flag(key), _parameter(key), metavar=_metavar(key), help=meanings[key])(wrapper)
        return _shared(wrapper)

    return decorate


def with_format(*formats: str) -> Callable[[CommandFunction], CommandFunction]:
    """Add `--format` with the given choices; None when it was not given."""
    return click.option("--format", "format_", type=click.Choice(formats), help="Form of the output; a table when not given.")


def load_settings(flags: Mapping[str, Any], config_file: str | None) -> Loaded:
    """Load the settings; a settings file named by hand must exist."""
    env = dict(os.environ)
    if config_file:
        if not Path(config_file).is_file():
            raise ConfigInvalid([("--config", f"the file {config_file} does not exist")])
        env["HOOKLINE_CONFIG"] = config_file
    return load(flags, env)


def child_environment() -> dict[str, str]:
    """Return the environment in which a child process finds the settings that this command was given.

    Flags become variables rather than arguments, because everyone on the machine can read arguments.
    """
    flags, file = click.get_current_context().meta[GIVEN]
    given = {row.variable: str(flags[row.key]) for row in rows() if flags.get(row.key) is not None}
    if file:
        given["HOOKLINE_CONFIG"] = str(Path(file).absolute())
    return {**os.environ, **given}


def _shared(command: CommandFunction) -> CommandFunction:
    options = (
        click.option("--data-dir", metavar="FOLDER", help="Folder of everything that lasts."),
        click.option("--config", "config_file", metavar="FILE", help="The settings file."),
        click.option("--set", "assignments", metavar="KEY=VALUE", multiple=True, help="Any setting, such as store.url=http://db:8123."),
        click.option("--debug", is_flag=True, help="Show where in the code an error came from."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _assigned(assignments: tuple[str, ...]) -> dict[str, str]:
    known = {row.key for row in rows()}
    values = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or key not in known:
            raise click.UsageError(as_typed(f"--set {assignment!r}: give it as key=value; `hookline config` lists the keys"))
        values[key] = value
    return values


def _flag(key: str) -> str:
    return "--" + key.rpartition(".")[2].replace("_", "-")


def _parameter(key: str) -> str:
    return "setting_" + key.replace(".", "_")


def _metavar(key: str) -> str:
    return "HOST:PORT" if key in ADDRESSES else "VALUE"
