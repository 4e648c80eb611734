"""Who is told of what, and when: routes, groups, inhibition, silences, each against a small model of what a person should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hookline_collector.alerts.alert import Alert, AlertState, transition_of
from hookline_collector.notification.deciding.alert_groups import AlertGroup, Hush, is_due, joined, look
from hookline_collector.notification.deciding.alert_message import MAX_ALERTS, AlertMessage, message_from_object, message_to_object
from hookline_collector.notification.deciding.held_back import HeldBack, held_back
from hookline_collector.notification.deciding.inhibition import is_inhibited
from hookline_collector.notification.deciding.noticeboard import Noticeboard, as_told, decided, look_at_all, replanned, taken
from hookline_collector.notification.deciding.routing import group_key, nodes_for, tree_of
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence
from hookline_collector.notification.plan.label_matchers import Matchers, parse_matchers
from hookline_collector.notification.plan.mute_times import MuteTime, NamedTimes
from hookline_collector.notification.plan.notification_plan import InhibitRule, NotificationPlan, ReceiverPlan, Route, TargetPlan
from support.alerting import T0, S, firing, message, over
from support.soaking import examples


def m(text: str) -> Matchers:
    """Return matchers."""
    return parse_matchers(text)


def plan_of(route: Route, *inhibit: InhibitRule, times: Sequence[NamedTimes] = (), **targets: TargetPlan) -> NotificationPlan:
    """Return a plan with receivers `me` and `team`, each with one target."""
    names = ("me", "team")
    receivers = {name: ReceiverPlan(name, (targets.get(name) or TargetPlan(f"{name}-webhook-1", "webhook", name),)) for name in names}
    return NotificationPlan(route, receivers, inhibit, {each.name: each for each in times})


def board_of(plan: NotificationPlan) -> Noticeboard:
    """Return a board on which nothing stands yet."""
    return replanned(Noticeboard(), plan, T0)


def test_the_first_route_that_matches_takes_an_alert_unless_it_goes_on() -> None:
    """As Alertmanager walks the tree."""
    tree = tree_of(
        Route("me", routes=(
            Route("a", m("severity=page"), goes_on=True),
            Route("b", m("severity=page"), routes=(Route("deep", m("tool=Bash")),)),
            Route("c", m("severity=~.+")),
        ))
    )  # fmt: skip

    def receivers(**labels: str) -> list[str]:
        return [node.route.receiver for node in nodes_for(tree.root, labels)]

    assert receivers(severity="page") == ["a", "b"]
    assert receivers(severity="page", tool="Bash") == ["a", "deep"]
    assert receivers(severity="info") == ["c"]
    assert receivers(tool="Bash") == ["me"]


def test_keys_of_groups_are_alertmanagers() -> None:
    """Receivers tell groups apart by them."""
    tree = tree_of(Route("me", group_by=("alertname", "tool"), routes=(Route("team", m('a="x",b=~"y"'), ("alertname",)),)))
    assert group_key(tree.root, tree.root.group_labels({"tool": 'B"', "alertname": "A", "z": "1"})) == '{}:{alertname="A", tool="B\\""}'
    (child,) = tree.root.below
    assert group_key(child, {"alertname": "A"}) == '{}/{a="x",b=~"y"}:{alertname="A"}'


def test_two_routes_that_look_alike_keep_their_own_groups() -> None:
    """Even where Alertmanager's keys are the same."""
    tree = tree_of(Route("me", routes=(Route("me", m("a=x"), goes_on=True), Route("me", m("a=x")))))
    assert len(tree.nodes) == 3


def test_a_source_holds_back_its_targets_and_never_itself() -> None:
    """As Alertmanager's inhibitor decides."""
    rule = InhibitRule(m("severity=critical"), m("severity=~warning|critical"), ("project",))
    critical, warning = {"severity": "critical", "project": "shop"}, {"severity": "warning", "project": "shop"}
    assert is_inhibited(warning, (rule,), [critical])
    assert not is_inhibited({**warning, "project": "till"}, (rule,), [critical])
    assert not is_inhibited(critical, (rule,), [critical, {**critical, "tool": "Bash"}])
    assert is_inhibited({"severity": "warning"}, (rule,), [{"severity": "critical"}]), "labels that neither has are alike"
    assert not is_inhibited(warning, (rule,), [warning])


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")), max_size=4),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")),
)
def test_inhibition_is_what_its_sentence_says(firing_labels: list[dict[str, str]], labels: dict[str, str]) -> None:
    """A target is held back while a source fires with the same `equal` labels, unless both are source and target."""
    rule = InhibitRule(m("a=x"), m("b=x"), ("c",))
    both = labels.get("a") == "x"
    expected = labels.get("b") == "x" and any(
        other.get("a") == "x" and other.get("c", "") == labels.get("c", "") and not (both and other.get("b") == "x") for other in firing_labels
    )
    assert is_inhibited(labels, (rule,), firing_labels) is expected


