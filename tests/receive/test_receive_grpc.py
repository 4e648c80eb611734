"""The gRPC receiver's connections: many calls on one, too many of them, encodings that the library does not know."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import call
from support.receiving.front import Front, serving, settings_for

GOOD = requests.traces().SerializeToString()
EXPORT = f"/{Signal.TRACES.grpc_service}/Export"
RAW_CALL = """
const [address, path, encoding, body] = process.argv.slice(1);
const client = require('http2').connect('http://' + address);
const call = client.request({':method': 'POST', ':path': path, 'content-type': 'application/grpc', 'te': 'trailers', 'grpc-encoding': encoding});
const seen = {};
const note = headers => Object.assign(seen, headers);
call.on('response', note).on('trailers', note).on('data', () => {}).on('error', () => {});
call.on('close', () => { console.log(JSON.stringify(seen)); client.close(); });
const data = Buffer.from(body, 'hex'), frame = Buffer.alloc(5);
frame[0] = 1;
frame.writeUInt32BE(data.length, 1);
call.end(Buffer.concat([frame, data]));
"""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """Receivers that take three connections."""
    with serving(settings_for(tmp_path, limits={"max_connections": 3, "max_concurrent_requests": 4})) as front:
        yield front


def channel_to(front: Front) -> Any:
    return cast(Any, grpc.insecure_channel(front.grpc.address, [("grpc.use_local_subchannel_pool", 1)]))


def test_many_calls_share_one_connection(front: Front) -> None:
    """Calls beyond max_concurrent_requests are told to try again or wait their turn; none is lost, none fails for good."""
    with channel_to(front) as channel, ThreadPoolExecutor(16) as senders:
        export = channel.unary_unary(EXPORT)

        def send(_: int) -> str:
            try:
                export(GOOD, timeout=20)
            except grpc.RpcError as failed:
                return str(failed.code().name)
            return "OK"

        codes = list(senders.map(send, range(200)))
    assert set(codes) <= {"OK", "UNAVAILABLE"}
    assert front.journal.items() == codes.count("OK") > 0


def test_connections_past_the_limit_are_refused(front: Front) -> None:
    """The fourth connection is closed, which a sender tries again; when one has gone there is room."""
    channels = [channel_to(front) for _ in range(3)]
    for channel in channels:
        channel.unary_unary(EXPORT)(GOOD, timeout=10)
    assert call(front.grpc.address, GOOD).code == "UNAVAILABLE"
    for channel in channels:
        channel.close()
    for _ in range(100):
        if (code := call(front.grpc.address, GOOD).code) == "OK":
            break
    assert code == "OK"


@pytest.mark.parametrize(
    ("encoding", "body", "code"), [("zstd", "28b52ffd", "13"), ("snappy", "00", "13"), ("gzip", "ffff", "13"), ("identity", "00", "13")]
)
def test_an_encoding_that_the_library_cannot_read_fails_for_good(front: Front, encoding: str, body: str, code: str) -> None:
    """grpcio answers INTERNAL for an unknown grpc-encoding, and for bytes that are not what they say: never to be retried."""
    if not shutil.which("node"):
        pytest.skip("node is needed to send what grpcio's own client cannot")
    command = ["node", "-e", RAW_CALL, front.grpc.address, EXPORT, encoding, body]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["grpc-status"] == code
    assert call(front.grpc.address, GOOD).code == "OK"
