"""Putting the hook into an agent's settings, and taking it out again.

    change = install_claude_code(settings, scope="user", native_telemetry=False, dry_run=True)
    print(change.diff())            # what would change
    change.remarks                  # what the person should know
    uninstall_claude_code(settings, scope="user")

Both are safe to run again. Install adds one handler for every event of `events`, keeps every other byte of the file, follows
a linked settings file, leaves a backup beside it and copies the scripts into the data folder. Uninstall takes out what install
put in: where nothing else changed since, the file is byte for byte what it was, or gone if it was not there. Both raise
ConfigInvalid, with file and line, for a file that is not JSON or not of the documented form, and then change nothing;
Refused when someone else writes the file at the same moment.
"""

from hookline.agents.claude_code.installer import Change, Scope, install_claude_code, settings_path, uninstall_claude_code
from hookline.install.scripts import are_scripts_current, install_scripts, status_line_path

__all__ = [
    "Change",
    "Scope",
    "are_scripts_current",
    "install_claude_code",
    "install_scripts",
    "settings_path",
    "status_line_path",
    "uninstall_claude_code",
]
