"""Our own SQL: one `.sql` file a statement, each read once. Values are bound; nothing is put into the text."""

from functools import cache
from importlib.resources import files


@cache
def load_query(package: str, name: str) -> str:
    """Return the text of `sql/<name>.sql` in a package of the collector."""
    return files(package).joinpath("sql", f"{name}.sql").read_text()
