"""History: agents' transcripts, read into the same records that their hooks make.

`lines` reads files by byte offset, `progress` remembers how far each was read, `backfill` runs it all, `follow` reads on after each turn.
Where an agent's transcripts lie and what their lines mean stands in its folder.
"""
