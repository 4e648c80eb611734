"""`python -m support.notify_schema` writes the JSON Schema of `notify.yaml` anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hookline_collector.notification.plan import plan_file

SCHEMA: Final = Path(plan_file.__file__).with_name("notify.schema.json")

if __name__ == "__main__":
    SCHEMA.write_text(plan_file.schema_text())
