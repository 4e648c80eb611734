"""A notice when an agent waits for a person, from the relay itself: it needs no collector and no alert rule.

    decision    which waits are due for a notice, and which notices are over: pure, by the waits and the time
    words       what a notice says: whose wait it is and for what, never more than a tool's and a project's name
    notifier    sends what is due through the outlets, in a thread of its own behind a bounded queue
    outlets     a desktop notice, a bell in the session's terminal, a command of the person's own
    current     the settings as the file has them now, so that a change needs no restart

A wait gets one notice, within a second of `notify.after_s`; one that is answered in time gets none. When it is answered later the notice is
withdrawn where that is possible. After a restart of the relay, a wait that goes on gets one more notice.
"""

from hookline.notify.notifier import Notifier

__all__ = ["Notifier"]
