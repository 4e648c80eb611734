"""`notify.yaml`: what it may say, every problem at once, and its schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hookline.cli.notify import command
from hookline_collector.alerts.matchers import Matcher
from hookline_collector.notification.plan.label_matchers import BadMatcher, in_braces, match_all, matcher_of, parse_matchers
from hookline_collector.notification.plan.mute_times import MuteTime, parse_clock, parse_range
from hookline_collector.notification.plan.notification_plan import NotificationPlan
from hookline_collector.notification.plan.plan_file import file_schema, read_plan
from hookline_collector.notification.plan.yaml_forms import length_of
from hookline_collector.yaml_files import FileProblem
from support.cases import with_each
from support.notify_schema import SCHEMA

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD = """
global: {external_url: "https://hookline.example.org/"}
route:
  receiver: me
  group_by: [alertname, project]
  repeat_interval: 2h
  routes:
    - matchers: ['severity="page"', 'tool!~"Read|Grep"']
      receiver: team
      group_wait: 30s
      continue: true
      mute_time_intervals: [nights]
    - matchers: [severity=info]
      routes:
        - receiver: team
receivers:
  - name: me
    desktop_configs: [{}]
  - name: team
    webhook_configs:
      - url: https://example.org/hook
        signing_key_env: KEY
        headers: [{name: X-Team, value: shop}]
      - name: second
        url_file: address
        send_resolved: false
    slack_configs:
      - api_url_env: SLACK
inhibit_rules:
  - source_matchers: [severity=critical]
    target_matchers: [severity=warning]
    equal: [project]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "07:00"}]
        weekdays: ["monday:friday"]
        location: Europe/Berlin
"""
ENV = {"KEY": KEY, "SLACK": "https://hooks.slack.example/T/B/secret"}


def good(folder: Path, text: str = GOOD) -> NotificationPlan:
    """Read what must be right."""
    (folder / "address").write_text("https://example.org/second\n")
    plan, problems = read_plan(text, "notify.yaml", folder, ENV)
    assert plan is not None, problems
    return plan


def bad(text: str, folder: Path) -> list[str]:
    """Return the problems, each with its line."""
    plan, problems = read_plan(text, "notify.yaml", folder, {})
    assert plan is None
    return [str(problem) for problem in problems]


def test_routes_take_what_they_leave_out_from_the_one_above(tmp_path: Path) -> None:
    """A tree of routes says each thing once."""
    plan = good(tmp_path)
    page, info = plan.route.routes
    assert (page.receiver, page.group_by, page.group_wait_ns, page.goes_on) == ("team", ("alertname", "project"), 30_000_000_000, True)
    assert in_braces(page.matchers) == '{severity="page",tool!~"Read|Grep"}'
    assert (info.receiver, info.routes[0].receiver, info.routes[0].repeat_interval_ns) == ("me", "team", 7_200_000_000_000)
    assert plan.external_url == "https://hookline.example.org"


def test_targets_have_names_and_their_secrets_from_wherever_these_stand(tmp_path: Path) -> None:
    """In the file, in a file beside it, in the environment."""
    first, second, slack = good(tmp_path).receivers["team"].targets
    assert (first.name, second.name, slack.name) == ("team-webhook-1", "second", "team-slack-1")
    assert (first.secret("signing_key"), second.url.reveal(), slack.url.reveal()) == (KEY, "https://example.org/second", ENV["SLACK"])
    assert (first.send_resolved, second.send_resolved, first.options["format"]) == (True, False, "alertmanager")


def test_a_plan_never_prints_its_secrets(tmp_path: Path) -> None:
    """Whatever prints it: a log, a traceback, an answer."""
    told = repr(good(tmp_path))
    assert "whsec_" not in told
    assert "hooks.slack" not in told


def test_every_problem_is_told_at_once_with_its_line_and_key(tmp_path: Path) -> None:
    """One look is enough to mend a file."""
    assert bad(BAD, tmp_path) == [
        "notify.yaml:3:3: route.groupby: there is no such key; did you mean group_by?",
        "notify.yaml:4:20: route.repeat_interval: it must be a length of time such as 30s, 5m or 1h30m",
        'notify.yaml:6:18: route.routes[0].matchers[0]: \'severity\' is not a matcher; write one such as severity="page" or project=~"shop|till"',
        "notify.yaml:10:18: receivers[0].webhook_configs[0].url_env: the variable NOT_THERE is not set",
        "notify.yaml:11:24: receivers[0].webhook_configs[0].send_resolved: it must be true or false",
        "notify.yaml:12:21: receivers[0].slack_configs[0]: api_url is missing (or api_url_file, or api_url_env)",
        "notify.yaml:13:5: receivers[0].name: stands here twice",
    ]


BAD = """route:
  receiver: me
  groupby: [alertname]
  repeat_interval: often
  routes:
    - matchers: [severity]
