"""The events of Claude Code that Hookline registers, with the field their matcher reads and the version that brought them.

Left out on purpose: WorktreeCreate (a hook there replaces git's own worktree creation) and MessageDisplay (fires for every
displayed chunk of text). FileChanged takes literal file names as its matcher, so none is written. Older clients refuse the whole
settings file for one event that they do not know ("Files with errors are skipped entirely"): so only those are registered that
the installed version has. Where the changelog is silent about an event, a version that is known to have it stands.
"""

from dataclasses import dataclass

from hookline.install.hook_groups import HookEvent

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, whether its matcher can be `*`, and since when it is there."""

    name: str
    takes_matcher: bool
    since: Version

    @property
    def hook(self) -> HookEvent:
        """What is registered of it. The time-out also lifts the client's budget of 1.5 s for all hooks at SessionEnd."""
        return HookEvent(self.name, "*" if self.takes_matcher else "")


EVENTS: tuple[Event, ...] = (
    Event("SessionStart", True, (1, 0, 62)),
    Event("Setup", True, (2, 1, 10)),
    Event("InstructionsLoaded", True, (2, 1, 69)),
    Event("UserPromptSubmit", False, (1, 0, 54)),
    Event("UserPromptExpansion", True, (2, 1, 152)),
    Event("PreToolUse", True, (1, 0, 38)),
    Event("PermissionRequest", True, (2, 0, 45)),
    Event("PermissionDenied", True, (2, 1, 89)),
    Event("PostToolUse", True, (1, 0, 38)),
    Event("PostToolUseFailure", True, (2, 1, 10)),
    Event("PostToolBatch", False, (2, 1, 152)),
    Event("Notification", True, (1, 0, 38)),
    Event("SubagentStart", True, (2, 0, 43)),
    Event("SubagentStop", True, (1, 0, 41)),
    Event("TaskCreated", False, (2, 1, 84)),
    Event("TaskCompleted", False, (2, 1, 33)),
    Event("Stop", False, (1, 0, 38)),
    Event("StopFailure", True, (2, 1, 78)),
    Event("TeammateIdle", False, (2, 1, 33)),
    Event("ConfigChange", True, (2, 1, 49)),
    Event("CwdChanged", False, (2, 1, 83)),
    Event("DirectoryAdded", True, (2, 1, 219)),
    Event("FileChanged", False, (2, 1, 83)),
    Event("WorktreeRemove", False, (2, 1, 50)),
    Event("PreCompact", True, (1, 0, 48)),
    Event("PostCompact", True, (2, 1, 76)),
    Event("Elicitation", True, (2, 1, 76)),
    Event("ElicitationResult", True, (2, 1, 76)),
    Event("SessionEnd", True, (1, 0, 85)),
)


def events_of(version: Version | None) -> tuple[Event, ...]:
    """Return the events that a version of the client has; all of them if the version is not known."""
    return tuple(event for event in EVENTS if version is None or event.since <= version)
