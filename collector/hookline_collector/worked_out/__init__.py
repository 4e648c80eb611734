"""What was worked out: calls, turns, requests, stretches of activity and sessions, stored as they are read.

The state tables keep what was told: the earliest, the latest, sets, by source and day. What follows is worked out once, not at every question:
to plan the nested statement alone costs a second of processor time, and then it reads every fact again.

    told ──▶ state tables ──(load)──▶ rules, pure ──▶ flat tables ──▶ views; reports, sessions, windows
                  └── marks, parts: what is dirty (`dirt`)

- **The unit is a session**, with those that share calls, prompts or requests with it (forks). Nothing that a figure needs lies outside, but
  prices and the moment. A unit of days would not do: a turn's end, a session's end and a person's first word of the morning reach over midnight.
- **Dirty is derived from the store**: each row of a state table has a mark and merging adds them up; a session's row says of which sum it was
  made. In a running process, parts with blocks that were not there before say which sessions to look at. So kills, restarts and other
  collectors need no agreement, and late data, other prices and other rules make dirty what they touch.
- **The rules are Python** (`call_rules`, `turn_rules`, `part_rules`, `request_rules`, `session_rules`): pure functions from facts to rows. The views
  `told_...` say the same in SQL, as a second opinion. Tests hold one against the other, over histories of chance.
- **Rows are replaced by their key**, and only those that changed are written, so that a call more in a long session is a row more. A session's own
  row comes last: killed before, it is dirty at the next start.
- **Now** is told when it is asked: what goes on until now is kept apart, with what will end it.
- **A question comes after** (`WorkedReading`): it waits until all that is stored is worked out, if that is little. If it is much, as after an
  upgrade, or not possible, as on a full disk, it is answered from the facts, with the same figures, while a service works on.
"""

from hookline_collector.worked_out.beforehand import EVERY_S, ON_SERVER_S, WorkingOut
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore

__all__ = ["EVERY_S", "ON_SERVER_S", "WorkedReading", "WorkedStore", "WorkingOut"]
