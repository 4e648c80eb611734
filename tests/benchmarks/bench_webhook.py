"""From a breach to a receiver's socket: a span sent by OTLP, the rule that it breaks, the webhook that tells of it, a whole collector between.

Sender, collector and receiver are processes of their own. Spans are sent at a pace, whether or not the one before was told, each of a series of its
own; what counts is the time from before a span is sent until the receiver has read all of the body. Once with the machine otherwise quiet, once
while 20,000 spans a second that no rule is about come in over OTLP/gRPC.

    bench_webhook.py [BREACHES]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.telemetry import spans
from benchmarks.figures import tell, tell_quantiles
from benchmarks.process_costs import Watched
from benchmarks.telling_collector import start_telling
from support.alert_receiver import AlertReceiver, alert_receiver, until
from support.running import Running

EVERY_S, PACE_SPANS = 0.15, 20_000
LOAD = Path(__file__).with_name("load_traces.py")
KEPT = {"HOOKLINE_RETENTION_TRACES_DAYS": "0"}
"""The load has times of its own."""
RULES = """
groups:
  - name: bench
    rules:
      - {alert: Broken, span: broken, over: 1h, by: {who: bench.who}, above: 0, annotations: {summary: '{{ $labels.who }} is broken'}}
"""


def breach(running: Running, who: str) -> float:
    """Send a span that breaks the rule; return when that began."""
    body = spans(("broken", time.time_ns(), 0.1, {"bench.who": who})).message.SerializeToString()
    request = urllib.request.Request(f"http://{running.found.otlp_http}/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    begun = time.time()
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    return begun


def told_after(running: Running, receiver: AlertReceiver, count: int, case: str) -> list[float]:
    """Break the rule so often at a pace; return how long after each the receiver had it."""
    sent, begun = {}, time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number * EVERY_S - time.monotonic()))
        who = f"{case} {number}"
        sent[who] = breach(running, who)
    arrived = until(lambda: found if len(found := arrivals(receiver, case)) >= count else {}, f"all of {case}")
    return [arrived[who] - at for who, at in sent.items()]


def arrivals(receiver: AlertReceiver, case: str) -> dict[str, float]:
    """Return when the receiver had heard of each series of a case."""
    told = {alert["labels"]["who"]: request.at for request in receiver.requests("/hook") for alert in request.json["alerts"]}
    return {who: at for who, at in told.items() if who.startswith(f"{case} ")}


def main(count: int = 200) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as name, alert_receiver(Path(name)) as receiver:
        running = start_telling(Path(name) / "home", receiver, RULES, "Broken", env=KEPT)
        try:
            told_after(running, receiver, 5, "warm")
            tell_quantiles("breach to webhook, the machine quiet", told_after(running, receiver, count, "quiet"))
            command = [sys.executable, str(LOAD), "grpc", running.found.otlp_grpc, "--pace-spans", str(PACE_SPANS)]
            collector = Watched(running.found.pid)
            with subprocess.Popen([*command, "--seconds", str(count * EVERY_S + 6)], stdout=subprocess.PIPE, text=True) as load:
                time.sleep(3)  # the load's requests are made before it sends
                collector.restart()
                lasted = told_after(running, receiver, count, "busy")
                used = collector.usage()
                came = json.loads(load.communicate()[0])
            tell_quantiles("breach to webhook while 20,000 spans a second come in", lasted)
            rate = came["spans_per_s"]
            tell(
                "breach to webhook: spans a second that came in meanwhile",
                rate,
                "spans/s",
                "clock",
                "more",
                f"the collector used {used.cpu_percent:.0f} % of a core",
            )
            assert not came["failures"], came
        finally:
            running.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