ROUTE = Route("me", group_by=("alertname",), group_wait_ns=5 * S, group_interval_ns=20 * S, repeat_interval_ns=300 * S)


@dataclass
class Person:
    """What somebody knows who reads every message."""

    knows: dict[str, int] = field(default_factory=dict)
    told: list[tuple[int, AlertMessage]] = field(default_factory=list)
    ends: list[tuple[str, int]] = field(default_factory=list)
    beginnings: list[tuple[str, int]] = field(default_factory=list)

    def read(self, message: AlertMessage, now_ns: int) -> None:
        """Read one message: what is new in it is learnt."""
        self.told.append((now_ns, message))
        for alert in message.alerts:
            episode = (alert.fingerprint, alert.fired_at_ns)
            if alert.state is AlertState.FIRING:
                if self.knows.get(alert.fingerprint) != alert.fired_at_ns:
                    self.beginnings.append(episode)
                self.knows[alert.fingerprint] = alert.fired_at_ns
            else:
                assert alert.fingerprint in self.knows, "an end is told only to whom its beginning was"
                del self.knows[alert.fingerprint]
                self.ends.append(episode)


MOVES = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["a", "b", "c"]), st.sampled_from(["turn", "hold", "nothing"])), max_size=40)


@settings(max_examples=examples(150), deadline=None)
@given(MOVES)
def test_a_person_who_reads_every_message_knows_what_fires(moves: list[tuple[int, str, str]]) -> None:
    """Whatever fires, resolves, is silenced and comes back: in the end the person knows what fires and is not held back, each beginning and each
    end was told once, and no group spoke within its interval."""
    plan = plan_of(ROUTE)
    board, person, now = board_of(plan), Person(), T0
    alive: dict[str, Alert] = {}
    held: set[str] = set()

    def step(board: Noticeboard) -> Noticeboard:
        board, messages = decided(board, now)
        for each in messages:
            person.read(each, now)
        return board

    for pause, tool, move in moves:
        for _ in range(pause):
            now += S
            board = step(board)
        if move == "turn":
            alert = over(alive.pop(tool), now) if tool in alive else firing(now, tool=tool)
            if alert.state is AlertState.FIRING:
                alive[tool] = alert
            board = taken(board, [alert], now)
        elif move == "hold":
            held ^= {tool}
            silences = {each: Silence(each, m(f"tool={each}"), 0, now + 10**9 * S, "me", "", now) for each in held}
            board = look_at_all(replace(board, silences=silences), now)
        board = step(board)
    for _ in range(61):
        now += S
        board = step(board)
    audible = {alert.fingerprint: alert.fired_at_ns for tool, alert in alive.items() if tool not in held}
    assert audible.items() <= person.knows.items()
    known_held = person.knows.keys() - audible.keys()
    assert known_held <= {alert.fingerprint for tool, alert in alive.items() if tool in held}, "only of what still fires, held back since"
    assert len(set(person.beginnings)) == len(person.beginnings), "no beginning is told twice"
    assert len(set(person.ends)) == len(person.ends), "no end is told twice"
    times = [at for at, _ in person.told]
    assert all(later - earlier >= 20 * S for earlier, later in pairwise(times))


def run(group: AlertGroup | None, seconds: int, hush: Hush = Hush(), route: Route = ROUTE, start: int = T0) -> tuple[AlertGroup | None, list[int]]:  # noqa: B008
    """Look at a group once a second; return it, and when it was told."""
    told = []
    for second in range(seconds):
        if group is None:
            break
        group, decision = look(group, route, hush, start + second * S)
        if decision:
            told.append(second)
    return group, told


