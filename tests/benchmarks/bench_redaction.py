"""What the redactor finds, by kind and encoding, what it takes wrongly, by family of text, and what it costs.

python tests/benchmarks/bench_redaction.py [--seeds N] [--missed]
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.figures import FIGURES_FILE, tell
from hookline.agent_event import Place
from hookline.privacy.capture import capture_rules
from hookline.privacy.redact import Redactor
from hookline.settings.schema import CaptureSettings
from support.redaction.encodings import ENCODINGS
from support.redaction.kinds import BEST_KNOWN, KINDS
from support.redaction.measure import Recall, measure_alarms, measure_recall

INNOCENT = 5_000
MIB = 1024 * 1024


def main() -> None:
    """Print the tables and tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how often each kind is made")
    parser.add_argument("--missed", action="store_true", help="print what was missed and what was taken wrongly")
    options = parser.parse_args()
    redactor = Redactor()
    recall = measure_recall(redactor, range(options.seeds))
    if FIGURES_FILE not in os.environ:
        _print_recall(recall)
    tell("redaction: secrets of the best known kinds found", recall.share(BEST_KNOWN) * 100, "%", "size", "more")
    tell("redaction: secrets of all kinds found", recall.share([kind.name for kind in KINDS]) * 100, "%", "size", "more")
    examples = _tell_alarms(redactor)
    _tell_cost(redactor)
    if options.missed:
        print("\n".join(["", *recall.missed, *examples]))


def _print_recall(recall: Recall) -> None:
    everything = [kind.name for kind in KINDS]
    print(f"found, of {len(KINDS)} kinds in {len(ENCODINGS)} encodings ({recall.made.total():,} cases)\n")
    print(f"  {'':<24}{'best known':>12}{'all kinds':>12}")
    for encoding in ENCODINGS:
        print(f"  {encoding:<24}{recall.share(BEST_KNOWN, [encoding]):>12.1%}{recall.share(everything, [encoding]):>12.1%}")
    print(f"  {'all encodings':<24}{recall.share(BEST_KNOWN):>12.1%}{recall.share(everything):>12.1%}\n")
    print("  by kind (* best known):")
    for kind in KINDS:
        lacking = [encoding for encoding in ENCODINGS if recall.share([kind.name], [encoding]) < 1]
        mark, note = "*" if kind.is_best_known else " ", f"not in: {', '.join(lacking)}" if lacking else ""
        print(f"  {mark} {kind.name:<26}{recall.share([kind.name]):>7.1%}  {note}")


def _tell_alarms(redactor: Redactor) -> list[str]:
    alarms, texts, examples = measure_alarms(redactor, INNOCENT)
    by_family = ", ".join(f"{alarms[family]} of {count} {family}" for family, count in texts.items() if alarms[family])
    tell("redaction: innocent texts taken for secrets", alarms.total() / texts.total() * 100, "%", "size", note=by_family)
    return examples


def _tell_cost(redactor: Redactor) -> None:
    policy = capture_rules(CaptureSettings(level="full"))(Place())
    lines = {"lines": ["token = lexer.next() of some line"] * (12 * MIB // 40)}
    cases: tuple[tuple[str, Callable[[], str]], ...] = (
        ("1 MiB of code, all of it", lambda: redactor.text("def charge(card):\n    return lexer.token\n" * (MIB // 41))),
        ("an event of 12 MiB in many lines", lambda: policy.output_json(lines)),
        ("an event of 12 MiB in one text", lambda: policy.output_text("password=x1y2 \n" * (12 * MIB // 15))),
        ("a text of 64 MiB", lambda: policy.output_text("eyJ" * (64 * MIB // 3))),
    )
    for name, run in cases:
        began = time.process_time()
        run()
        tell(f"redaction: {name}", (time.process_time() - began) * 1000, "CPU-ms", "processor")


if __name__ == "__main__":
    main()
