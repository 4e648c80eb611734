"""Codex's hooks: where they stand, and whether they are approved. The hashes are those that the real client (0.169.0) works out."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from hookline.agents.codex.installer import EVENTS, CodexInstaller
from hookline.agents.codex.telemetry_config import block
from hookline.agents.codex.trust import approved_hash, our_hashes, snake, trust_by_client, trust_by_files, trust_of
from hookline.operate.doctor import check_hooks
from hookline.settings import Settings, load

HANDLER = {"type": "command", "command": "true # a", "timeout": 5}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"data_dir": str(tmp_path / "data")}, {"HOME": str(tmp_path)}).settings


def installer(tmp_path: Path, **env: str) -> CodexInstaller:
    return CodexInstaller({"HOME": str(tmp_path), "PATH": str(tmp_path), **env})


def install(made: CodexInstaller, settings: Settings) -> tuple[str, ...]:
    return made.install(settings, "user", native_telemetry=False, status_line=False, dry_run=False).remarks


def approve(made: CodexInstaller) -> None:
    states = [f'[hooks.state."{made.path()}:{place}"]\ntrusted_hash = "{digest}"\n' for place, digest in our_hashes(made.path())]
    made.config.write_text("\n".join(states))


def test_the_hash_of_an_approval_is_the_clients() -> None:
    """As `hooks/list` of the real client gave them."""
    assert approved_hash("pre_tool_use", {"hooks": []}, HANDLER) == "sha256:fa874bd2fd2174e8e141b6a0869145f62dd6571f7485f988545a76348055f98d"
    with_matcher = approved_hash("pre_tool_use", {"matcher": "*"}, HANDLER | {"command": "true # b"})
    assert with_matcher == "sha256:21d9ca81edaa9f87f55f86cae9dab46225cbbecf366da0a8db2bddf2831e1507"
    short = approved_hash("session_end", {}, HANDLER | {"command": "true # c", "timeout": 3})
    assert short == "sha256:b6f1364676a9d1a9eb0e2fd209875721207556988382bfebdaedebe9e1945785"
    assert snake("UserPromptSubmit") == "user_prompt_submit"


def test_our_group_is_the_last_and_the_command_always_the_same(settings: Settings, tmp_path: Path) -> None:
    """What others have approved keeps its place, and what was approved of ours its hash."""
    made = installer(tmp_path)
    made.path().parent.mkdir()
    theirs = {"hooks": {"PreToolUse": [{"hooks": [HANDLER]}]}}
    made.path().write_text(json.dumps(theirs, indent=2))
    install(made, settings)
    hooks = json.loads(made.path().read_text())["hooks"]
    assert hooks["PreToolUse"][0] == theirs["hooks"]["PreToolUse"][0]
    assert set(hooks) == {event.name for event in EVENTS}
    first = dict(our_hashes(made.path()))
    assert "pre_tool_use:1:0" in first
    install(made, settings)
    assert dict(our_hashes(made.path())) == first
    assert [hooks[name][-1]["hooks"][0]["timeout"] for name in ("Interrupt", "SessionEnd", "Stop")] == [3, 3, 5], "more gives a warning"


def test_install_says_that_hooks_have_to_be_approved_until_they_are(settings: Settings, tmp_path: Path) -> None:
    """Nobody approves anything for a person."""
    made = installer(tmp_path)
    assert "approved" in install(made, settings)[0]
    check = made.check(asks_client=False)
    assert check is not None
    assert (check.ok, check.detail) == (False, f"{len(EVENTS)} of {len(EVENTS)} hooks are not approved: Codex passes over them without a word")
    assert "Trust all" in check.remedy
    approve(made)
    check = made.check(asks_client=False)
    assert check is not None
    assert check.ok
    assert install(made, settings) == ()


def test_a_changed_command_and_a_switched_off_hook_are_no_longer_approved(settings: Settings, tmp_path: Path) -> None:
    """Both are said."""
    made = installer(tmp_path)
    install(made, settings)
    approve(made)
    text = made.config.read_text()
    made.config.write_text(text.replace("sha256:", "sha256:0", 1) + '\n[hooks.state."x"]\nenabled = false\n')
    trust = trust_by_files(made.path(), made.config)
    assert dict(trust.counts) == {"trusted": len(EVENTS) - 1, "modified": 1}
    check = made.check(asks_client=False)
    assert check is not None
    assert check.detail.startswith(f"1 of {len(EVENTS)} hooks are not approved (1 of them changed since they were approved)")


def test_nothing_is_said_where_nothing_is_installed(tmp_path: Path) -> None:
    """A person without Codex hears nothing of it."""
    assert installer(tmp_path).check(asks_client=True) is None


def test_the_client_is_asked_where_the_files_deny_it(settings: Settings, tmp_path: Path) -> None:
    """A newer client may approve otherwise; one that does not answer leaves what the files say."""
    made = installer(tmp_path)
    install(made, settings)
    command = json.loads(made.path().read_text())["hooks"]["Stop"][-1]["hooks"][0]["command"]
    hook = {"command": command, "sourcePath": str(made.path()), "trustStatus": "trusted", "enabled": True}
    answer = {"id": 2, "result": {"data": [{"cwd": "/", "hooks": [hook, {"command": "true", "sourcePath": "/x", "trustStatus": "untrusted"}]}]}}
    program = tmp_path / "codex"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfor line in sys.stdin:\n    print('no json')\n    print({json.dumps(json.dumps(answer))}, flush=True)\n"
    )
    program.chmod(0o755)
    check = made.check(asks_client=True)
    assert check is not None
    assert (check.ok, check.detail) == (True, "all 1 hooks are approved")
    program.write_text("#!/bin/sh\nexit 1\n")
    assert trust_by_client(tmp_path, made.path(), {"PATH": str(tmp_path)}) is None
    assert not trust_of({}, made.path()).is_whole


OURS = "# put in by hookline install --native-telemetry\n[otel]\nexporter = "


@pytest.mark.parametrize("before", [None, "", 'model = "gpt-5.5"\n', 'model = "gpt-5.5"', "# mine\r\n[projects]\r\n"])
def test_its_own_telemetry_is_put_in_and_taken_out_byte_for_byte(before: str | None, settings: Settings, tmp_path: Path) -> None:
    """In the configuration, and also where the client has written approvals into it meanwhile."""
    made = installer(tmp_path)
    made.config.parent.mkdir()
    if before is not None:
        made.config.write_bytes(before.encode())

    def switch_on() -> bytes:
        made.install(settings, "user", native_telemetry=True, status_line=False, dry_run=False)
        return made.config.read_bytes()

    after = switch_on()
    assert tomllib.loads(after.decode())["otel"] == {"exporter": {"otlp-grpc": {"endpoint": "http://127.0.0.1:4317"}}}
    assert switch_on() == after, "again: no change"
    made.uninstall(settings, "user", dry_run=False)
    assert (made.config.read_bytes() if made.config.exists() else None) == (None if before is None else before.encode())
    switch_on()
    with made.config.open("a", newline="") as file:
        file.write('\n[hooks.state."x"]\ntrusted_hash = "y"\n')
    made.uninstall(settings, "user", dry_run=False)
    left = made.config.read_text()
    assert "otel" not in left
    assert tomllib.loads(left)["hooks"] == {"state": {"x": {"trusted_hash": "y"}}}


def test_a_person_s_own_telemetry_stays_and_is_reported(settings: Settings, tmp_path: Path) -> None:
    """Nobody's is redirected."""
    made = installer(tmp_path)
    made.config.parent.mkdir()
    made.config.write_text('[otel]\nexporter = "none"\n')
    change = made.install(settings, "user", native_telemetry=True, status_line=False, dry_run=False)
    assert made.config.read_text() == '[otel]\nexporter = "none"\n'
    assert any("[otel] stands in the configuration already" in remark for remark in change.remarks)
    made.uninstall(settings, "user", dry_run=False)
    assert made.config.read_text() == '[otel]\nexporter = "none"\n'