def test_a_group_that_goes_on_is_repeated_and_one_that_somebody_knows_of_is_not() -> None:
    """Acknowledging ends the repeats, not the end."""
    group = joined(AlertGroup("r", "me", {}, T0), firing(), ROUTE, T0)
    assert run(group, 1000)[1] == [5, 305, 605, 905]
    after, told = run(group, 1000, Hush(knows=lambda _: True))
    assert told == [5]
    assert after is not None
    assert run(joined(after, over(firing(), T0 + 1000 * S), ROUTE, T0 + 1000 * S), 30, start=T0 + 1000 * S)[1] == [0], "its end is told at once"


def test_what_is_over_before_it_was_told_is_not_told() -> None:
    """A blip shorter than the wait rings nobody."""
    alert = firing()
    group = joined(joined(AlertGroup("r", "me", {}, T0), alert, ROUTE, T0), over(alert, T0 + S), ROUTE, T0 + S)
    assert run(group, 100) == (None, [])


def test_quiet_times_keep_what_is_to_be_told_until_they_end() -> None:
    """The beginning of what still fires, and the end of what was told before."""
    alert = firing(tool="a")
    group, told = run(joined(AlertGroup("r", "me", {}, T0), alert, ROUTE, T0), 10)
    assert group is not None
    assert told == [5]
    group = joined(joined(group, over(alert, T0 + 10 * S), ROUTE, T0 + 10 * S), firing(T0 + 10 * S, tool="b"), ROUTE, T0 + 10 * S)
    group, told = run(group, 200, Hush(is_quiet=True), start=T0 + 10 * S)
    assert told == []
    assert group is not None
    _, decision = look(group, ROUTE, Hush(), T0 + 500 * S)
    assert decision is not None
    assert [(each.labels["tool"], each.state.value) for each in decision.alerts] == [("b", "firing"), ("a", "resolved")]


def test_a_clock_that_is_set_back_delays_nothing_for_hours() -> None:
    """No group is looked at later than its longest interval from now."""
    plan = plan_of(ROUTE)
    board, messages = decided(taken(board_of(plan), [firing()], T0), T0 + 5 * S)
    assert len(messages) == 1
    early = T0 - 3600 * S
    board = taken(board, [firing(early, tool="x")], early)
    board, messages = decided(board, early + S)
    assert [alert.labels.get("tool") for alert in messages[0].alerts] == [None, "x"]


def test_an_alert_that_went_back_to_pending_is_over() -> None:
    """A longer `for` takes back what was told; what never fired concerns nobody."""
    alert = replace(firing(), state=AlertState.PENDING)
    told = as_told(transition_of(alert, AlertState.FIRING, T0 + S))
    assert told is not None
    assert (told.state, told.resolved_at_ns) == (AlertState.RESOLVED, T0 + S)
    assert as_told(transition_of(alert, AlertState.INACTIVE, T0)) is None
    assert as_told(transition_of(replace(alert, state=AlertState.INACTIVE, fired_at_ns=0), AlertState.PENDING, T0)) is None


def test_an_end_is_told_with_the_moment_that_it_names() -> None:
    """Also where the change was seen later; an end of what never fired concerns nobody."""
    ended = over(firing(), T0 + S)
    assert as_told(transition_of(ended, AlertState.FIRING, T0 + 9 * S)) == ended
    assert as_told(transition_of(replace(ended, fired_at_ns=0), AlertState.PENDING, T0 + S)) is None


def test_the_group_that_is_due_first_is_looked_at_first() -> None:
    """Nobody sleeps past it, however many groups there are."""
    plan = plan_of(replace(ROUTE, group_by=("tool",)))
    board = taken(taken(board_of(plan), [firing(tool="a")], T0), [firing(T0 + S, tool="b")], T0 + S)
    assert len(board.groups) == 2
    assert board.due_ns() == T0 + 5 * S
    assert board_of(plan).due_ns() is None


def test_a_target_that_wants_no_ends_gets_none() -> None:
    """`send_resolved: false`: neither alone nor beside what fires."""
    alert, other = firing(tool="a"), firing(tool="b")
    plan = plan_of(replace(ROUTE, group_wait_ns=0, group_interval_ns=0), me=TargetPlan("me-webhook-1", "webhook", "me", send_resolved=False))
    board, messages = decided(taken(board_of(plan), [alert, other], T0), T0)
    assert len(messages[0].alerts) == 2
    board, messages = decided(taken(board, [over(alert, T0 + S)], T0 + S), T0 + S)
    assert messages == ()
    _, messages = decided(taken(board, [over(other, T0 + 2 * S), firing(T0 + 2 * S, tool="c")], T0 + 2 * S), T0 + 2 * S)
    assert [each.labels["tool"] for each in messages[0].alerts] == ["c"]


