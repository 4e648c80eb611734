"""The agent beside databases: what their sessions do and wait for, second by second, and what has grown since.

database_agent           a process of its own: one task a database, one way out, one socket for those who look on
targets, watchers        what is configured, and what watches it
database_watch           what every watch has: looks in memory, state, incidents, what is told at an interval's end
work_table               how often who is asked what: pure
samples, sample_ring     one look at the sessions; the last ones, in memory, to be read by whoever judges them
sample_groups            what was seen doing alike, as one record: pure
sample_interval          what was seen in an interval, as figures: pure
wait_classes, lock_trees what a session waits for; who blocks whom: pure
statement_growth         what statements and other counters grew by: pure
database_events, _points what is told as log events and as figures: pure
postgres/                PostgreSQL 13 to 18: links, statements by version, looks and figures
clickhouse/              ClickHouse, as a server and embedded
host                     run queue, pressure and disk, where the server is on this machine
sending                  records and points as OTLP
live_socket, live_client looks as they are made, for `hookline db top`

A look asks only what answers at once and waits for no lock. It has a connection of its own that stays open, so it goes on when all of the server's
are taken. What costs more goes over a second one; what might wait for a lock over a third, which gives up after a tenth of a second. A server that
does not answer costs its own task's time and nobody else's.
"""
