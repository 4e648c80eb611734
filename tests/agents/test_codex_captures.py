"""Captures of the real Codex CLI, span by span: hooks, and what its rollouts say beside them. Milliseconds after the first hook."""

from __future__ import annotations

from inline_snapshot import snapshot

from hookline.agent_event import process_gone
from hookline.agents.codex.rollout_facts import RolloutFacts
from hookline.agents.codex.rollout_signs import RolloutSigns
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from support.codex_captures import events_of, hooks_of, signs_of, told
from support.replay import replay, spans_of


def test_tools_gives_five_calls_with_the_times_and_exit_codes_of_the_rollout() -> None:
    """The hooks know neither: the failing command has an end like any other."""
    assert told("tools") == snapshot(
        [
            "execute_tool Bash 1753..2246 success in invoke_agent codex",
            "execute_tool Bash 3643..3696 success in invoke_agent codex",
            "execute_tool Bash 3698..3698 success in invoke_agent codex",
            "execute_tool apply_patch 5088..5253 success in invoke_agent codex",
            "execute_tool Bash 7318..7395 failure exit_1 in invoke_agent codex",
            "invoke_agent codex 185..8299 success root",
        ]
    )
    failed = next(span for span in spans_of(replay(events_of("tools"))) if span.error)
    assert failed.attributes[semconv.PROCESS_EXIT_CODE] == 1
    assert failed.attributes[semconv.TOOL_KIND] == "shell"


def test_a_model_that_calls_tools_directly_gives_the_same() -> None:
    """Its calls have the model's ids."""
    assert told("tools_direct") == snapshot(
        [
            "execute_tool Bash 715..1026 success in invoke_agent codex",
            "execute_tool Bash 1753..1753 success in invoke_agent codex",
            "execute_tool Bash 1861..1861 success in invoke_agent codex",
            "execute_tool apply_patch 2562..2644 success in invoke_agent codex",
            "execute_tool Bash 3359..3359 failure exit_1 in invoke_agent codex",
            "invoke_agent codex 71..3832 success root",
        ]
    )


def test_a_subagents_calls_stand_under_it_and_it_under_the_call_that_started_it() -> None:
    """Its own turn is not the session's; the rollout says which call started it, and waiting for it is a call of its own."""
    assert told("subagent") == snapshot(
        [
            "execute_tool collaborationspawn_agent 767..1087 success in invoke_agent codex",
            "execute_tool Bash 2258..2345 success in invoke_agent default",
            "execute_tool Bash 3978..4340 success in invoke_agent default",
            "invoke_agent default 1095..5394 success in execute_tool collaborationspawn_agent",
            "execute_tool collaborationwait_agent 2105..5852 success in invoke_agent codex",
            "execute_tool Bash 7351..7494 success in invoke_agent codex",
            "invoke_agent codex 154..8618 success root",
        ]
    )
    spans = spans_of(replay(events_of("subagent")))
    assert len({span.trace_id for span in spans}) == 1, "one prompt"
    assert [span.attributes[semconv.TOOL_KIND] for span in spans if "collaboration" in span.name] == ["agent", "other"]


def test_an_api_error_fails_the_turn() -> None:
    """The rollout says so; without one it is what the last request came to, and known when the session ends."""
    assert told("api_error") == snapshot(
        ["execute_tool Bash 1710..1777 success in invoke_agent codex", "invoke_agent codex 319..2320 failure invalid_request_error root"]
    )

    assert told("api_error", hooks_of("api_error"))[-1] == snapshot("invoke_agent codex 319..2261 failure invalid_request_error by session_end root")


def test_a_refused_call_is_denied_by_what_the_model_got_for_it() -> None:
    """To the hooks it looks like one that still runs: then its end is not known."""
    assert told("denied") == snapshot(
        ["execute_tool Bash 1414..1414 denied denied in invoke_agent codex", "invoke_agent codex 238..2192 success root"]
    )
    assert told("denied", hooks_of("denied"))[0] == snapshot("execute_tool Bash 1371..1980 unknown by turn_end in invoke_agent codex")


def test_an_interrupted_turn_ends_with_its_command() -> None:
    """The rollout then says when the client had ended the command."""
    assert told("interrupt") == snapshot(
        [
            "execute_tool Bash 489..500 success in invoke_agent codex",
            "execute_tool Bash 647..1936 interrupted interrupted by interrupted in invoke_agent codex",
            "invoke_agent codex 16..1936 interrupted interrupted root",
            "execute_tool Bash 817..1970 interrupted interrupted in invoke_agent codex",
        ]
    )


