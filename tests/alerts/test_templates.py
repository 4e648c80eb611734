"""Texts of alerts: as Prometheus writes them, as Jinja writes them, and nothing that harms."""

from __future__ import annotations

import time

import pytest

from hookline_collector.alerts.template_functions import MAX_TEXT
from hookline_collector.alerts.templates import check_template, render
from support.cases import with_each

LABELS = {"instance": "db1.example.com:9100", "tool": "Bash", "items": "3"}


@with_each(
    "template, text",
    [
        ("plain", "plain"),
        ("{{ $labels.tool }} at {{ $value }}", "Bash at 1234.5"),
        ("{{ .Labels.tool }} {{ .Value }}", "Bash 1234.5"),
        ("{{ labels.tool }} {{ value | round | int }}", "Bash 1234"),
        ("{{ $labels.items }}{{ $labels.nothing }}", "3"),
        ("{{ $value | humanize }} {{ humanize $value }}", "1.234k 1.234k"),
        ('{{ printf "%.2f" $value }} {{ $value | printf "%d" }} {{ printf "%s=%v" $labels.tool $value }}', "1234.50 1234 Bash=1234.5"),
        ('{{ reReplaceAll "(.*):\\\\d+" "$1" $labels.instance }}', "db1.example.com"),
        ("{{ reReplaceAll `(.*):(\\d+)` `$2` $labels.instance }}", "9100"),
        ("{{ $labels.instance | stripPort | stripDomain | toUpper }}", "DB1"),
        ('{{ if_ | default("x") }}', "x"),
        ("{% if $value > 1000 %}much{% else %}little{% endif %}", "much"),
        ('{{ value > 3 and "big" or "small" }}', "big"),
        ("{% for name in labels %}{{ name }} {% endfor %}", "instance tool items "),
        ('{{ "a|b" }}', "a|b"),
        ("{{- $value -}}", "1234.5"),
    ],
)
def test_a_template_is_filled_in(template: str, text: str) -> None:
    """Both ways of writing it."""
    assert check_template(template, is_label=False) == ""
    assert render(template, LABELS, 1234.5) == text


@with_each(
    "call, text",
    [
        ("humanize 1234567", "1.235M"),
        ("humanize 0.0023", "2.3m"),
        ("humanize 0", "0"),
        ("humanize1024 1536", "1.5ki"),
        ("humanizeDuration 90061", "1d 1h 1m 1s"),
        ("humanizeDuration 3661", "1h 1m 1s"),
        ("humanizeDuration 61", "1m 1s"),
        ("humanizeDuration 5.25", "5.25s"),
        ("humanizeDuration 0.25", "250ms"),
        ("humanizePercentage 0.055", "5.5%"),
        ("humanizeTimestamp 1435065584", "2015-06-23 13:19:44 +0000 UTC"),
        ('title "a bad day"', "A Bad Day"),
        ('match "B.*" $labels.tool', "true"),
        ('parseDuration "1h30m"', "5400"),
    ],
)
def test_the_functions_say_what_prometheus_says(call: str, text: str) -> None:
    """Values of Prometheus' own tests of them."""
    assert render(f"{{{{ {call} }}}}", LABELS, 1.0) == text


@with_each(
    "template",
    [
        "{{ query `up` }}",
        "{{ humanize $labels.tool }}",
        '{{ "x" * 1000000000 }}',
        '{{ "%1000000000d" % 1 }}',
        '{{ printf "%100000d" 1 }}',
        "{{ 1 / 0 }}",
        "{{ range(10) }}",
        "{{ labels.items() }}",
        '{{ "x".join(["a"]) }}',
        "{{ reReplaceAll `(a+)+b` `` `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` }}",
    ],
)
def test_an_error_is_text_in_the_message(template: str) -> None:
    """As Prometheus tells it; the alert is told all the same."""
    assert render(template, LABELS, 1.0).startswith("<error expanding template: ")


@pytest.mark.parametrize(
    "template", ['{{ "".__class__.__mro__ }}', "{{ labels.__class__ }}", "{{ value.__init__.__globals__ }}", "{{ self._TemplateReference__context }}"]
)
def test_nothing_inside_is_reached(template: str) -> None:
    """A mapping has its keys; nothing has anything else."""
    assert render(template, LABELS, 1.0) == ""


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ foo", "not a template"),
        ("{% for a in labels %}{% for b in labels %}{% endfor %}{% endfor %}", "a loop in a loop"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "macro"),
        ("{% include 'x' %}", "include"),
        ("{{ 2 ** 100 }}", "pow"),
        ("{{ if $value }}x{{ end }}", "is Go's"),
        ("x" * 9_000, "8192"),
    ],
)
def test_what_no_template_may_hold_is_told_at_load(template: str, told: str) -> None:
    """Before it could do harm."""
    assert told in check_template(template, is_label=False)


def test_a_label_may_not_depend_on_the_value() -> None:
    """Each value would be another alert."""
    assert check_template("{{ $labels.tool }}", is_label=True) == ""
    assert check_template("{{ $value | humanize }}", is_label=True)


def test_what_a_template_makes_is_bounded() -> None:
    """In size and in processor time, whatever labels hold."""
    labels = {f"l{at}": "x" * 1_000 for at in range(64)}
    begun = time.process_time()
    text = render("{% for name in labels %}{{ labels[name] }}{% endfor %}" * 20, labels, 1.0)
    assert len(text) == MAX_TEXT
    assert time.process_time() - begun < 1


def test_what_labels_hold_is_not_a_template() -> None:
    """A value from outside is a value."""
    assert render("{{ $labels.tool }}", {"tool": "{{ 7 * 7 }}"}, 1.0) == "{{ 7 * 7 }}"
