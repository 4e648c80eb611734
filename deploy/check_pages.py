"""Checks the types of the pages' own scripts, which stand in JSDoc: python3 deploy/check_pages.py

The type checker comes from npm, pinned as the libraries are; where there is no npm this says so, and checks nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from make_vendor import CACHE, SOURCE, fetch


def main() -> int:
    """Check; return the exit code."""
    if shutil.which("npm") is None:
        sys.stdout.write("The scripts of the pages are not checked: npm is not here.\n")
        return 1 if os.environ.get("CI") == "true" else 0
    fetch()
    return subprocess.run([CACHE / "node_modules" / ".bin" / "tsc", "--project", SOURCE / "tsconfig.json"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