def test_a_client_that_is_killed_leaves_its_turn_and_its_command_to_the_end_of_its_process() -> None:
    """Nothing is told by it."""
    running = [event for event in hooks_of("interrupt") if event.kind not in (EventKind.TURN_INTERRUPTED, EventKind.SESSION_ENDED)]
    gone = process_gone(running[0].session_id, "codex", 4242, "", running[-1].time_ns + 5_000_000_000, is_seen=True)
    assert told("interrupt", [*running, gone]) == snapshot(
        [
            "execute_tool Bash 489..500 success in invoke_agent codex",
            "execute_tool Bash 647..5647 interrupted by process_gone in invoke_agent codex",
            "invoke_agent codex 16..5647 interrupted by process_gone root",
        ]
    )


def test_a_command_that_its_turn_does_not_wait_for_is_closed_with_the_turn_and_told_again_when_it_ended() -> None:
    """Nothing but the rollout knows its end."""
    assert told("outlived") == snapshot(
        [
            "execute_tool Bash 1456..1474 success in invoke_agent codex",
            "execute_tool Bash 2252..13142 unknown by turn_end in invoke_agent codex",
            "invoke_agent codex 375..13297 success root",
            "execute_tool Bash 2551..13339 interrupted interrupted in invoke_agent codex",
        ]
    )


def test_a_resumed_session_gives_another_turn_of_the_same() -> None:
    """Two turns, two traces."""
    assert told("resume")[-2:] == snapshot(["invoke_agent codex 408..7999 success root", "invoke_agent codex 13769..14979 success root"])
    assert len({event.session_id for event in events_of("resume")}) == 1


def test_permissions_are_waits_that_end_with_the_command_or_the_turn() -> None:
    """Yes to the first, Escape to the second, which ends the turn; then a compaction that a person asked for."""
    assert told("interactive") == snapshot(
        [
            "wait_permission Bash 2489..9366 success in invoke_agent codex",
            "execute_tool Bash 9366..9367 success in invoke_agent codex",
            "wait_permission Bash 11365..17101 unknown by interrupted in invoke_agent codex",
            "execute_tool Bash 17101..17101 interrupted interrupted by interrupted in invoke_agent codex",
            "invoke_agent codex 488..17101 interrupted interrupted root",
            "compact_context 23088..23529 success in invoke_agent codex",
        ]
    )


def test_a_compaction_in_the_middle_of_a_turn_starts_no_session() -> None:
    """SessionStart comes again then, with the source `compact`."""
    starts = [event for event in hooks_of("compact") if event.name == "SessionStart"]
    assert [event.kind for event in starts] == [EventKind.SESSION_STARTED, *[EventKind.OTHER] * (len(starts) - 1)]
    assert len(starts) > 1
    assert [line.split(" ")[0] for line in told("compact", hooks_of("compact"))].count("compact_context") == len(starts) - 1


def test_the_rollout_tells_how_the_client_was_started() -> None:
    """So it is known whether a person sits there."""
    headless, terminal = hooks_of("tools")[0], hooks_of("interactive")[0]
    assert (headless.entrypoint, headless.is_attended) == ("exec", False)
    assert (terminal.entrypoint, terminal.is_attended) == ("cli", True)


def test_a_rollout_that_is_gone_leaves_the_event_as_the_hook_told_it() -> None:
    """What is not there is left out."""
    ended = next(event for event in hooks_of("tools") if event.kind is EventKind.TOOL_FAILED)
    plain = RolloutFacts().completed(ended)
    assert plain.tool is not None
    assert (ended.outcome, plain.outcome) == (SpanOutcome.FAILURE, SpanOutcome.FAILURE)


def test_what_hooks_tell_is_no_news_and_what_they_do_not_is() -> None:
    """A failed turn, a refusal and limits are told at once; ends only where no hook told them."""
    assert {sign.unless for sign in signs_of("api_error") if sign.payload["hook_event_name"] == "TurnFailed"} == {""}
    assert [sign.payload["hook_event_name"] for sign in signs_of("denied")] == ["ToolDenied"]
    assert all(sign.unless.startswith("done:") for sign in signs_of("tools"))


def test_limits_are_told_when_they_change() -> None:
    """By the window's length, whichever place it has; a reset is a moment or a number of seconds from then."""

    def line(at: str, **windows: object) -> dict[str, object]:
        return {"timestamp": f"2026-11-25T20:00:{at}.000Z", "type": "event_msg", "payload": {"type": "token_count", "rate_limits": windows}}

    five = {"used_percent": 12.0, "window_minutes": 300, "resets_at": 1_795_700_000}
    week = {"used_percent": 3.0, "window_minutes": 10_080, "resets_in_seconds": 60}
    reader = RolloutSigns("s", "/r")
    lines = (line("00", primary=five, secondary=week), line("00", primary=five, secondary=week), line("02", primary=week), line("03", primary=None))
    found = [sign.payload for each in lines for sign in reader.read(each)]
    assert [(each.get("five_hour_percent"), each.get("seven_day_percent")) for each in found] == [(12.0, 3.0), (None, 3.0)]
    assert (found[0]["five_hour_resets_at"], found[0]["seven_day_resets_at"]) == (1_795_700_000, 1_795_636_860)
