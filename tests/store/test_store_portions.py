"""Large payloads are cut into valid requests that hold the same items, each once."""

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline_collector.store.insert.portions import portions
from support.soaking import examples

shape = st.lists(st.lists(st.integers(0, 12), max_size=4), min_size=1, max_size=4)


def request(resources: list[list[int]]) -> bytes:
    """A request of these resources, each with scopes of so many spans, and a checksum behind each resource as in the journal."""
    body = b""
    for r, scopes in enumerate(resources):
        message = ExportTraceServiceRequest()
        entry = message.resource_spans.add(schema_url=f"url {r}")
        entry.resource.attributes.add(key="r").value.int_value = r
        for s, spans in enumerate(scopes):
            scoped = entry.scope_spans.add()
            scoped.scope.name = f"scope {s}"
            for i in range(spans):
                scoped.spans.add(name=f"{r} {s} {i}", trace_state="x" * (i * 7))
        body += message.SerializeToString() + b"\xa5\x06\x00\x01\x02\x03"
    return body


def items(body: bytes) -> list[tuple[str, int, str, str]]:
    """Every span with what it belongs to."""
    return [
        (entry.schema_url, entry.resource.attributes[0].value.int_value, scoped.scope.name, span.name)
        for entry in ExportTraceServiceRequest.FromString(body).resource_spans
        for scoped in entry.scope_spans
        for span in scoped.spans
    ]


@settings(max_examples=examples(200), deadline=None)
@given(shape, st.integers(1, 2000))
def test_portions_together_hold_every_item_once_with_its_resource_and_scope(resources: list[list[int]], limit: int) -> None:
    """Whatever the limit, in order, nothing lost and nothing twice."""
    body = request(resources)
    cut = list(portions(body, limit))
    assert [item for portion in cut for item in items(portion.body)] == items(body)
    assert len({portion.name for portion in cut}) == len(cut)


@settings(max_examples=examples(100), deadline=None)
@given(shape, st.integers(1, 2000))
def test_the_same_payload_is_always_cut_the_same_way(resources: list[list[int]], limit: int) -> None:
    """Names are insert tokens: a retry must find them again."""
    body = request(resources)
    assert list(portions(body, limit)) == list(portions(bytes(body), limit))


def test_a_small_payload_is_passed_on_whole_under_its_own_token() -> None:
    """No copy, no suffix."""
    body = request([[3]])
    (portion,) = portions(body)
    assert portion.body is body
    assert portion.name == ""


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(min_size=1, max_size=300), st.integers(1, 100))
def test_bytes_that_are_no_request_never_fail(noise: bytes, limit: int) -> None:
    """Refusing them is ClickHouse's part."""
    assert all(isinstance(portion.body, bytes) for portion in portions(noise, limit))
