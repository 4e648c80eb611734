"""`make backtest`: back-test forecasts and the finding of slower statements, and write the tables of docs/forecasts.md anew.

python tests/benchmarks/backtest.py [--lots N] [--days N] [--only forecasts|regressions] [--at-once N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import bench_forecasts, bench_regressions

DAYS = 1_000
"""Statement-days of each kind: of what happens once in a hundred days these show ten, give or take three."""
PAGE = Path(__file__).parents[2] / "docs" / "forecasts.md"


def written(page: str, name: str, lines: list[str]) -> str:
    """Return a page with lines between its marks of a name. Raises ValueError when it has none."""
    begins, ends = f"<!-- {name}: written by make backtest -->\n", f"<!-- /{name} -->"
    before, found, rest = page.partition(begins)
    _, is_closed, after = rest.partition(ends)
    if not found or not is_closed:
        raise ValueError(f"{PAGE.name} has no marks of {name}")
    return before + begins + "\n".join(lines) + "\n" + ends + after


def _forecasts(groups: dict[str, list[bench_forecasts.KindPair]]) -> list[str]:
    cost = f"A series costs {1_000 * bench_forecasts.cost_s():.1f} ms of a processor, with the time to a limit"
    return [*bench_forecasts.table(groups), "", f"{cost} {1_000 * bench_forecasts.cost_s(limit=1e3):.1f} ms."]


def _regressions(found: list[bench_regressions.RegressionScore]) -> list[str]:
    mean = sum(each.us for each in found) / len(found)
    return [*bench_regressions.table(found), "", f"An interval of a statement costs {mean:.0f} us of a processor."]


def main() -> None:
    """Test what is asked for, print the tables and write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=bench_forecasts.LOTS, help="series of each kind")
    parser.add_argument("--days", type=int, default=DAYS, help="statement-days of each kind")
    parser.add_argument("--only", choices=("forecasts", "regressions"), help="leave the other table as it is")
    parser.add_argument("--at-once", type=int, default=2, help="processes")
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(options.at_once) as pool:
        if options.only != "forecasts":
            kinds = [(*kind, options.days) for kind in bench_regressions.KINDS]
            _write("regressions", _regressions(pool.starmap(bench_regressions.scored, kinds, chunksize=1)))
        if options.only != "regressions":
            _write("forecasts", _forecasts(bench_forecasts.scores(options.lots, pool.imap)))


def _write(name: str, lines: list[str]) -> None:
    print("\n".join(lines), flush=True)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), name, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
