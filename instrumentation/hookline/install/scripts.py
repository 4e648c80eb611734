"""The scripts that agents run, copied to stable paths in the data folder, so that an upgrade changes no settings."""

from pathlib import Path

from hookline.settings import Settings

_PACKAGED = Path(__file__).parent.parent


def status_line_path(settings: Settings) -> Path:
    """Return the stable path of the status line's wrapper."""
    return settings.data_dir / "statusline.sh"


def install_scripts(settings: Settings) -> None:
    """Copy the scripts whole or not at all; agents may be running the old ones."""
    for name, target in _scripts(settings):
        part = target.with_name(f".{target.name}.part")
        part.write_bytes((_PACKAGED / name).read_bytes())
        part.chmod(0o700)
        part.replace(target)


def are_scripts_current(settings: Settings) -> bool:
    """Answer whether the installed scripts are those of this version."""
    try:
        return all(target.read_bytes() == (_PACKAGED / name).read_bytes() for name, target in _scripts(settings))
    except OSError:
        return False


def remove_scripts(settings: Settings) -> None:
    """Remove the scripts; commands that still name them stay silent."""
    for _, target in _scripts(settings):
        target.unlink(missing_ok=True)


def _scripts(settings: Settings) -> tuple[tuple[str, Path], ...]:
    return (("hook.sh", settings.hook_path), ("statusline.sh", status_line_path(settings)))