receivers:
  - name: me
    webhook_configs:
      - url_env: NOT_THERE
        send_resolved: maybe
    slack_configs: [{}]
    name: you
"""


def test_names_that_lead_nowhere_are_problems(tmp_path: Path) -> None:
    """A route to nobody is found at load, not at night."""
    text = """
route:
  receiver: me
  matchers: [a=b]
  routes:
    - receiver: you
      mute_time_intervals: [night]
      group_by: ['...', a]
receivers:
  - name: me
  - name: me
"""
    found = bad(text, tmp_path)
    assert any("the root takes every alert" in each for each in found)
    assert any("there is no receiver 'you'" in each for each in found)
    assert any("there is no time interval 'night'" in each for each in found)
    assert any("the name 'me' stands 2 times" in each for each in found)
    assert any("'...' stands for all labels and alone" in each for each in found)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org", "https://", "https://user:secret@example.org/", "https://exa mple.org", "https://example.org:0/", "secret", "http://[::1"],
)
def test_a_bad_address_is_refused_without_repeating_it(url: str, tmp_path: Path) -> None:
    """An address may hold a secret, so no error shows it."""
    (found,) = bad(f"route: {{receiver: me}}\nreceivers: [{{name: me, webhook_configs: [{{url: '{url}'}}]}}]", tmp_path)
    assert "secret" not in found


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "? [a]\n: b", "[" * 200, "route: &a {receiver: me, routes: [*a]}\nreceivers: [{name: me}]", "x" * 2 * 10**6]
)
def test_what_is_no_such_file_is_a_problem_and_no_crash(text: str, tmp_path: Path) -> None:
    """Also a file that contains itself."""
    assert bad(text, tmp_path)


def test_the_schema_that_is_shipped_is_the_one_of_the_forms() -> None:
    """`python -m support.notify_schema` writes it anew."""
    assert json.loads(SCHEMA.read_text()) == file_schema()
    assert CliRunner().invoke(command, ["schema"]).stdout == SCHEMA.read_text()


def test_the_schema_takes_what_the_reader_takes() -> None:
    """An editor that knows the schema neither marks a good file nor lets an unknown key pass."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
    yaml = pytest.importorskip("yaml")
    checker = jsonschema.Draft202012Validator(file_schema())
    assert list(checker.iter_errors(yaml.safe_load(GOOD))) == []
    assert list(checker.iter_errors(yaml.safe_load(BAD)))


@with_each(
    "text, length_s",
    [("0", 0), ("0s", 0), ("90s", 90), ("1h30m", 5400), ("1d", 86400), ("100ms", 0.1), ("", None), ("5", None), ("1m1h", None)],
)
def test_lengths_are_written_as_in_prometheus(text: str, length_s: float | None) -> None:
    """Units in order, each once."""
    assert length_of(text) == (None if length_s is None else round(length_s * 1e9))


