"""The bodies, byte for byte where others must understand them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookline_collector.notification.deciding.sample_alert import sample_alert
from hookline_collector.notification.formats.alert_links import links_of, silence_link
from hookline_collector.notification.formats.alertmanager_body import go_time, posted_alerts, webhook_body
from hookline_collector.notification.formats.grafana_body import grafana_body
from hookline_collector.notification.formats.mail_message import mail_of
from hookline_collector.notification.formats.message_text import bars, title_of, words_of
from hookline_collector.notification.formats.own_templates import own_words
from hookline_collector.notification.formats.pagerduty_body import pagerduty_body
from hookline_collector.notification.formats.slack_body import MAX_HEADER_CHARS, MAX_SECTION_CHARS, slack_body
from hookline_collector.notification.plan.label_matchers import parse_matchers
from support.alerting import T0, S, firing, message, over

URL = "https://hookline.example.org"
BASH, READ = firing(tool="Bash", project="shop", severity="page"), over(firing(T0 - 60 * S, tool="Read", project="shop"), T0 + S)


def test_the_webhook_has_alertmanagers_keys_and_values() -> None:
    """Version 4, as Alertmanager writes it: what fires ends in year 1, moments have as many digits as they need."""
    body = webhook_body(message(BASH, READ), URL, explain=False)
    assert body == {
        "receiver": "team",
        "status": "firing",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "SlowTool", "project": "shop", "severity": "page", "tool": "Bash"},
                "annotations": {"summary": "Bash is slow", "description": "p95 is over its baseline"},
                "startsAt": "2026-09-21T14:13:20.25Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://hookline.example.org/panel?x=1",
                "fingerprint": BASH.fingerprint,
            },
            {
                "status": "resolved",
                "labels": {"alertname": "SlowTool", "project": "shop", "tool": "Read"},
                "annotations": {"summary": "Read is slow", "description": "p95 is over its baseline"},
                "startsAt": "2026-09-21T14:12:20.25Z",
                "endsAt": "2026-09-21T14:13:21.25Z",
                "generatorURL": "https://hookline.example.org/panel?x=1",
                "fingerprint": READ.fingerprint,
            },
        ],
        "groupLabels": {"alertname": "SlowTool"},
        "commonLabels": {"alertname": "SlowTool", "project": "shop"},
        "commonAnnotations": {"description": "p95 is over its baseline"},
        "externalURL": URL,
        "version": "4",
        "groupKey": '{}:{alertname="SlowTool"}',
        "truncatedAlerts": 0,
    }


def test_a_body_is_truncated_as_alertmanager_does() -> None:
    """Status and common labels are those of what is left."""
    body = webhook_body(message(READ, BASH), URL, 1)
    assert (len(body["alerts"]), body["truncatedAlerts"], body["status"]) == (1, 1, "resolved")
    assert body["commonLabels"]["tool"] == "Read"


def test_an_alert_explains_itself() -> None:
    """The series around the breach, the worst behind it, the statement, and links to panel, session and a silence of just this."""
    (alert,) = webhook_body(message(BASH), URL)["alerts"]
    assert alert["value"] == 8.5
    assert alert["evidence"]["points"][-1] == ["2026-09-21T14:13:20.25Z", 8.5]
    assert alert["evidence"]["worst"][0]["trace_id"] == "a" * 32
    assert alert["evidence"]["worst"][0]["link"] == f"{URL}/sessions/0f3a"
    assert alert["evidence"]["query"].startswith("SELECT quantile")
    assert alert["links"]["panel"] == f"{URL}/panel?x=1"
    assert alert["links"]["session"] == f"{URL}/session/abc"
    assert alert["links"]["silence"].startswith(f"{URL}/silence?matcher=alertname%3D%22SlowTool%22&matcher=project")


def test_grafanas_body_has_its_own_keys_beside_alertmanagers() -> None:
    """Version 1, with organisation, title, legacy state and message."""
    body = grafana_body(message(BASH, READ), URL, explain=False)
    assert {name: body[name] for name in ("version", "orgId", "title", "state")} == {
        "version": "1",
        "orgId": 1,
        "title": "[FIRING:1] SlowTool (shop)",
        "state": "alerting",
    }
    own = {"values", "valueString", "silenceURL", "dashboardURL", "panelURL", "ruleUID", "orgId"}
    assert set(body["alerts"][0]) == set(webhook_body(message(BASH), URL, explain=False)["alerts"][0]) | own
    assert (body["alerts"][0]["values"], body["alerts"][1]["values"]) == ({"A": 8.5}, {})
    assert grafana_body(message(READ), URL)["state"] == "ok"
    assert grafana_body(message(BASH), URL)["alerts"][0]["evidence"]["worst"], "explained unless the target says otherwise"


def test_pagerduty_opens_and_resolves_one_incident_a_group() -> None:
    """The key is the group's, as Alertmanager makes it; severity comes from the label."""
    told = message(BASH, READ)
    body = pagerduty_body(told, words_of(told, URL), URL, "R0UT1NG", "warning")
    assert (body["event_action"], body["routing_key"]) == ("trigger", "R0UT1NG")
    assert body["dedup_key"] == hashlib.sha256(told.group_key.encode()).hexdigest()
    assert body["payload"]["summary"] == "[FIRING:1] SlowTool (shop)"
    assert (body["payload"]["severity"], body["payload"]["group"]) == ("warning", "shop")
    assert (body["payload"]["custom_details"]["num_firing"], body["payload"]["custom_details"]["num_resolved"]) == (1, 1)
    assert {"href": f"{URL}/session/abc", "text": "session"} in body["links"]
    end = message(READ)
    assert pagerduty_body(end, words_of(end, URL), URL, "R0UT1NG", "warning")["event_action"] == "resolve"
    page = message(BASH)
    assert pagerduty_body(page, words_of(page, URL), URL, "R0UT1NG", "warning")["payload"]["severity"] == "critical"


