"""The store of notification: what is read is what was written, step by step."""

from __future__ import annotations

import random
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hookline.errors import Refused
from hookline_collector.alerts.alert import Alert
from hookline_collector.notification.alerting import changed_groups
from hookline_collector.notification.deciding.noticeboard import Noticeboard, decided, replanned, taken
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence
from hookline_collector.notification.keeping.kept import Kept, KeptChanges
from hookline_collector.notification.keeping.notification_store import NotificationStore
from hookline_collector.notification.plan.label_matchers import parse_matchers
from hookline_collector.notification.plan.notification_plan import NotificationPlan, ReceiverPlan, Route, TargetPlan
from support.alerting import T0, S, firing, message, over
from support.soaking import share


def read_again(path: Path) -> Kept:
    """Return what another process would find."""
    store = NotificationStore(path)
    try:
        return store.open()
    finally:
        store.close()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(share(2, 20, 200)))
def test_groups_are_read_as_they_were_written(tmp_path: Path, seed: int) -> None:
    """Whatever joins, ends, is told and forgotten: after each write the next process finds the groups as they are, but for when they are due."""
    chance = random.Random(seed)
    target = TargetPlan("t", "webhook", "me")
    route = Route("me", group_by=("project",), group_interval_ns=3 * S, group_wait_ns=S)
    board = replanned(Noticeboard(), NotificationPlan(route, {"me": ReceiverPlan("me", (target,))}), T0)
    store, alive, now = NotificationStore(tmp_path / "kept.db"), dict[str, Alert](), T0
    store.open()
    for _ in range(40):
        now += chance.randrange(3) * S
        tool, project = chance.choice("abcde"), chance.choice("xy")
        known = f"{tool}{project}"
        alert = over(alive.pop(known), now) if known in alive else firing(now, tool=tool, project=project)
        if known not in alive and alert.resolved_at_ns == 0:
            alive[known] = alert
        after, messages = decided(taken(board, [alert], now), now)
        store.write(replace(changed_groups(board.groups, after.groups, KeptChanges()), queued=messages, done=[each.id for each in messages]))
        board = after
        found = {group.key: replace(group, due_ns=0) for group in read_again(tmp_path / "kept.db").groups}
        assert found == {key: replace(group, due_ns=0) for key, group in board.groups.items()}
    store.close()


def test_everything_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Queue in order with attempts, changes, silences, acknowledgements; what is not a number stays none."""
    path = tmp_path / "kept.db"
    store = NotificationStore(path)
    store.open()
    odd = replace(firing(tool='ü"\n'), value=float("inf"))
    silence = Silence("s", parse_matchers('a="b",c=~"d|e"'), 1, 2, "me", "why", 3)
    known = Acknowledgement("f" * 16, T0, "me", "on it", T0)
    first, second = message(odd), message(firing(tool="b"))
    store.write(KeptChanges(taken=["1", "2"], queued=[first, second], silences=[silence], acknowledged=[known]))
    store.write(KeptChanges(taken=["2", "3"], attempts={second.id: 7}))
    store.close()
    kept = read_again(path)
    assert kept.queue == ((first, 0), (second, 7))
    assert kept.taken == ("1", "2", "3")
    assert (kept.silences, kept.acknowledged) == ((silence,), (known,))
    store.write(KeptChanges(done=[first.id], silences_over=["s"], acknowledged_over=[known.fingerprint]))
    store.close()
    kept = read_again(path)
    assert (len(kept.queue), kept.silences, kept.acknowledged) == (1, (), ())


def test_a_transaction_that_fails_writes_nothing_of_it(tmp_path: Path) -> None:
    """All or nothing: here the second statement fails."""
    store = NotificationStore(tmp_path / "kept.db")
    store.open()
    broken = replace(message(firing()), group_labels={"a": object()})  # type: ignore[dict-item]
    with pytest.raises((TypeError, Refused)):
        store.write(KeptChanges(taken=["1"], queued=[broken]))
    store.write(KeptChanges(taken=["2"]))
    store.close()
    assert read_again(tmp_path / "kept.db").taken == ("2",)


def test_a_store_that_another_holds_is_refused_for_now(tmp_path: Path) -> None:
    """Not set aside: nothing is wrong with it."""
    path = tmp_path / "kept.db"
    store = NotificationStore(path, busy_s=0.05)
    store.open()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Refused):
        store.write(KeptChanges(taken=["1"]))
    other.execute("COMMIT")
    other.close()
    store.write(KeptChanges(taken=["1"]))
    store.close()
    assert not path.with_name("kept.db.damaged").exists()


def test_closing_while_it_is_opened_takes_no_file_for_damaged(tmp_path: Path) -> None:
    """A collector that is stopped as soon as it starts: what is there stays, and the process lives."""
    path = tmp_path / "kept.db"
    read_again(path)
    for _ in range(30):
        store = NotificationStore(path)
        opening = threading.Thread(target=store.open)
        opening.start()
        store.close()
        opening.join()
        store.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["kept.db"]
