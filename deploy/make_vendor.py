"""Brings the libraries of the pages: python3 deploy/make_vendor.py

What they are and in which versions stands in `deploy/web/package.json`, with the hash of each package in `package-lock.json`; npm fetches them from
its registry into `.cache/web` and checks them. esbuild then makes one ES module of each (`deploy/web/entries`), into `web/vendor`, with its licences
and versions beside it, and the hash of every file in `vendor.json`. The result is committed: whoever runs Hookline needs neither node nor a network.

`--tools` only fetches: the type checker and the checker of accessibility stand in the same folder.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "deploy" / "web"
CACHE = ROOT / ".cache" / "web"
VENDOR = ROOT / "collector" / "hookline_collector" / "web" / "vendor"
LIBRARIES = {
    "preact": ("preact", "htm"),
    "echarts": ("echarts", "zrender", "tslib"),
    "codemirror": ("@codemirror/", "@lezer/", "@marijn/", "crelt", "style-mod", "w3c-keyname"),
}
"""Each module with the packages that are in it; a name that ends in a slash stands for all of its scope."""

BUNDLING = (
    "--bundle",
    "--format=esm",
    "--minify",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
    "--define:process.env.NODE_ENV='production'",
    "--log-level=warning",
)
LICENCE_NAMES = ("LICENSE", "LICENCE", "NOTICE")


def main(arguments: Iterable[str]) -> int:
    """Fetch, and make the modules unless only tools are wanted; return the exit code."""
    if shutil.which("npm") is None:
        sys.stderr.write("npm is needed to fetch the libraries of the pages: install Node.js\n")
        return 1
    fetch()
    if "--tools" not in arguments:
        VENDOR.mkdir(exist_ok=True)
        made = [make(name, packages) for name, packages in LIBRARIES.items()]
        (VENDOR / "vendor.json").write_text(json.dumps(made, indent=1) + "\n")
    return 0


def fetch() -> None:
    """Bring the pinned packages, unless they are there; npm refuses one whose hash differs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    done = CACHE / "fetched.json"
    lock = (SOURCE / "package-lock.json").read_text()
    if done.exists() and done.read_text() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, CACHE / name)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=CACHE, check=True)
    done.write_text(lock)


def make(name: str, packages: Iterable[str]) -> dict[str, Any]:
    """Make one module and its licences; return what `vendor.json` says of it."""
    module = VENDOR / f"{name}.js"
    entry = CACHE / f"{name}.entry.js"  # beside node_modules, where esbuild looks for what it imports
    shutil.copy(SOURCE / "entries" / f"{name}.js", entry)
    subprocess.run([CACHE / "node_modules" / ".bin" / "esbuild", entry, *BUNDLING, f"--outfile={module}"], check=True, cwd=CACHE)
    entry.unlink()
    found = sorted(_found(packages), key=lambda folder: _about(folder)["name"])
    licences = VENDOR / f"{name}.LICENSE.txt"
    licences.write_text("\n\n".join(_licence(folder) for folder in found))
    return {
        "module": module.name,
        "packages": {_about(folder)["name"]: _about(folder)["version"] for folder in found},
        "licences": sorted({_about(folder)["license"] for folder in found}),
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (module, licences)},
    }


def _found(packages: Iterable[str]) -> Iterable[Path]:
    modules = CACHE / "node_modules"
    for name in packages:
        yield from (modules / name).iterdir() if name.endswith("/") else [modules / name]


def _about(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "package.json").read_text())
    return found


def _licence(folder: Path) -> str:
    about = _about(folder)
    texts = [path.read_text().strip() for path in sorted(folder.iterdir()) if path.name.upper().split(".")[0] in LICENCE_NAMES]
    if not texts:
        raise LookupError(f"{about['name']} has no text of its licence")
    return f"{about['name']} {about['version']} ({about['license']})\n\n" + "\n\n".join(texts) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