def test_a_new_plan_tells_nothing_twice_and_loses_no_end() -> None:
    """The file is written anew while something fires: the same receiver is told only what it does not know; another is told all that fires."""
    now, alert = T0 + 10 * S, firing()
    board, messages = decided(taken(board_of(plan_of(replace(ROUTE, group_wait_ns=0))), [alert], T0), T0)
    assert len(messages) == 1
    same = replanned(board, plan_of(replace(ROUTE, group_wait_ns=0, group_by=("alertname", "tool"))), now)
    same, messages = decided(look_at_all(same, now), now)
    assert messages == ()
    _, messages = decided(taken(same, [over(alert, now)], now), now + 30 * S)
    assert [each.reason for each in messages] == ["resolved"]
    other = replanned(board, plan_of(replace(ROUTE, receiver="team", group_wait_ns=0)), now)
    _, messages = decided(other, now)
    assert [(each.receiver, each.reason) for each in messages] == [("team", "firing")]


def test_silences_and_acknowledgements_count_for_whom_they_name() -> None:
    """By labels and time; by episode."""
    silence = Silence("s", m("tool=Bash"), T0, T0 + 10 * S, "me", "noisy", T0)
    assert [silence.state(at) for at in (T0 - 1, T0, T0 + 10 * S)] == ["pending", "active", "expired"]
    plan = plan_of(replace(ROUTE, group_wait_ns=0, group_interval_ns=S))
    board = replace(board_of(plan), silences={"s": silence})
    board, messages = decided(taken(board, [firing(tool="Bash"), firing(tool="Read")], T0), T0)
    assert [each.labels["tool"] for each in messages[0].alerts] == ["Read"]
    board, messages = decided(board, T0 + 11 * S)
    assert [each.labels["tool"] for each in messages[0].alerts] == ["Bash", "Read"], "it is over"
    known = Acknowledgement(firing(tool="Bash").fingerprint, T0, "me", "", T0)
    board = replace(board, acknowledged={known.fingerprint: known})
    _, messages = decided(board, T0 + 400 * S)
    assert len(messages) == 1, "Read is not known to anybody"


def test_who_holds_an_alert_back_is_known() -> None:
    """Silences by their ids, other alerts by their fingerprints, and who said that they know of this episode."""
    critical, warning, free = firing(severity="critical", tool="x"), firing(severity="warning", tool="x"), firing(severity="warning", tool="y")
    rule = InhibitRule(m("severity=critical"), m("severity=warning"), ("tool",))
    silence = Silence("s1", m("severity=critical"), T0, T0 + 60 * S, "ana", "x", T0)
    knows = Acknowledgement(critical.fingerprint, critical.fired_at_ns, "bo", "on it", T0)
    said = Noticeboard(silences={"s1": silence}, acknowledged={critical.fingerprint: knows})
    board = taken(replanned(said, plan_of(Route("me"), rule), T0), [critical, warning, free], T0)
    held = held_back(board, [critical, warning, free], T0 + S)
    assert held == {critical.fingerprint: HeldBack(("s1",), (), knows), warning.fingerprint: HeldBack((), (critical.fingerprint,))}
    later = over(critical, T0 + 61 * S)
    assert held_back(taken(board, [later], T0 + 61 * S), [warning], T0 + 61 * S) == {}
    again = firing(T0 + 5 * S, severity="critical", tool="x")
    assert held_back(board, [again], T0 + 70 * S) == {}, "another episode, and the silence is over"


def test_what_is_held_back_by_another_is_told_when_that_is_over() -> None:
    """Through the board: across groups and receivers."""
    rule = InhibitRule(m("severity=critical"), m("severity=warning"), ("project",))
    routes = (Route("team", m("severity=critical"), ("alertname",), group_interval_ns=S),)
    plan = plan_of(replace(ROUTE, group_wait_ns=0, group_interval_ns=S, routes=routes), rule)
    critical, warning = firing(severity="critical", project="shop"), firing(severity="warning", project="shop")
    board, messages = decided(taken(board_of(plan), [warning, critical, firing(severity="warning", project="till")], T0), T0)
    assert [(each.receiver, [alert.labels["project"] for alert in each.alerts]) for each in messages] == [("me", ["till"]), ("team", ["shop"])]
    assert board.firing().keys() == {critical.fingerprint, warning.fingerprint, firing(severity="warning", project="till").fingerprint}
    board, messages = decided(taken(board, [over(critical, T0 + 5 * S)], T0 + 5 * S), T0 + 5 * S)
    assert sorted((each.receiver, each.reason) for each in messages) == [("me", "firing"), ("team", "resolved")]
    assert board.firing().keys() == {warning.fingerprint, firing(severity="warning", project="till").fingerprint}


