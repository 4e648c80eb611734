"""The command line: `hookline`.

`group` holds the table of the commands; each command stands in a module of its own that is imported when it is
called, so `hookline --help` imports click and nothing else. `entry` turns errors into one line and an exit code.
"""

from hookline.cli.entry import main

__all__ = ["main"]
