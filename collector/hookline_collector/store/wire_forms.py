"""The wire forms of OTLP's requests, as ClickHouse's Protobuf reader takes them: the texts in `otlp/`."""

from functools import cache
from importlib.resources import files

from hookline_collector.signal import Signal


@cache
def proto_text(signal: Signal) -> str:
    """Return the wire form of the signal's requests for ClickHouse's reader, without comments."""
    text = files(__package__).joinpath("otlp", f"{signal.value}.proto").read_text()
    return "\n".join(line for line in text.splitlines() if line and not line.startswith("//")) + "\n"