def test_slack_gets_blocks_within_its_limits_and_nothing_of_its_markup() -> None:
    """A header, a section an alert; a label cannot mention the channel."""
    hostile = firing(tool="<!channel> *x* & co", project="x" * 4_000)
    hostile = replace(hostile, annotations={"summary": "<!here> " + "y" * 4_000, "description": "<https://evil.example|click>" * 300})
    told = message(*[replace(hostile, labels={**hostile.labels, "n": str(n)}) for n in range(30)])
    body = slack_body(told, words_of(told, URL), URL, is_own_text=False)
    assert body["blocks"][0]["type"] == "header"
    assert len(body["blocks"][0]["text"]["text"]) <= MAX_HEADER_CHARS
    sections = [block["text"]["text"] for block in body["blocks"] if block["type"] == "section"]
    assert all(len(text) <= MAX_SECTION_CHARS for text in sections)
    assert len(body["blocks"]) <= 50
    assert "<!" not in json.dumps(body)
    assert "<https://evil" not in json.dumps(body)
    plain = slack_body(message(BASH), words_of(message(BASH), URL), URL, is_own_text=False)
    assert f"<{URL}/session/abc|session>" in plain["blocks"][1]["text"]["text"]


def test_words_tell_what_a_person_needs() -> None:
    """The same in mail, on the desktop and by Apprise."""
    words = words_of(message(BASH), URL)
    assert words.title == "[FIRING:1] SlowTool (shop page Bash)"
    assert words.text.splitlines() == [
        "firing: Bash is slow",
        "p95 is over its baseline",
        "since 2026-09-21 14:13:20 UTC, value 8.5",
        "series ▁▄█ 8.5",
        "worst  12.5 tool Bash at 2026-09-21 14:13:20 UTC, session 0f3a",
        "query  SELECT quantile(0.95)(run_s) FROM tool_calls",
        f"session: {URL}/session/abc",
        f"panel: {URL}/panel?x=1",
        f"silence: {silence_link(BASH.labels, URL)}",
    ]
    assert title_of(message(READ)) == "[RESOLVED] SlowTool (shop Read)"


def test_words_name_the_three_worst_and_sessions_by_eight_letters() -> None:
    """A message is read at a glance; the page has the rest."""
    worst = tuple(replace(BASH.evidence.worst[0], name=f"tool {n}", session_id="0123456789") for n in range(5))
    told = message(replace(BASH, evidence=replace(BASH.evidence, worst=worst)))
    lines = [line for line in words_of(told, URL).text.splitlines() if line.startswith("worst")]
    assert [line.split(" at ")[0] for line in lines] == [f"worst  12.5 tool {n}" for n in range(3)]
    assert {line.rsplit(" ", 1)[1] for line in lines} == {"01234567"}
    assert slack_body(told, words_of(told, URL), URL, is_own_text=False)["blocks"][1]["text"]["text"].count("•") == 3


def test_own_words_tell_what_fires_from_what_is_over() -> None:
    """Each list has its own, and each alert says which it is."""
    told = message(BASH, READ)
    for name, tools in (("firing", "Bash firing;"), ("resolved", "Read resolved;"), ("alerts", "Bash firing;Read resolved;")):
        template = "{% for a in " + name + " %}{{ a.labels.tool }} {{ a.status }};{% endfor %}"
        assert own_words(told, URL, "", template).text == tools, name


def test_slack_marks_what_fires_and_what_is_over() -> None:
    """A lamp and a tick."""
    told = message(BASH, READ)
    marks = [block["text"]["text"].split(" ")[0] for block in slack_body(told, words_of(told, URL), URL, is_own_text=False)["blocks"][1:]]
    assert marks == [":rotating_light:", ":white_check_mark:"]


