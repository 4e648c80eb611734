"""By what pieces requests go into the store, and the token under which a piece is stored once.

    <segment>/<part>                  a part of a segment of the journal: about PART_BYTES of records
    <segment>/<part>/<start>-<end>    records of a part that begin in a range of bytes, where the whole part was refused
    <either>:<at>-<stop>              a portion of a payload that is larger than PART_BYTES
    <any>:days <first>-<last>         a run of days, where items lie on very many

The same bytes always get the same token, in this process and in any later one: a piece that is sent again is known again by
ClickHouse's `insert_deduplication_token`. So the texts never change.
"""

PART_BYTES = 8 * 1024 * 1024
"""What the store takes in one insert. An insert needs about ten times its bytes in the engine."""


def part_name(segment_id: str, part: int) -> str:
    """Name a part of a segment."""
    return f"{segment_id}/{part}"


def cut_name(start: int, end: int) -> str:
    """Name a range of a part."""
    return f"/{start}-{end}"


def portion_name(at: int, stop: int) -> str:
    """Name a portion of a payload."""
    return f":{at}-{stop}"


def days_name(first: int, last: int) -> str:
    """Name a run of days, counted since 1970."""
    return f":days {first}-{last}"


def token(*names: str) -> str:
    """Return the insert token of a piece: the names of what holds it, the largest first; an empty name is the whole."""
    return "".join(names)
