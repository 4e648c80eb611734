"""An agent is named in its own places and nowhere else, in either half.

Only Python is looked at. What else names one has its reasons: migrations read what its clients have sent since they were released, and cannot be
written anew; `hook.sh` and `statusline.sh` are installed on people's machines, read the variables of the client that starts them and say whose
they are; prices name models.
"""

import re
from functools import cache
from pathlib import Path

from support.cases import with_each

ROOT = Path(__file__).parents[2]
HALVES = (ROOT / "collector" / "hookline_collector", ROOT / "instrumentation" / "hookline")
NAME = re.compile("claude", re.IGNORECASE)
OWN = ("instrumentation/hookline/agents/claude_code/", "collector/hookline_collector/signals/claude_code.py")

_ROW = "the registry's row"
_HELP = "help is read by a person who wants a command to type"
ALLOWED = {  # file: (what a line that names it looks like, why it may)
    "instrumentation/hookline/agents/__init__.py": (r"claude_code\.ClaudeCode\b", _ROW),
    "collector/hookline_collector/signals/requests.py": (r"import claude_code, |^NATIVES: Final = \(claude_code, ", _ROW),
    "collector/hookline_collector/signals/__init__.py": (r"^ *claude_code, .* +agents'", "it lists the folder"),
    "instrumentation/hookline/contract/__init__.py": (r"^    claude_native ", "it lists the folder"),
    "instrumentation/hookline/contract/claude_native.py": (r"", "names on the wire, which both halves and the SQL are held to"),
    "instrumentation/hookline/contract/fields.py": (r"such as claude-code\.", "a field's meaning, with an example"),
    "instrumentation/hookline/contract/content.py": (r'^    "com\.anthropic\.claude_code": ', "names on the wire, by agent"),
    "instrumentation/hookline/contract/known_agents.py": (r'^        "claude-code",$', "a list of services, all of them"),
    "instrumentation/hookline/contract/scopes.py": (r"CLAUDE_NATIVE_SCOPE_PREFIX", "names on the wire"),
    **{
        f"collector/hookline_collector/store/insert/direct/{name}.py": (
            r"claude_native|CLAUDE_NATIVE_SCOPE_PREFIX",
            "names on the wire, as the views in SQL have them",
        )
        for name in ("activity_rows", "agent_facts", "call_rows", "session_rows")
    },
    **{f"collector/hookline_collector/sessions/{name}.py": (r"claude_native", "names on the wire") for name in ("facts", "requests_made")},
    "collector/hookline_collector/signals/token_counts.py": (r"claude_native|as Claude Code's own telemetry names them", "names on the wire"),
    "collector/hookline_collector/work/pricing.py": (r'model\.find\("claude-"\)', "prices name models"),
    "instrumentation/hookline/spool/event_file.py": (
        r"^    hookline/1 agent=claude-code claude_pid=",
        "an example of what hook.sh writes",
    ),
    "instrumentation/hookline/cli/group.py": (r"`hookline install claude-code`", _HELP),
    "instrumentation/hookline/cli/install.py": (r"hookline install claude-code, or ", _HELP),
    "instrumentation/hookline/cli/uninstall.py": (r"hookline uninstall claude-code, or ", _HELP),
    "instrumentation/hookline/cli/statusline.py": (r"`hookline install claude-code$", _HELP),
    "instrumentation/hookline/cli/windows.py": (r"`hookline install claude-code --status-line`", _HELP),
}


@cache
def naming() -> tuple[tuple[str, str], ...]:
    """Return the lines that name the agent outside its own places, each with its file."""
    found = []
    for half in HALVES:
        for path in sorted(half.rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not name.startswith(OWN):
                found += [(name, line) for line in path.read_text().splitlines() if NAME.search(line)]
    return tuple(found)


def test_nothing_outside_its_places_names_an_agent() -> None:
    """A second agent would have to be written there too."""
    wrong = [f"{name}: {line.strip()}" for name, line in naming() if name not in ALLOWED or not re.search(ALLOWED[name][0], line)]
    assert not wrong


@with_each("name", ALLOWED)
def test_every_exception_is_needed(name: str) -> None:
    """One that is not is a hole."""
    assert any(file == name for file, _ in naming())