def test_pagerduty_gets_fifty_alerts_of_each_kind_and_the_number_of_all() -> None:
    """Its events are limited in size."""
    fires = [firing(tool=str(n)) for n in range(60)]
    told = message(*fires, *(over(each, T0 + S) for each in fires))
    details = pagerduty_body(told, words_of(told, URL), URL, "R0UT1NG", "warning")["payload"]["custom_details"]
    for kind in ("firing", "resolved"):
        assert (len(details[kind].splitlines()), details[f"num_{kind}"]) == (50, 60)


def test_own_words_take_the_place_of_ours() -> None:
    """By template, each for itself; an error is told in the text."""
    told = message(BASH)
    assert own_words(told, URL, "{{ status }}: {{ labels.tool }}", "").title == "firing: Bash"
    assert own_words(told, URL, "", "{{ alerts[0].annotations.summary }}!").text == "Bash is slow!"
    assert own_words(told, URL, "{{ nothing.at.all }}", "").title == ""
    assert "error expanding template" in own_words(told, URL, "", "{{ 1 / (value - value) }}").text


def test_a_mail_has_one_id_and_one_thread_a_group() -> None:
    """The same on every attempt; headers cannot be broken out of."""
    hostile = replace(BASH, labels={**BASH.labels, "tool": "x\r\nBcc: everybody@example.org\r\n\r\n<script>"})
    told = message(hostile)
    mail = mail_of(told, words_of(told, URL), "Hookline <alerts@example.org>", ["me@example.org", "You <you@example.org>"])
    assert mail["Message-ID"] == f"<{told.id}@example.org>"
    assert mail["To"] == "me@example.org, You <you@example.org>"
    assert mail["Bcc"] is None
    assert "Bcc: everybody" in str(mail["Subject"])
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == mail_of(message(over(BASH, T0 + S)), words_of(told, URL), "a@example.org", ["b@c.org"])["References"]
    page = mail.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [(0, "1970-01-01T00:00:00Z"), (T0, "2026-09-21T14:13:20.25Z"), (T0 + 1, "2026-09-21T14:13:20.250000001Z"), (S, "1970-01-01T00:00:01Z")],
)
def test_moments_are_written_as_go_writes_them(time_ns: int, text: str) -> None:
    """RFC 3339 without zeros at the end."""
    assert go_time(time_ns) == text


def test_an_alertmanager_is_told_when_what_fires_would_end_by_itself() -> None:
    """It must be told again before that; what is over ends when it ended."""
    first, second = posted_alerts(message(BASH, READ), URL, T0 + 10 * S, 240 * S)
    assert (first["endsAt"], second["endsAt"]) == ("2026-09-21T14:17:30.25Z", "2026-09-21T14:13:21.25Z")
    assert "generatorURL" not in posted_alerts(message(BASH), "", T0, S)[0], "it takes no relative one"


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters='=~!{},"', exclude_categories=["Z", "C"]), min_size=1, max_size=8),
        st.text(min_size=1, max_size=12),
        min_size=1,
        max_size=3,
    )
)
def test_the_silence_link_silences_just_this(labels: dict[str, str]) -> None:
    """Whatever the labels hold, the form gets matchers of exactly them."""
    from urllib.parse import parse_qs, urlsplit

    found = [
        matcher for text in parse_qs(urlsplit(silence_link(labels, URL)).query, keep_blank_values=True)["matcher"] for matcher in parse_matchers(text)
    ]
    assert [(each.name, each.operator, each.values[0]) for each in found] == [(name, "=", value) for name, value in labels.items()]


def test_the_alert_of_a_test_is_one_that_could_be() -> None:
    """It was in breach, then fired; its series ends now."""
    alert = sample_alert(T0)
    moments = [at_ns for at_ns, _ in alert.evidence.points]
    assert moments == sorted(moments) and moments[-1] == T0
    assert alert.active_at_ns < alert.fired_at_ns == T0


@example([1.7976931348623157e308, -9.9792015476736e291])
@given(st.lists(st.floats(), max_size=50))
def test_bars_take_any_numbers(values: list[float]) -> None:
    """One bar a value, gaps for what is no number."""
    assert len(bars(values)) in (0, len(values))


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_label_breaks_a_format(name: str, value: str) -> None:
    """Hostile texts become JSON, mail and lines like any other."""
    alert = firing(tool=value or "x", project=name or "y")
    told = message(replace(alert, annotations={"summary": value, "description": name}, links={"session": "/" + name}))
    words = words_of(told, URL)
    bodies: list[Any] = [
        webhook_body(told, URL),
        grafana_body(told, URL),
        slack_body(told, words, URL, is_own_text=False),
        pagerduty_body(told, words, URL, "k", "info"),
    ]
    for body in bodies:
        assert json.loads(json.dumps(body, ensure_ascii=True)) is not None
    assert "\n" not in words.title
    assert bytes(mail_of(told, words, "a@example.org", ["b@example.org"]))
    assert links_of(told.alerts[0], URL)["silence"].isascii()
