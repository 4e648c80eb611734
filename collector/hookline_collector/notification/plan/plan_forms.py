"""The forms of `notify.yaml`: every key with its meaning, once, for reading, for checking and for the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.notification.plan.checked_texts import (
    a_header,
    a_header_value,
    a_mailbox,
    a_name,
    a_signing_key,
    a_template,
    a_url,
    a_zone,
    an_address,
    no_text,
)
from hookline_collector.notification.plan.label_matchers import Matchers, parse_matchers
from hookline_collector.notification.plan.mute_times import MONTHS, WEEKDAYS, MuteTime, NamedTimes, parse_clock, parse_range
from hookline_collector.notification.plan.notification_plan import InhibitRule, ReceiverPlan, TargetPlan
from hookline_collector.notification.plan.secret import Secret
from hookline_collector.notification.plan.yaml_forms import (
    FileReading,
    FlagForm,
    LengthForm,
    ListForm,
    RecordForm,
    Schema,
    TextForm,
    WholeForm,
    YamlForm,
    YamlKey,
    secret_keys,
)
from hookline_collector.yaml_files import Spot

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
SEVERITIES = ("critical", "error", "warning", "info")
FORMATS = ("alertmanager", "grafana", "template")


def _minutes(values: dict[str, Any], node: Spot, key: str, reading: FileReading) -> Any:
    if values["start_time"] >= values["end_time"]:
        return reading.add(node, key, "it ends before it begins; for a time over midnight write two")
    return values["start_time"], values["end_time"]


def _ranges(names: tuple[str, ...], first: int, least: int, most: int) -> ListForm:
    return ListForm(TextForm(lambda text: parse_range(text, names, first, least, most)))


TIMES = RecordForm("From a time of day to another.", (
    YamlKey("start_time", TextForm(parse_clock), "When it begins, as 08:00.", required=True),
    YamlKey("end_time", TextForm(parse_clock), "When it ends, up to 24:00.", required=True),
), _minutes)  # fmt: skip
STRETCH = RecordForm("A stretch of time; what is left out holds always.", (
    YamlKey("times", ListForm(TIMES), "Times of the day.", ()),
    YamlKey("weekdays", _ranges(WEEKDAYS, 0, 0, 6), "Days such as monday:friday.", ()),
    YamlKey("days_of_month", _ranges((), 1, -31, 31), "Days such as 1:5; -1 is the month's last.", ()),
    YamlKey("months", _ranges(MONTHS, 1, 1, 12), "Months such as january:march or 1:3.", ()),
    YamlKey("years", _ranges((), 1, 1970, 9999), "Years such as 2026:2027.", ()),
    YamlKey("location", TextForm(a_zone), "The time zone.", "UTC"),
), lambda values, *_: MuteTime(minutes=values.pop("times"), **values))  # fmt: skip
NAMED_TIMES = RecordForm("A name for stretches of time.", (
    YamlKey("name", TextForm(a_name), "The name that routes use.", required=True),
    YamlKey("time_intervals", ListForm(STRETCH), "The stretches; one that holds is enough.", ()),
), lambda values, *_: NamedTimes(values["name"], values["time_intervals"]))  # fmt: skip

MATCHERS = ListForm(TextForm(parse_matchers))


def flat(found: Iterable[Matchers]) -> Matchers:
    return tuple(matcher for matchers in found for matcher in matchers)


INHIBIT_RULE = RecordForm("While a source fires, its targets are not sent.", (
    YamlKey("source_matchers", MATCHERS, "Which alerts hold others back.", (), required=True),
    YamlKey("target_matchers", MATCHERS, "Which alerts are held back.", (), required=True),
    YamlKey("equal", ListForm(TextForm()), "Labels that both must have alike.", ()),
), lambda values, *_: InhibitRule(flat(values["source_matchers"]), flat(values["target_matchers"]), values["equal"]))  # fmt: skip


class RouteForm(YamlForm):
    """A route, whose own routes are of the same form. What it leaves out it takes from the route above it (`resolved`)."""

    def __init__(self) -> None:
        self._record = RecordForm("A node of the tree of routes.", (
            YamlKey("receiver", TextForm(a_name), "The receiver; that of the route above when it is left out."),
            YamlKey("matchers", MATCHERS, "Which alerts come here; all of them must match.", ()),
            YamlKey("group_by", ListForm(TextForm(), lone=True), "Labels whose values make a group; ['...'] for all: one alert a message."),
            YamlKey("group_wait", LengthForm(), "How long a new group waits for more before it is sent (0s)."),
            YamlKey("group_interval", LengthForm(), "How long a group is silent after a message, whatever changes (10s)."),
            YamlKey("repeat_interval", LengthForm(60), "After how long a group that still fires is sent again (4h)."),
            YamlKey("continue", FlagForm(), "Whether the routes after this one are tried too.", False),
            YamlKey("mute_time_intervals", ListForm(TextForm()), "Names of times in which nothing is said; it is said after them.", ()),
            YamlKey("active_time_intervals", ListForm(TextForm()), "Names of times outside of which nothing is said.", ()),
            YamlKey("routes", ListForm(self), "Routes that are tried in order; the first that matches takes the alert.", ()),
        ), lambda values, node, key, reading: {**values, "": (node, key)}, "route")  # fmt: skip

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        return self._record.read(node, key, reading)

    def schema(self) -> Schema:
        return self._record.schema()

    def body(self) -> Schema:
        """Describe a route."""
        return self._record.body()


COMMON = (
    YamlKey("name", TextForm(a_name), "The target's name in queue and log; receiver, kind and place when it is left out."),
    YamlKey("send_resolved", FlagForm(), "Whether the end of an alert is sent too.", True),
    YamlKey("timeout", LengthForm(0.1), "How long one attempt may take.", 10 * NS_PER_S),
    YamlKey("max_queued", WholeForm(1, 100_000), "Messages that may wait; past it the oldest goes, and the log says so.", 1_000),
    YamlKey("give_up_after", LengthForm(1), "How old a message may get before it is given up.", 6 * 3600 * NS_PER_S),
)
NETWORK = (
    YamlKey("allow_private", FlagForm(), "Whether its host may be this machine or a private network.", False),
    YamlKey("ca_file", TextForm(no_text), "A file with the certificates to trust; the system's when it is left out."),
)
WORDS = (
    YamlKey("title", TextForm(a_template), "A template of the title."),
    YamlKey("text", TextForm(a_template), "A template of the text."),
)
EXPLAIN = YamlKey("explain", FlagForm(), "Whether each alert carries its evidence and links, beside what the format has.", True)
HEADER = RecordForm("A header.", (
    YamlKey("name", TextForm(a_header), "Its name.", required=True),
    *secret_keys("value", "Its value.", a_header_value),
), lambda values, *_: (values["name"], values["value"] or Secret("")))  # fmt: skip


HTTP = (
    YamlKey("headers", ListForm(HEADER), "More headers.", ()),
    *secret_keys("bearer_token", "Sent as Authorization: Bearer."),
    *secret_keys("signing_key", "Signs each request as Standard Webhooks say (whsec_…).", a_signing_key),
    *secret_keys("previous_signing_key", "Signs it too, while receivers change from one key to the next.", a_signing_key),
)
URL = secret_keys("url", "Where to send.", a_url)
OWN: dict[str, tuple[str, tuple[YamlKey, ...]]] = {
    "webhook": ("An HTTP request.", (
        *URL, *NETWORK, *HTTP, EXPLAIN,
        YamlKey("format", TextForm(choices=FORMATS), "The body: Alertmanager's (version 4), Grafana's, or `body`.", "alertmanager"),
        YamlKey("body", TextForm(a_template), "A template of the body, for `format: template`."),
        YamlKey("content_type", TextForm(no_text), "The type of that body.", "application/json"),
        YamlKey("max_alerts", WholeForm(0, 100_000), "Alerts in a body at most; 0 has no bound.", 0),
    )),
    "slack": ("A message in Slack, by an incoming webhook.", (*secret_keys("api_url", "The webhook's address.", a_url), *NETWORK, *WORDS)),
    "pagerduty": ("An event of PagerDuty (Events API v2).", (
        *secret_keys("routing_key", "The integration's key.", no_text),
        *secret_keys("url", f"The address; {PAGERDUTY_URL} when it is left out.", a_url), *NETWORK, *WORDS,
        YamlKey("severity", TextForm(choices=SEVERITIES), "The severity where the alerts have no such label.", "warning"),
    )),
    "email": ("A mail by SMTP.", (
        YamlKey("to", ListForm(TextForm(a_mailbox), lone=True, least=1), "Whom it goes to.", required=True),
        YamlKey("from", TextForm(a_mailbox), "Whom it comes from.", required=True),
        YamlKey("smarthost", TextForm(an_address), "The server, as mail.example.org:587.", required=True),
        YamlKey("auth_username", TextForm(no_text), "The user on the server."), *secret_keys("auth_password", "Its password."),
        YamlKey("require_tls", FlagForm(), "Whether it must be encrypted; port 465 is from the first byte.", True), *NETWORK, *WORDS,
    )),
    "desktop": ("A notice on the desktop of the machine that the collector runs on.", WORDS),
    "command": ("A program of your own: the message as JSON on its standard input.", (
        YamlKey("command", ListForm(TextForm(), least=1), "The program and its arguments; no shell is involved.", required=True), EXPLAIN,
    )),
    "alertmanager": ("An Alertmanager, which groups, silences and notifies by itself.", (
        *URL, *NETWORK, *HTTP[:4],
        YamlKey("resend_delay", LengthForm(1), "After how long what fires is sent again.", 60 * NS_PER_S),
    )),
    "apprise": ("Any of the services that Apprise knows, by its URL.", (*secret_keys("url", "The service, as Apprise writes it.", no_text), *WORDS)),
}  # fmt: skip
SENDS_URL = {"webhook": "url", "slack": "api_url", "pagerduty": "url", "alertmanager": "url", "apprise": "url"}


def _target(kind: str) -> RecordForm:
    meaning, keys = OWN[kind]

    def make(values: dict[str, Any], node: Spot, key: str, reading: FileReading) -> Any:
        if why := _missing(kind, values):
            return reading.add(node, key, why)
        return {**values, "kind": kind}

    return RecordForm(meaning, (*COMMON, *keys), make, kind)


def _missing(kind: str, values: Mapping[str, Any]) -> str:
    """Return what a target lacks, empty when it has all it needs."""
    needed = {"webhook": "url", "slack": "api_url", "pagerduty": "routing_key", "alertmanager": "url", "apprise": "url"}.get(kind, "")
    if needed and not values[needed]:
        return f"{needed} is missing (or {needed}_file, or {needed}_env)"
    if kind == "webhook" and (values["format"] == "template") is not bool(values["body"]):
        return "format: template and body belong together"
    if kind == "webhook" and values["previous_signing_key"] and not values["signing_key"]:
        return "previous_signing_key needs signing_key"
    if kind == "email" and bool(values["auth_username"]) is not bool(values["auth_password"]):
        return "auth_username and auth_password belong together"
    return ""


TARGETS = {kind: _target(kind) for kind in OWN}


def _receiver(values: dict[str, Any], node: Spot, key: str, reading: FileReading) -> ReceiverPlan:
    name = values["name"]
    found = [(kind, at, target) for kind in OWN for at, target in enumerate(values[f"{kind}_configs"])]
    return ReceiverPlan(name, tuple(_target_plan(name, kind, at, target) for kind, at, target in found))


def _target_plan(receiver: str, kind: str, at: int, values: Mapping[str, Any]) -> TargetPlan:
    common = {key.name for key in COMMON} | {"allow_private", "kind"}
    url = values.get(SENDS_URL.get(kind, "")) or Secret(PAGERDUTY_URL if kind == "pagerduty" else "")
    return TargetPlan(
        name=values["name"] or f"{receiver}-{kind}-{at + 1}",
        kind=kind,
        receiver=receiver,
        send_resolved=values["send_resolved"],
        timeout_s=values["timeout"] / NS_PER_S,
        allow_private=bool(values.get("allow_private")),
        max_queued=values["max_queued"],
        give_up_after_s=values["give_up_after"] / NS_PER_S,
        url=url,
        options={name: value for name, value in values.items() if name not in common and not name.endswith(("_env",)) and value is not None},
    )


RECEIVER = RecordForm("A name, and the targets that it stands for.", (
    YamlKey("name", TextForm(a_name), "The name that routes use.", required=True),
    *(YamlKey(f"{kind}_configs", ListForm(TARGETS[kind]), meaning, ()) for kind, (meaning, _) in OWN.items()),
), _receiver)  # fmt: skip
GLOBAL = RecordForm("What holds for all.", (
    YamlKey("external_url", TextForm(a_url), "How others reach the collector's pages; links begin with it."),
), lambda values, *_: values)  # fmt: skip
ROUTE = RouteForm()