def test_named_times_mute_a_route() -> None:
    """mute_time_intervals and active_time_intervals."""
    always, never = NamedTimes("always", (MuteTime(),)), NamedTimes("never", (MuteTime(years=((1980, 1980),)),))
    quick = replace(ROUTE, group_wait_ns=0)
    for route, count in (
        (quick, 1),
        (replace(quick, mute_times=("always",)), 0),
        (replace(quick, mute_times=("never",)), 1),
        (replace(quick, active_times=("never",)), 0),
        (replace(quick, active_times=("never", "always")), 1),
    ):
        _, messages = decided(taken(board_of(plan_of(route, times=[always, never])), [firing()], T0), T0)
        assert len(messages) == count, route


def test_a_message_has_a_bound() -> None:
    """Thousands of alerts in one group make one message that says how many it leaves out; all of them count as told."""
    plan = plan_of(replace(ROUTE, group_wait_ns=0))
    alerts = [firing(tool=f"tool {number:04}") for number in range(MAX_ALERTS + 20)]
    board, (told,) = decided(taken(board_of(plan), alerts, T0), T0)
    assert (len(told.alerts), told.left_out) == (MAX_ALERTS, 20)
    assert decided(look_at_all(board, T0 + 60 * S), T0 + 60 * S)[1] == ()


def test_a_message_is_kept_as_it_is() -> None:
    """What is read after a restart is what was decided."""
    told = message(firing(tool="Bash"), over(firing(tool="Read"), T0 + S))
    assert message_from_object(message_to_object(told)) == told
    assert (told.status, len(told.firing), len(told.resolved)) == ("firing", 1, 1)


def test_a_group_is_looked_at_when_something_can_become_of_it_and_not_before() -> None:
    """Nothing is woken for what cannot have changed: an idle collector stays idle."""
    alert = firing(tool="a")
    new = joined(AlertGroup("r", "me", {}, T0), alert, ROUTE, T0)
    assert new.due_ns == T0 + 5 * S, "its wait"
    assert joined(new, firing(tool="b"), ROUTE, T0 + S).due_ns == T0 + 5 * S, "more does not put it off"
    told, _ = look(new, ROUTE, Hush(), T0 + 5 * S)
    assert told is not None
    assert told.due_ns == T0 + 305 * S, "its repeat"
    assert joined(told, firing(tool="b"), ROUTE, T0 + 6 * S).due_ns == T0 + 25 * S, "its interval"
    assert joined(told, firing(tool="b"), ROUTE, T0 + 60 * S).due_ns == T0 + 60 * S, "at once after that"
    held, _ = look(new, ROUTE, Hush(holds=lambda _: True), T0 + 5 * S)
    assert held is not None
    assert held.due_ns == T0 + 25 * S, "whether it is still held back"
    quiet, _ = look(new, ROUTE, Hush(is_quiet=True), T0 + 5 * S)
    assert quiet is not None
    assert quiet.due_ns == T0 + 25 * S
    assert not is_due(told, ROUTE, T0 + 305 * S - 1)
    assert is_due(told, ROUTE, T0 + 305 * S)
    assert not is_due(told, ROUTE, T0 + 5 * S)
    assert is_due(told, ROUTE, T0 + 4 * S), "a clock that was set back"
    slow = replace(ROUTE, group_interval_ns=600 * S)
    after, _ = look(joined(AlertGroup("r", "me", {}, T0), alert, slow, T0), slow, Hush(holds=lambda _: True), T0 + 5 * S)
    assert after is not None
    assert after.due_ns == T0 + 65 * S, "once a minute at least"
    known, _ = look(told, ROUTE, Hush(knows=lambda _: True), T0 + 400 * S)
    assert known is not None
    assert known.due_ns == T0 + 420 * S, "whether somebody still knows of it"
