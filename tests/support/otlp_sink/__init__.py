"""A small OTLP receiver for tests: real gRPC and real HTTP on a free port, records what came, answers as told.

with GrpcSink() as sink:
    relay → sink.address
    sink.fault = grpc_fault("UNAVAILABLE")      # for every request until set to None
    sink.spans, sink.logs                       # after the collector's deduplication
"""

from support.otlp_sink.grpc_sink import GrpcSink, grpc_fault, hang
from support.otlp_sink.http_sink import HttpFault, HttpSink
from support.otlp_sink.received import Received, SpanKey

__all__ = ["GrpcSink", "HttpFault", "HttpSink", "Received", "SpanKey", "grpc_fault", "hang"]
