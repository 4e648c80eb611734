"""Where the plan comes from: the file as it is now. One that is not valid leaves the plan that counts, and its problems are named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hookline.system.files import FileStamp, file_stamp
from hookline_collector.notification.plan.notification_plan import NotificationPlan
from hookline_collector.notification.plan.plan_file import read_plan
from hookline_collector.yaml_files import FileProblem


@dataclass(frozen=True, slots=True)
class PlanReading:
    """What the file says: a plan, or what is wrong with it."""

    plan: NotificationPlan | None
    problems: tuple[FileProblem, ...] = ()


class PlanSource:
    """The file of receivers and routes. Where there is none, nobody is notified. Every method blocks."""

    def __init__(self, path: Path, env: Mapping[str, str] = os.environ) -> None:
        self.path = path
        self._env = env
        self._stamp: FileStamp | None = None
        self._is_read = False

    def changed(self) -> PlanReading | None:
        """Read the file if it is not what was read last; None when it is."""
        stamp = file_stamp(self.path)
        if self._is_read and stamp == self._stamp:
            return None
        self._stamp, self._is_read = stamp, True
        return self.read()

    def forget(self) -> None:
        """Have the file read again, as if it had changed: what was read could not be taken up."""
        self._is_read = False

    def read(self) -> PlanReading:
        """Read the file, and the secrets that it names."""
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return PlanReading(NotificationPlan())
        except (OSError, UnicodeDecodeError) as why:
            return PlanReading(
                None, (FileProblem(str(self.path), 0, 0, "", f"cannot be read: {getattr(why, 'strerror', None) or 'it is not UTF-8'}"),)
            )
        return PlanReading(*read_plan(text, str(self.path), self.path.parent, self._env))
