"""What a database's looks mean: which bottleneck there is, who makes it, what it was not, and how sure that is.

look_window     the looks of the last seconds, added up: sessions on average by what they waited for, and who
fact_board      the newest figures of the server and its tables, noted as they are told
findings        what a judge says: found, with evidence, or excluded, with the reason
waiting_judges  judges of what sessions wait for: cores, files, WAL, locks, latches, clients, standbys
standing_judges judges of what the server's figures say: connections, vacuum, transaction ids, missing indexes, spilling
verdict         all judges' findings as one judgement: what another finding explains is not told twice
incident_book   judgements over time: begun, updated, ended, under one id
verdict_records incidents as log events
regression_book                statements that became slower than they were, by `slowdowns`
judging         listens to looks and tells

All but the last is pure. A judge compares the lower end of what it measured with its threshold: with few samples it says nothing rather than
something false. What a finding explains is not a finding of its own: a statement that reads a whole table for want of an index keeps cores and
files busy, and connections pile up behind a lock. Findings that have nothing to do with each other stand side by side.
"""
