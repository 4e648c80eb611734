"""The form of a record: valid for every protobuf reader, and found again after damage."""

import random

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline_collector.journal import record
from hookline_collector.signal import Signal
from support.journaling.requests import body, names_in

MARK = record.mark_of("0123456789ab-00112233445566778899")
BODIES = [body(Signal.TRACES, [f"s{n}"], filler=n * 7) for n in range(8)]


def laid(bodies: list[bytes], mark: bytes = MARK) -> bytes:
    """Return a segment's bytes."""
    return b"".join(record.header(mark, one, 1) + one for one in bodies)


def found(segment: bytes) -> list[bytes]:
    """Return the bodies that a scan finds."""
    return [record.body_of(segment, one) for one in record.scan(segment, MARK).records]


def test_a_segment_is_itself_one_valid_request() -> None:
    """Readers that do not know the headers see every span and nothing else."""
    assert names_in(Signal.TRACES, laid(BODIES)) == [f"s{n}" for n in range(8)]
    assert len(record.header(MARK, b"", 0)) == record.HEADER_BYTES


def test_every_record_is_found_again() -> None:
    """Bodies, item counts and ends are those that were written, without damage and without a torn tail."""
    segment = laid(BODIES)
    scan = record.scan(segment, MARK)
    assert found(segment) == BODIES
    assert scan.damages == ()
    assert scan.torn_at is None
    assert sum(one.items for one in scan.records) == len(BODIES)


def test_any_changed_byte_costs_only_the_record_that_holds_it() -> None:
    """For each byte of a segment: the other records are found, and the damage is reported where it is."""
    segment = laid(BODIES)
    ends = [one.end for one in record.scan(segment, MARK).records]
    for at in range(len(segment)):
        broken = bytearray(segment)
        broken[at] ^= 0x41
        scan = record.scan(bytes(broken), MARK)
        victim = next(n for n, end in enumerate(ends) if at < end)
        assert found(bytes(broken)) == BODIES[:victim] + BODIES[victim + 1 :]
        assert len(scan.damages) == 1
        assert scan.damages[0].start <= at < scan.damages[0].end
        assert scan.torn_at is None


def test_the_items_of_a_damaged_body_are_known_from_its_header() -> None:
    """What is lost can be counted as long as the header is intact."""
    segment = bytearray(record.header(MARK, BODIES[0], 17) + BODIES[0] + laid(BODIES[1:2]))
    segment[record.HEADER_BYTES] ^= 1
    assert [one.items for one in record.scan(bytes(segment), MARK).damages] == [17]


def test_a_tail_cut_anywhere_is_torn_and_the_rest_is_whole() -> None:
    """Wherever a write stopped: the records before it are found, and the tail is known as torn, not as damage."""
    segment = laid(BODIES)
    ends = [0, *(one.end for one in record.scan(segment, MARK).records)]
    for size in range(1, len(segment)):
        scan = record.scan(segment[:size], MARK)
        whole = max(end for end in ends if end <= size)
        assert len(scan.records) == ends.index(whole)
        assert scan.torn_at == (None if size == whole else whole)
        assert scan.damages == ()


def test_zeros_that_were_never_written_are_a_torn_tail() -> None:
    """A file system may lengthen a file before the bytes arrive."""
    scan = record.scan(laid(BODIES) + bytes(5_000), MARK)
    assert len(scan.records) == len(BODIES)
    assert scan.torn_at == len(laid(BODIES))


def test_a_body_cannot_pose_as_a_record() -> None:
    """Also in a damaged record, bytes that look like records of another segment are not taken for records."""
    posing = body(Signal.TRACES, ["x"])[:0] + laid(BODIES, mark=record.mark_of("another"))
    segment = bytearray(laid([posing, BODIES[0]]))
    segment[record.HEADER_BYTES + 3] ^= 1
    assert found(bytes(segment)) == [BODIES[0]]


def test_bytes_missing_in_the_middle_cost_only_the_records_they_were_of() -> None:
    """Reading finds its step again where a piece of the file is gone or has slipped in."""
    segment = laid(BODIES)
    first, second = (one.end for one in record.scan(segment, MARK).records[:2])
    assert found(segment[: first + 30] + segment[second - 3 :]) == BODIES[:1] + BODIES[2:]
    assert found(segment[:first] + b"noise" * 9 + segment[first:]) == BODIES


def test_random_bytes_are_never_a_record() -> None:
    """Whatever a disk returns, scanning ends and finds nothing that was not written."""
    rng = random.Random(1)
    for size in range(0, 3_000, 37):
        assert record.scan(rng.randbytes(size), MARK).records == ()


def test_an_unknown_field_does_not_hide_the_request() -> None:
    """Parsing and serializing a segment keeps every resource."""
    parsed = ExportTraceServiceRequest.FromString(laid(BODIES))
    assert len(parsed.resource_spans) == len(BODIES)
