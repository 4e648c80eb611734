"""OTLP requests as bytes on their way through the rooms: `protobuf` walks them unparsed, `insertion_units` says by what pieces they are stored.

Ingest counts with the walk, the journal cuts by the size, delivery and store name the pieces: all of them the same way.
"""
