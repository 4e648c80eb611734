"""Settings with comments and trailing commas: changed in place, and given back byte for byte."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.agents.claude_code.hook_events import EVENTS
from hookline.agents.claude_code.settings_plan import Wanted
from hookline.agents.claude_code.settings_plan import plan_install as plan_claude_install
from hookline.agents.claude_code.settings_plan import plan_uninstall as plan_claude_uninstall
from hookline.install.command import hook_command
from hookline.install.document import Node, NotJson, append, parse, remove
from hookline.install.hook_groups import HookEvent
from hookline.install.json_comments import after_gap
from hookline.install.json_hooks import HooksFile, plan_install, plan_uninstall
from hookline.install.manifest import InstallNote
from support.soaking import examples

TOY = HooksFile("toy", "Toy", ".toy/settings.json", (HookEvent("Began", "*"), HookEvent("Ended")), section="telemetry")
CLAUDE = Wanted(tuple(EVENTS), "'/data/hook.sh'", "'/data/statusline.sh'", {"OTEL_LOGS_EXPORTER": "otlp"})
COMMENTS = re.compile(r'"(?:[^"\\]|\\.)*"|(//[^\r\n]*|/\*.*?\*/)', re.DOTALL)

_gaps = st.lists(st.sampled_from([" ", "\n", "\n  ", '// it\'s "one"\n', "/* a, */", "/* b\n   } */", "\t"]), max_size=3).map("".join)
_texts = st.sampled_from(["a", "// none", "/* none */", 'say "x"', "[1,]", "\\", "é", "hooks", "Began"])


@st.composite
def _documents(draw: st.DrawFn, depth: int = 3) -> str:
    """A value as people write it, with gaps everywhere."""
    kind = draw(st.sampled_from(["{", "[", "1"] if depth else ["1"])) if depth < 3 else "{"
    if kind == "1":
        return json.dumps(draw(st.one_of(_texts, st.integers(0, 9), st.booleans(), st.none())))
    members = [draw(_documents(depth=depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    keys = [f"{json.dumps(f'{draw(_texts)}{number}')}{draw(_gaps)}:{draw(_gaps)}" if kind == "{" else "" for number in range(len(members))]
    parts = [f"{draw(_gaps)}{key}{member}{draw(_gaps)}" for key, member in zip(keys, members, strict=True)]
    comma = draw(st.sampled_from([",", ""])) if parts else ""
    return kind + ",".join(parts) + comma + draw(_gaps) + {"{": "}", "[": "]"}[kind]


_settings = st.builds(
    lambda before, root, after, lines: f"{before}{root}{after}".replace("\n", lines), _gaps, _documents(), _gaps, st.sampled_from(["\n", "\r\n"])
)


def _comments(text: str) -> list[str]:
    return [found[1] for found in COMMENTS.finditer(text) if found[1]]


def _containers(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict | list):
        yield node
    for member in node.members:
        yield from _containers(member.node)


def _again(text: str, node: Node) -> Node:
    """The same container in a text that is longer behind its beginning."""
    return next(found for found in _containers(parse(text)) if found.start == node.start)


@given(_settings, st.sampled_from([1, {"x": [{"y": "é"}]}]))
@settings(max_examples=examples(40))
def test_what_is_appended_anywhere_stands_there_and_can_be_taken_out_again(text: str, value: Any) -> None:
    """Every comment stays where it is, and removing gives each byte back."""
    for container in _containers(parse(text)):
        longer = append(text, container, value, "new")
        assert _comments(longer) == _comments(text)
        found = _again(longer, container)
        wanted = {**container.value, "new": value} if isinstance(container.value, dict) else [*container.value, value]
        assert found.value == wanted
        filling = "" if container.members else text[container.start + 1 : container.end - 1]
        assert remove(longer, found, len(found.members) - 1, filling) == text


@given(_settings)
@settings(max_examples=examples(40))
def test_any_member_can_be_taken_out_and_the_comments_of_others_stay(text: str) -> None:
    """What is left reads as the same without it."""
    for container in _containers(parse(text)):
        for index, member in enumerate(container.members):
            shorter = remove(text, container, index)
            left = list(_again(shorter, container).members)
            assert [one.node.value for one in left] == [one.node.value for one in container.members if one is not member]
            others = _comments(text[: member.start]) + _comments(text[_with_comma(text, member.node.end) :])
            assert "".join("".join(_comments(shorter)).split()) == "".join("".join(others).split())


def _with_comma(text: str, end: int) -> int:
    """Where a member ends with its comma; comments between the two go with it."""
    comma = after_gap(text, end)
    return comma + 1 if text[comma] == "," else end


@given(_settings, st.sampled_from(["", "\ufeff"]), st.sampled_from(["", "\n", " // mine\n"]))
@settings(max_examples=6)
def test_uninstall_gives_back_every_byte(text: str, bom: str, written: str) -> None:
    """Also where somebody wrote a line behind it meanwhile, so that nothing can be taken from a copy."""
    before = bom + text
    toy = plan_install(before, TOY, hook_command("'/data/hook.sh'", agent="toy"), InstallNote(), {"enabled": True})
    assert _comments(toy.text) == _comments(text)
    assert parse(toy.text.removeprefix(bom)).value["telemetry"] == {"enabled": True}
    assert plan_uninstall(toy.text + written, toy.note, before, "telemetry") == before + written
    claude = plan_claude_install(before, CLAUDE, InstallNote())
    assert plan_claude_install(claude.text, CLAUDE, claude.note).text == claude.text, "again: no change"
    assert plan_claude_uninstall(claude.text + written, claude.note, before) == before + written


SETTINGS = """// of the team
{
  // which model
  "model": "opus", // the big one
  "hooks": {
    /* none yet */
  },
  "permissions": {
    "allow": ["Read", /* all */], // and no more
  }, // the end
}
"""


def test_ours_stands_behind_the_comments_of_the_last_line() -> None:
    """And ends as the file's own last member does."""
    text = plan_install(SETTINGS, TOY, "x # hookline", InstallNote(), {"enabled": True}).text
    assert '  }, // the end\n  "telemetry": {\n    "enabled": true\n  },\n}\n' in text
    assert '  "hooks": {\n    /* none yet */\n    "Began": [\n' in text


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ('{\n  "a": 1 // one\n  "b": 2\n}', "line 3, column 3", "expecting ',' delimiter"),
        ('{"a": [1,,]}', "line 1, column 10", "expecting value"),
        ("{,}", "line 1, column 2", "expecting property name"),
        ('{"a": 1}\n/* open', "line 2, column 1", "a comment has no end"),
        ('{\n  "a": /* x */ 1,\n  "a": 2}', "line 3, column 3", "stands there twice"),
        ('{"a": "x\n//"}', "line 1, column 9", "invalid control character"),
        ("{'a': 1}", "line 1, column 2", "expecting property name"),
    ],
)
def test_what_cannot_be_understood_is_named_by_line_and_column(text: str, place: str, why: str) -> None:
    """Comments count as what they are: places are those of the file."""
    with pytest.raises(NotJson, match=why) as caught:
        parse(text)
    assert caught.value.place == place
