"""How fast history is read: megabytes of transcripts a second into a sink that takes everything, and the memory it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from support.otlp_sink.grpc_sink import GrpcSink

CAPTURED = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329" / "transcripts"
MEGABYTES = int(os.environ.get("HOOKLINE_BENCH_MB", "40"))

PROGRAM = """
import resource, sys
from pathlib import Path
from hookline.history.backfill import backfill
from hookline.settings import Settings
from hookline.settings.schema import RelaySettings
tally = backfill(Settings(data_dir=Path(sys.argv[1]), relay=RelaySettings(endpoint=sys.argv[2])), root=Path(sys.argv[3]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(tally.bytes, tally.spans, tally.requests, tally.seconds, used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


def write_history(root: Path, megabytes: int) -> None:
    """Write conversations of about a megabyte each, made of the captured one with ids and a size of output as people have them."""
    lines = [json.loads(line) for line in next(CAPTURED.glob("*/24317a28*.jsonl")).read_text().splitlines()]
    root.mkdir(parents=True)
    for _ in range(megabytes):
        session, written = str(uuid.uuid4()), 0
        with (root / f"{session}.jsonl").open("w") as file:
            while written < 1_000_000:
                written += file.write(_turn(lines, session))


def _turn(lines: list[dict[str, object]], session: str) -> str:
    text = "".join(json.dumps(_padded({**line, "sessionId": session})) + "\n" for line in lines)
    for old in ("toolu_", "msg_"):
        text = text.replace(old, f"{old}{uuid.uuid4().hex[:8]}")
    for prompt in ("5b94b319", "684bf3c6"):  # its id and its line's: a line that another session had is a copy, and passed over
        text = text.replace(prompt, uuid.uuid4().hex[:8])
    return text


def _padded(line: dict[str, object]) -> dict[str, object]:
    return {**line, "toolUseResult": {"stdout": "x" * 4000}} if line.get("toolUseResult") else line


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder, GrpcSink() as sink:
        root = Path(folder) / "projects"
        write_history(root / "shop", MEGABYTES)
        sink.accept = lambda signal, body: None  # type: ignore[method-assign]
        command = [sys.executable, "-c", PROGRAM, f"{folder}/data", sink.address, str(root)]
        size, spans, requests, seconds, rss, cpu = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    tell("backfill: one gigabyte of transcripts", seconds * 1e9 / size / 60, "minutes", note=f"measured on {size / 1e6:,.0f} MB")
    tell("backfill: transcripts read", size / 1e6 / cpu, "MB/CPU-s", "processor", "more")
    tell("backfill: spans and requests", (spans + requests) / cpu, "/CPU-s", "processor", "more")
    tell("backfill: resident memory, most", rss / 1024, "MB", "size")


if __name__ == "__main__":
    main()