def test_a_dry_run_shows_both_files_and_writes_neither(settings: Settings, tmp_path: Path) -> None:
    """The hooks and the configuration."""
    made = installer(tmp_path)
    change = made.install(settings, "user", native_telemetry=True, status_line=False, dry_run=True)
    assert "hooks.json" in change.diff()
    assert f"+{OURS.splitlines()[0]}" in change.diff()
    assert not made.config.parent.exists()


def test_over_http_the_logs_have_a_path_of_their_own_and_the_headers(tmp_path: Path) -> None:
    """The client appends nothing to an endpoint."""
    over = {"relay.protocol": "http/protobuf", "relay.endpoint": "http://collector:4318/", "relay.headers": {"x-key": "a b"}}
    lines = block(load({"data_dir": str(tmp_path), **over}, {"HOME": str(tmp_path)}).settings)
    exporter = tomllib.loads(lines)["otel"]["exporter"]["otlp-http"]
    assert exporter == {"endpoint": "http://collector:4318/v1/logs", "protocol": "binary", "headers": {"x-key": "a b"}}


def test_doctor_says_whether_the_hooks_run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a step of its own, and only where they are installed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    assert [step.name for step in check_hooks()] == []
    made = installer(tmp_path)
    install(made, settings)
    (step,) = check_hooks()
    assert (step.name, step.ok) == ("hooks of Codex CLI", False)
    assert "approve" in step.remedy
    approve(made)
    (step,) = check_hooks()
    assert step.ok
