"""Putting the hook into an agent's settings, and taking it out again.

    installer = AGENTS["NAME"].installer()
    change = installer.install(settings, "user", native_telemetry=False, status_line=False, dry_run=True)
    print(change.diff())            # what would change
    change.remarks                  # what the person should know
    installer.uninstall(settings, "user", dry_run=False)

Both are safe to run again. Install adds one handler for every event that the agent tells of, keeps every other byte of the file,
follows a linked settings file, leaves a backup beside it and copies the scripts into the data folder. Uninstall takes out what
install put in: where nothing else changed since, the file is byte for byte what it was, or gone if it was not there. Both raise
ConfigInvalid, with file and line, for a file that is not of the documented form, and then change nothing; Refused when someone
else writes the file at the same moment.

Here stands what installing is made of, whoever the agent is: files, documents, notes and scripts. Where an agent's settings lie and
what goes into them stands in the agent's folder.
"""

from hookline.install.change import Change, Scope

__all__ = ["Change", "Scope"]
