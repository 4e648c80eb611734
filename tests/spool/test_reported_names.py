"""Names under which the relay leaves what it saw itself."""

from __future__ import annotations

from pathlib import Path

from hookline.spool import write_reported


def test_a_name_stays_in_the_folder_whatever_it_holds(tmp_path: Path) -> None:
    """An agent chose it; told twice it is one event."""
    spool = tmp_path / "spool"
    spool.mkdir()
    name = "asked-../../call 1\n" + "x" * 300
    assert write_reported(spool, name, b"{}", {"agent": "cline"}, 1)
    assert not write_reported(spool, name, b"{}", {"agent": "cline"}, 1)
    (event,) = [path for path in spool.iterdir() if path.name.startswith("told-")]
    assert event.stem.startswith("told-asked-______call_1_xxx")
    assert len(event.stem) == len("told-") + 180
