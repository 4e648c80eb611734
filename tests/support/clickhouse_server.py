"""A small ClickHouse HTTP server over the embedded engine, in a process of its own: what clickhouse-connect and OTLP inserts need.

Queries with bound parameters and settings, raw and Native inserts, deduplication tokens, exceptions with their codes, summaries.
`ClickHouseServer` starts and stops it on the same data and the same port, and tells it to misbehave:
`answer("error")` answers 500 without a code, `answer("hang")` reads the request and never answers,
`answer("swallow")` takes inserts of OTLP and stores nothing, `answer("hang_up")` closes the connection of the next such insert instead of answering,
as a server may one that it kept, `answer("ok")` serves again.

The protocol is in `Statement`: from a request's parts to one statement; the rest runs it. Run by hand: `clickhouse_server.py FOLDER PORT`.
"""

import gzip
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

_TRANSPORT = frozenset(
    [
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "session_id",
        "session_timeout",
        "session_check",
        "query_id",
        "quota_key",
        "compress",
        "decompress",
        "wait_end_of_query",
        "buffer_size",
        "client_protocol_version",
        "role",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "send_progress_in_http_headers",
    ]
)
_INSERT = re.compile(rb"^\s*(INSERT\s+INTO\s+.+?)\s+FORMAT\s+(\w+)[ \t]*(?:\r?\n|$)", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_NOT_FOUND, _BAD_REQUEST, _FORBIDDEN = {60, 81}, {62, 36, 47, 6, 27}, {497, 516}
Mood = Literal["ok", "error", "hang", "hang_up", "swallow"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the HTTP interface takes it."""

    sql: str
    form: str
    database: str
    settings: dict[str, str]
    parameters: dict[str, str]
    data: bytes | None

    @classmethod
    def parse(cls, target: str, body: bytes) -> "Statement":
        """Read a request: the URL's `query` and the body together are the statement; an INSERT's rows follow its FORMAT."""
        arguments = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        query = arguments.get("query", "").encode()
        whole = query + b"\n" + body if query else body
        insert = _INSERT.match(whole)
        sql = insert[1].decode() if insert else whole.decode()
        form = insert[2].decode() if insert else (_FORMAT.search(sql) or [None, arguments.get("default_format", "TabSeparated")])[1]
        return cls(
            sql,
            str(form),
            arguments.get("database", ""),
            {key: value for key, value in arguments.items() if key not in _TRANSPORT and not key.startswith("param_")},
            {key.removeprefix("param_"): value for key, value in arguments.items() if key.startswith("param_")},
            whole[insert.end() :] if insert else None,
        )


class Engine:
    """Runs statements, each on a handle that has only its own settings."""

    def __init__(self, folder: Path) -> None:
        import chdb

        self._connect: Callable[[], Any] = partial(chdb.connect, str(folder))
        self._keep_open = self._connect()

    def run(self, statement: Statement) -> tuple[bytes, dict[str, str]]:
        """Return the answer's bytes and the summary."""
        handle = self._connect()
        try:
            if statement.database:
                handle.query(f"USE `{statement.database}`")
            if statement.settings:
                names = sorted(statement.settings, key="readonly".__eq__)
                handle.query("SET " + ", ".join(f"`{name}` = {_quoted(statement.settings[name])}" for name in names))
            if statement.data is not None:
                return self._insert(handle, statement)
            self._refuse_second_statement(statement.sql)
            result = handle.query(statement.sql, statement.form, params=statement.parameters)
            return result.bytes() or b"", {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
        finally:
            handle.close()

    def _insert(self, handle: Any, statement: Statement) -> tuple[bytes, dict[str, str]]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(statement.data or b"")
            file.flush()
            result = handle.query(f"{statement.sql} FROM INFILE {_quoted(file.name)} FORMAT {statement.form}")
        return b"", {"written_rows": str(result.rows_read()), "written_bytes": str(result.bytes_read())}

    def _refuse_second_statement(self, sql: str) -> None:
        """The engine runs several statements at once, a server does not."""
        if ";" in sql.rstrip().rstrip(";"):
            self._keep_open.query(f"SELECT formatQuery({_quoted(sql)})")


class Handler(BaseHTTPRequestHandler):
    """HTTP around the engine."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together: two packets would wait for an acknowledgement
    engine: Engine
    mood: Mood = "ok"

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n", {})
        else:
            self._serve(b"")

    def do_POST(self) -> None:
        body = self._body()
        target = urlsplit(self.path)
        if target.path == "/mood":
            Handler.mood = target.query  # type: ignore[assignment]
            self._send(200, b"", {})
        else:
            self._serve(body)

    def _serve(self, body: bytes) -> None:
        if self.mood == "hang":
            threading.Event().wait()
        if self.mood == "error":
            self._send(500, b"the disk is on fire\n", {})
            return
        statement = Statement.parse(self.path, body)
        if statement.form.startswith("Protobuf") and self.mood in ("swallow", "hang_up"):
            self._take_or_leave()
            return
        try:
            answer, summary = self.engine.run(statement)
        except Exception as error:
            self._fail(str(error))
            return
        self._send(200, answer, {"X-ClickHouse-Format": statement.form, "X-ClickHouse-Summary": json.dumps(summary)})

    def _take_or_leave(self) -> None:
        if self.mood == "swallow":
            self._send(200, b"", {"X-ClickHouse-Summary": "{}"})
        else:
            Handler.mood, self.close_connection = "ok", True

    def _fail(self, message: str) -> None:
        found = _CODE.search(message)
        code = int(found[1]) if found else 1000
        status = 404 if code in _NOT_FOUND else 400 if code in _BAD_REQUEST else 403 if code in _FORBIDDEN else 500
        self._send(status, f"{message} (version 26.9.2.1)\n".encode(), {"X-ClickHouse-Exception-Code": str(code)})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            raw = b"".join(iter(self._chunk, b""))
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return _decompressed(raw, self.headers.get("Content-Encoding", ""))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"X-ClickHouse-Timezone": "UTC", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _decompressed(data: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return data
    if encoding == "gzip":
        return gzip.decompress(data)
    if encoding == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    if encoding == "lz4":
        import lz4.frame

        return bytes(lz4.frame.decompress(data))
    raise ValueError(f"Code: 36. Unknown encoding {encoding}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


class ClickHouseServer:
    """The server's process. The data and the port stay the same from start to start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address for the settings."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process; 0 while it is stopped."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start and return when it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(Path(__file__).resolve()), str(self._folder), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=self._folder)
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line.strip().isdigit(), "the ClickHouse test server did not start"
        self.port = int(line)

    def stop(self, signal_number: int = signal.SIGKILL) -> None:
        """End the process, by default without a chance to finish."""
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(20)
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    def answer(self, mood: Mood) -> None:
        """Serve, or misbehave from now on."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/mood?{mood}", method="POST"), timeout=5):
            pass

    def __enter__(self) -> "ClickHouseServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main(folder: str, port: str) -> None:
    """Serve until killed. Prints the port when it listens."""
    Handler.engine = Engine(Path(folder) / "data")
    deadline = time.monotonic() + 5
    while True:
        try:
            server = _Server(("127.0.0.1", int(port)), Handler)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
