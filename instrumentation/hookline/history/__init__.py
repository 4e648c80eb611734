"""History: the client's transcripts, read into the same records that its hooks make.

`files` finds transcripts, `lines` reads them by byte offset, `claude_code` turns lines into the payloads that the hooks would have
sent, `usage` into records of tokens, `progress` remembers how far each file was read, `backfill` runs it all.
"""
