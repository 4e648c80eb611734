"""The installed hook under the real client: every event of a session lands in the spool, and the client notices nothing."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.installer import install_claude_code, uninstall_claude_code
from hookline.settings import Settings
from hookline.spool import SpoolEvent, SpoolReader
from support.real_client import SHOP, find_client, run_scenario
from support.soaking import share

CAPTURES = Path(__file__).parent.parent / "fixtures" / "claude-code-2.1.329"
pytestmark = pytest.mark.client


def captured_events(scenario: str) -> list[str]:
    """Return the names of the events that the scenario fired when it was captured."""
    captures = sorted((CAPTURES / scenario / "hooks").iterdir())
    return [json.loads(capture.read_text())["payload"]["hook_event_name"] for capture in captures]


def spooled(settings: Settings) -> list[SpoolEvent]:
    return SpoolReader.of(settings).take(time.time_ns() + 10**9)


def payloads(events: list[SpoolEvent]) -> list[dict[str, Any]]:
    return [json.loads(event.payload) for event in events]


@pytest.mark.long
@pytest.mark.parametrize(
    ("scenario", "says"), [("tools", "The retries are in; two tests fail."), ("denied", "I was not allowed to.")][: share(1, 2, 2)]
)
def test_every_event_of_a_session_is_in_the_spool(tmp_path: Path, scenario: str, says: str) -> None:
    """The same events as captured, in their order, each with the client's process id and one session."""
    find_client()
    home, shop = tmp_path / "home", tmp_path / "it's a shop"
    settings = Settings(data_dir=home / "hookline data")
    path = install_claude_code(settings, env={"HOME": str(home)}).path
    result = run_scenario(scenario, home, shop, ("--debug-file", str(tmp_path / "debug.log")))
    assert result["result"] == says
    events = spooled(settings)
    names = [payload["hook_event_name"] for payload in payloads(events)]
    assert sorted(names) == sorted(captured_events(scenario))
    assert (names[0], names[1], names[-2:]) == ("SessionStart", "UserPromptSubmit", ["Stop", "SessionEnd"])
    assert {payload["session_id"] for payload in payloads(events)} == {result["session_id"]}
    assert len({event.env["claude_pid"] for event in events}) == 1
    codes = re.findall(r"# hookline\] (?:finished|completed) with status (\d+)", (tmp_path / "debug.log").read_text())
    assert codes == ["0"] * len(names)
    uninstall_claude_code(settings, env={"HOME": str(home)})
    assert not path.exists()


@pytest.mark.long
def test_the_client_works_on_when_the_data_folder_is_gone(tmp_path: Path) -> None:
    """Someone removed it by hand, or took the settings to another machine: no error is shown, no folder made."""
    find_client()
    home, shop = tmp_path / "home", tmp_path / "shop"
    settings = Settings(data_dir=home / "hookline")
    install_claude_code(settings, env={"HOME": str(home)})
    settings.data_dir.rename(home / "elsewhere")
    result = run_scenario("tools", home, shop, ("--debug-file", str(tmp_path / "debug.log")))
    assert not result["is_error"]
    assert (shop / "pay.py").read_text() == SHOP.replace("1", "3", 1)
    assert set(re.findall(r"# hookline\] (?:finished|completed) with status (\d+)", (tmp_path / "debug.log").read_text())) == {"0"}
    assert not settings.data_dir.exists()
