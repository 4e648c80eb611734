"""The errors of Hookline, one short tree, shared by both halves.

    HooklineError
    ├── ConfigInvalid      a setting is wrong: every problem with its key
    ├── AlreadyRunning     another instance holds the data folder or the port
    ├── NotRunning         a command needs a running part that does not answer
    ├── Refused            not now: try again after `retry_after_s`
    ├── Rejected           never: the input is bad, sending it again will not help
    │   └── TooLarge       the input is past a limit
    └── Corrupt            stored bytes are damaged, and where

A message is for the person who must act: what, where, what to do.
"""


class HooklineError(Exception):
    """Base of every error that Hookline raises on purpose."""


class ConfigInvalid(HooklineError):
    """One or more settings are wrong. `problems` holds `(key, why)` pairs, all of them at once."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{key}: {why}" for key, why in problems))


class AlreadyRunning(HooklineError):
    """Another process holds what this one needs alone."""


class NotRunning(HooklineError):
    """A part that the command needs does not answer."""


class Refused(HooklineError):
    """The request cannot be taken now and may be sent again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class Rejected(HooklineError):
    """The request is bad and must not be sent again."""


class TooLarge(Rejected):
    """The request is past a limit, before or after decompression."""


class Corrupt(HooklineError):
    """Stored bytes are damaged: `where` names the file and the offset."""

    def __init__(self, message: str, where: str) -> None:
        self.where = where
        super().__init__(f"{message} at {where}")
