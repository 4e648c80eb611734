"""Settings of `hookline databases`: how often what is read, and one table for each database (`[databases.shop]`)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """One database: `url` without a password, which stands in a variable (`password_env`) or in libpq's password file (`passfile`)."""

    url: str = ""
    password_env: str = ""
    passfile: str = ""
    databases: tuple[str, ...] = ()
    cores: int = 0
    plans: bool = False


def named_databases(raw: Any) -> dict[str, DatabaseSettings]:
    """Return databases by name: tables of the settings file, or `name=url` pairs of a variable. Raises ValueError with what is wrong."""
    pairs = raw if isinstance(raw, Mapping) else _pairs(str(raw))
    return {str(name): _one(str(name), value) for name, value in pairs.items()}


def _pairs(text: str) -> dict[str, str]:
    found = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals for _, equals, _ in found):
        raise ValueError("must be name=url,name=url")
    return {name.strip(): url.strip() for name, _, url in found}


def _one(name: str, value: Any) -> DatabaseSettings:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no name for a database: letters, digits, '-', '_' and '.'")
    if isinstance(value, DatabaseSettings):
        return value
    given = {"url": value} if isinstance(value, str) else dict(value)
    known = {item.name: item for item in dataclasses.fields(DatabaseSettings)}
    if unknown := sorted(given.keys() - known.keys()):
        raise ValueError(f"{name} has no setting {', '.join(unknown)}; there are {', '.join(known)}")
    if not given.get("url"):
        raise ValueError(f'{name} needs an address: url = "postgresql://hookline@db.example/shop"')
    cores = given.get("cores", 0)
    if not isinstance(cores, int) or isinstance(cores, bool) or cores < 0:
        raise ValueError(f"{name}.cores is a number of cores, 0 where nobody knows")
    plans = given.get("plans", False)
    if not isinstance(plans, bool):
        raise ValueError(f"{name}.plans is true or false: whether plans of its statements are asked for")
    wanted = given.get("databases", ())
    listed = tuple(map(str, wanted)) if isinstance(wanted, list | tuple) else tuple(part.strip() for part in str(wanted).split(",") if part.strip())
    texts = {key: str(given.get(key, "")) for key in ("url", "password_env", "passfile")}
    return DatabaseSettings(**texts, databases=listed, cores=cores, plans=plans)


def as_tables(named: Mapping[str, DatabaseSettings]) -> dict[str, dict[str, Any]]:
    """Return databases as they stand in a settings file, without what is not set."""
    return {
        name: {item.name: _plain(value) for item in dataclasses.fields(each) if (value := getattr(each, item.name)) != item.default}
        for name, each in named.items()
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _row(default: Any, meaning: str) -> Any:
    metadata = {"meaning": meaning, "secret": False, "choices": ()}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class DatabasesSettings:
    """`hookline databases`: which databases are watched, and how closely. Each has a table of its own, such as `[databases.shop]`, with `url`."""

    named: dict[str, DatabaseSettings] = _row(
        {},
        "The databases, as tables `[databases.NAME]`: `url` (postgresql://hookline@host/database or http://clickhouse:8123, no password in it), "
        "`password_env` (the variable that holds it) or `passfile`, `databases` (whose tables are read; none: all), `cores` of its machine, "
        "`plans` (true: plans of statements are asked for, where `hookline db setup --plans ROLE` has allowed it). "
        "In a variable: name=url,name=url.",
    )
    look_s: float = _row(1.0, "How often sessions are looked at.")
    busy_look_s: float = _row(0.1, "How often while somebody waits for a lock, or more sessions are at work than there are cores.")
    interval_s: float = _row(10.0, "How often what was seen is sent, and counters of the instance are read.")
    statements_s: float = _row(30.0, "How often the growth of statements is read.")
    relations_s: float = _row(60.0, "How often tables and indexes are read; 0 never.")
    sizes_s: float = _row(300.0, "How often sizes of databases are read; 0 never.")
    settings_s: float = _row(600.0, "How often the server's settings are compared; 0 never.")
    plans_s: float = _row(60.0, "How often plans of statements are asked for, ten at most, where a database's `plans` says so; 0 never.")
    free_space_s: float = _row(3_600.0, "How often free space of large tables is measured, where pgstattuple is there; 0 never.")
    sequences_s: float = _row(900.0, "How often it is read how much of its values each sequence has used, where the role may see it; 0 never.")