def at(text: str) -> int:
    """Return Unix nanoseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def test_named_times_follow_the_clock_of_their_place() -> None:
    """Berlin's night begins an hour or two before that of UTC."""
    night = MuteTime(minutes=((22 * 60, 24 * 60),), weekdays=((1, 5),), location="Europe/Berlin")
    assert night.contains(at("2026-03-10T21:30:00"))
    assert not night.contains(at("2026-03-10T20:30:00"))
    assert night.contains(at("2026-07-10T20:30:00")), "in summer two hours before"
    assert not night.contains(at("2026-03-14T21:30:00")), "a Saturday"


def test_days_are_counted_from_the_end_of_the_month_too() -> None:
    """-1 is the last day, whatever its number."""
    last = MuteTime(days_of_month=((-2, -1),))
    assert [day for day in range(1, 29) if last.contains(at(f"2026-02-{day:02}T12:00:00"))] == [27, 28]
    assert not MuteTime(days_of_month=((30, 31),)).contains(at("2026-02-28T12:00:00"))


def test_ranges_are_names_or_numbers() -> None:
    """As Alertmanager writes them."""
    assert parse_range("monday:friday", ("sunday", "monday", "friday"), 0, 0, 6) == (1, 2)
    assert parse_range("sunday", ("sunday", "monday"), 0, 0, 6) == parse_range("0", (), 0, 0, 6) == (0, 0)
    assert parse_range("3", (), 1, 1, 12) == (3, 3)
    assert parse_range("-3:-1", (), 1, -31, 31) == (-3, -1)
    for wrong in ("", "0", "13", "0:5", "5:13", "5:3", "x", "--1"):
        with pytest.raises(ValueError, match=r".+"):
            parse_range(wrong, (), 1, 1, 12)
    with pytest.raises(ValueError, match="outside"):
        parse_range("0", (), 1, -31, 31)
    assert parse_clock("24:00") == 1440
    for wrong in ("8:00", "24:01", "12:60", "noon"):
        with pytest.raises(ValueError, match="time of day"):
            parse_clock(wrong)


@given(st.text(max_size=20), st.sampled_from(["=", "!="]))
def test_any_value_can_be_written_as_a_matcher_and_read_again(value: str, operator: str) -> None:
    """Quotes, backslashes, commas, braces and line ends included."""
    matcher = Matcher("project", operator, (value,))
    assert parse_matchers(str(matcher)) == (matcher,)
    assert parse_matchers(in_braces((matcher, matcher))) == (matcher, matcher)
    assert match_all((matcher,), {"project": value}) is (operator == "=")


def test_a_pattern_must_match_all_of_a_value() -> None:
    """As Alertmanager anchors them; a label that is not there is the empty text."""
    (matcher,) = parse_matchers('project=~"shop|till"')
    assert [matcher.matches(name) for name in ("shop", "till", "shops", "")] == [True, True, False, False]
    assert match_all((matcher_of("x", "=", ""),), {})


@with_each("text", ["a", '="b"', 'a=~"("', 'a="b" c="d"', 'a=="b"', "a=b}c", "{a=b", "a=b}", 'a=~"(x+)+"'])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    """In words, not by matching something else."""
    with pytest.raises(BadMatcher):
        parse_matchers(text)


def test_a_problem_is_one_line() -> None:
    """File, line, key, why: as editors jump to."""
    assert str(FileProblem("notify.yaml", 3, 5, "route", "no")) == "notify.yaml:3:5: route: no"


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    """As it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "notification.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    for name in ("pagerduty.key", "mail.password"):
        (tmp_path / name).write_text("secret\n")
    plan, problems = read_plan(example, "notify.yaml", tmp_path, {"WEBHOOK_KEY": KEY})
    assert problems == ()
    assert plan is not None
    assert [target.name for target in plan.targets()] == ["me-desktop-1", "on-call-webhook-1", "on-call-pagerduty-1", "on-call-email-1"]
