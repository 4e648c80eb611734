"""From the process's arguments to its exit code.

0 done · 1 it failed, one line on standard error says why · 2 what was given is wrong (an option, a setting, a period, a statement): the same
call will fail again · 130 interrupted · 141 the reader of the output went away. `status` and `doctor` end with 1 when something is wrong.
A traceback is shown only with `--debug` or for a defect of Hookline's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from hookline.cli.group import hookline
from hookline.errors import ConfigInvalid, HooklineError, Rejected
from hookline.system.invocation import as_typed

FAILED = 1
WRONG = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    try:
        return _invoke(arguments)
    except BrokenPipeError:
        return _leave_quietly()
    except KeyboardInterrupt:
        return INTERRUPTED
    except HooklineError as error:
        if "--debug" in arguments:
            raise
        for line in explain(error):
            click.echo(as_typed(line), err=True)
        return WRONG if isinstance(error, ConfigInvalid | Rejected) else FAILED


def explain(error: HooklineError) -> list[str]:
    """Return the lines that tell a person what is wrong; invalid settings take a line each."""
    if isinstance(error, ConfigInvalid):
        return ["hookline: the settings are not valid:", *(f"  {key}: {why}" for key, why in error.problems)]
    return [f"hookline: {error}"]


def _invoke(arguments: Sequence[str]) -> int:
    try:
        code = hookline.main(args=list(arguments), prog_name="hookline", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return INTERRUPTED
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


def _leave_quietly() -> int:
    """Point standard output at nothing, so that the interpreter's last flush does not complain."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    return PIPE_CLOSED
