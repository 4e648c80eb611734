"""What install did to each settings file, noted in the data folder so that uninstall can undo exactly that.

Needed for what the file itself cannot tell: that it was not there or blank before, which variables are ours, and whether
it is still as install left it, so that the backup is the answer. Without the note uninstall still finds our handlers by their mark.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from hookline.settings import Settings
from hookline.system.files import write_private

_NAME = "installed.json"


@dataclass(frozen=True, slots=True)
class InstallNote:
    """One settings file: digests of its text before and after (empty: not known), whether install made it, our variables, its scope.

    `theirs` are the containers that were the user's before us (an agent's folder says which).
    """

    before: str = ""
    after: str = ""
    was_missing: bool = False
    folder_was_missing: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    theirs: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read_notes(settings: Settings) -> dict[str, InstallNote]:
    """Return the notes by the settings files' paths; none if they are missing or damaged."""
    try:
        found = json.loads((settings.data_dir / _NAME).read_text("utf-8"))
        return {
            path: InstallNote(**note | {"theirs": {key: (str(a), str(b)) for key, (a, b) in note.get("theirs", {}).items()}})
            for path, note in found.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_notes(settings: Settings, notes: Mapping[str, InstallNote]) -> None:
    """Write all notes, or remove the file when there is none."""
    path = settings.data_dir / _NAME
    if not notes:
        path.unlink(missing_ok=True)
        return
    write_private(path, json.dumps({path: dataclasses.asdict(note) for path, note in notes.items()}, indent=2) + "\n")


def digest(text: str | None) -> str:
    """Return the digest of a text, empty for a missing one."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()
