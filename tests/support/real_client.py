"""The real Claude Code client, offline, in a network that holds only a loopback: found, or the test is skipped with the reason."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "tests" / "agent_bench" / "claude.py"
SHOP = "retries = 1\n\n\ndef charge(card):\n    return retries\n"


def look_for_client() -> Path | None:
    """Return the client: $HOOKLINE_TEST_CLIENT, the PATH's, the checkout's own; None if there is none."""
    named, local = os.environ.get("HOOKLINE_TEST_CLIENT"), ROOT / ".cache" / "client" / "node_modules" / ".bin" / "claude"
    found = named or shutil.which("claude") or (str(local) if local.exists() else None)
    return Path(found) if found and Path(found).exists() else None


def find_client() -> Path:
    """Return the client; skips the test if there is none, or no network of its own for it."""
    found = look_for_client()
    if found is None:
        pytest.skip("no Claude Code client: set HOOKLINE_TEST_CLIENT, or npm install --prefix .cache/client @anthropic-ai/claude-code")
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("the client runs only where a network namespace can be made (root)")
    return found


def run_scenario(scenario: str, home: Path, cwd: Path, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run one session in a fresh shop at `cwd` and return the client's result."""
    client = find_client()
    cwd.mkdir(parents=True, exist_ok=True)
    (cwd / "pay.py").write_text(SHOP)
    script = cwd.parent / f"{scenario}.scenario.json"
    script.write_text((BENCH.parent / "scenarios" / f"{scenario}.json").read_text().replace("/srv/shop", str(cwd)))
    run = ["run", str(script), "--client", str(client), "--home", str(home), "--cwd", str(cwd), *(f"--extra={word}" for word in extra)]
    command = [sys.executable, str(BENCH), "isolate", "--", sys.executable, str(BENCH), *run]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
