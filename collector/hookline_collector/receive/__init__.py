"""OTLP in: the gRPC and the HTTP receiver in front of ingest.

`grpc` and `http` speak the protocols; `compression`, `json` and `access` are what HTTP (and in part gRPC) needs; `status` is the one
place where an error becomes a gRPC code and an HTTP status. Receivers share nothing but the ingest.
"""

from hookline_collector.receive.grpc import GrpcReceiver
from hookline_collector.receive.http import HttpReceiver
from hookline_collector.receive.otlp_policy import check_binding

__all__ = ["GrpcReceiver", "HttpReceiver", "check_binding"]
