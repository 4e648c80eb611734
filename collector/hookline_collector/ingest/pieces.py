"""A large request in pieces that are parsed one after the other.

A parsed message takes four times its bytes, so whoever only looks at a request need not have all of it parsed at once. A request is cut between its
resources; a resource that is large by itself between its scopes, and a large scope between its items, which are never cut.
"""

from collections.abc import Iterator

from hookline_collector.wire.protobuf import fields, framed, head

PIECE_BYTES = 256 * 1024
"""What parsing makes of so many stays in the processor's cache: larger pieces take as long."""
_CUT_BETWEEN = (1, 2)  # the fields that are cut inside: a request's resources, a resource's scopes


def pieces(body: bytes, limit: int = PIECE_BYTES) -> Iterator[bytes]:
    """Yield requests of about `limit` bytes that hold, between them, every byte of a request under the message that it belongs to.

    What stands beside items (a resource, a scope) is in one of them alone. So the parser takes all of them or refuses one, as it takes or refuses
    the request. Raises ValueError or IndexError where the bytes are no request, or where something else than length-delimited fields stands between
    what is cut: then only the whole can be judged.
    """
    return _pieces(body, 0, len(body), _CUT_BETWEEN, limit)


def _pieces(body: bytes, begin: int, stop: int, cut_between: tuple[int, ...], limit: int) -> Iterator[bytes]:
    start = at = begin
    for field in fields(body, begin, stop):
        if field.at != at:
            raise ValueError("a field without a length")
        at = field.stop
        if at - start <= limit:
            continue
        if field.at > start:
            yield body[start : field.at]
            start = field.at
        if at - start > limit:
            if field.number in cut_between[:1]:
                if body[field.at : field.begin] != head(field.number, at - field.begin):
                    raise ValueError("a field that no encoder writes like this, which is for the parser to judge")
                yield from (framed(field.number, piece) for piece in _pieces(body, field.begin, at, cut_between[1:], limit))
            else:
                yield body[start:at]
            start = at
    if at != stop:
        raise ValueError("a field without a length")
    if start < stop:
        yield body[start:stop]
