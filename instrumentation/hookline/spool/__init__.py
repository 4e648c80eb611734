"""The spool: where hooks leave their events for the relay, one file an event (docs/hooks.md, docs/data-model.md section 1).

event_file  one event's file as a record: the environment line, the payload, times and the stable uid
folder   the private folders and the limits that the hook reads
reader   the relay's side: new events in order, removal, setting aside, figures
adopt    what dead hooks left half written
lost     traces of what could not be written, in another file system
writer   the same kind of file, written from Python
watch    sleeping until a hook has written
"""

from hookline.spool.event_file import SpoolEvent
from hookline.spool.folder import prepare
from hookline.spool.reader import SpoolDepth, SpoolReader
from hookline.spool.watch import SpoolWatch
from hookline.spool.writer import write_event, write_reported

__all__ = ["SpoolDepth", "SpoolEvent", "SpoolReader", "SpoolWatch", "prepare", "write_event", "write_reported"]
