"""Databases in the settings: tables, a variable, what is wrong; credentials stay out."""

import tomllib
from pathlib import Path

import pytest

from hookline.databases.targets import targets_of
from hookline.errors import ConfigInvalid
from hookline.settings import load
from hookline.settings.describe import to_toml

FILE = """
[databases]
look_s = 2.0
[databases.shop]
url = "postgresql://hookline@db.example:6432/shop"
password_env = "SHOP_PASSWORD"
cores = 8
[databases.events]
url = "http://hookline@clickhouse.example:8123"
"""


def test_each_database_is_a_table(tmp_path: Path) -> None:
    """Beside how often it is looked at."""
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    loaded = load({}, {"HOME": str(tmp_path), "HOOKLINE_CONFIG": str(file)})
    assert loaded.settings.databases.look_s == 2.0
    shop, events = targets_of(loaded.settings.databases, {"SHOP_PASSWORD": "hunter2"})
    assert (shop.name, shop.system, shop.address, shop.port, shop.settings.cores) == ("shop", "postgresql", "db.example", 6432, 8)
    assert shop.options == {"password": "hunter2"}
    assert (events.system, events.port) == ("clickhouse", 8123)
    assert tomllib.loads(to_toml(loaded))["databases"]["shop"]["cores"] == 8
    file.write_text(to_toml(loaded))
    assert load({}, {"HOME": str(tmp_path), "HOOKLINE_CONFIG": str(file)}).settings.databases == loaded.settings.databases


def test_a_variable_names_them_too(tmp_path: Path) -> None:
    """Containers have no file."""
    env = {"HOME": str(tmp_path), "HOOKLINE_DATABASES_NAMED": "shop=postgresql://hookline@db/shop?sslmode=require, b=postgres:///x?host=/run&port=5"}
    shop, other = targets_of(load({}, env).settings.databases, {})
    assert (shop.address, shop.url[-15:]) == ("db", "sslmode=require")
    assert (other.address, other.port) == ("/run", 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[databases.shop]\nurl = "postgresql://a:hunter2@db/shop"', "password"),
        ('[databases.shop]\nurl = "mysql://db"', "not an address"),
        ('[databases.shop]\nurl = "postgresql://db"\npassword_env = "NOT_SET"', "NOT_SET"),
        ("[databases.shop]\ncores = 2", "needs an address"),
        ('[databases.shop]\nurl = "postgresql://db"\nhost = "x"', "no setting host"),
        ('[databases."a b"]\nurl = "postgresql://db"', "no name"),
        ('[databases.shop]\nurl = "postgresql://db:x"', "no URL"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str) -> None:
    """With the key, and without the password."""
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigInvalid) as told:
        targets_of(load({}, {"HOME": str(tmp_path), "HOOKLINE_CONFIG": str(file)}).settings.databases, {})
    assert says in str(told.value)
    assert "hunter2" not in str(told.value)
