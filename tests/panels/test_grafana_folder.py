"""The folder that Grafana mounts: what its provisioning documents of each file, and nothing else."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped,unused-ignore]
import pytest
import yaml

from hookline_dashboards.build.all_pages import MOUNTED, all_pages
from hookline_dashboards.build.plugin_query import PLUGIN

FOLDER = MOUNTED.parents[1]
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}


def closed(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object with these fields alone."""
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def one_of(name: str, item: dict[str, Any]) -> dict[str, Any]:
    """A file of provisioning with one list."""
    return closed(("apiVersion", name), apiVersion={"const": 1}, **{name: {"type": "array", "minItems": 1, "items": item}})


OF_PLUGIN = closed(
    ("host", "port", "protocol"),
    host=TEXT,
    port=NUMBER,
    protocol={"enum": ["native", "http"]},
    secure=FLAG,
    path=TEXT,
    username=TEXT,
    defaultDatabase=TEXT,
    dialTimeout=TEXT,
    queryTimeout=TEXT,
    logs=closed((), defaultDatabase=TEXT, defaultTable=TEXT, otelEnabled=FLAG, otelVersion=TEXT),
    traces=closed((), defaultDatabase=TEXT, defaultTable=TEXT, otelEnabled=FLAG, otelVersion=TEXT, durationUnit={"enum": ["nanoseconds"]}),
)
"""The plugin's documented settings, as far as they are used."""
SCHEMAS = {
    "datasources": one_of(
        "datasources",
        closed(
            ("name", "type", "access"),
            name=TEXT,
            uid=TEXT,
            type={"const": PLUGIN},
            access={"enum": ["proxy", "direct"]},
            editable=FLAG,
            jsonData=OF_PLUGIN,
            secureJsonData=closed((), password=TEXT),
        ),
    ),
    "dashboards": one_of(
        "providers",
        closed(
            ("name", "type", "options"),
            name=TEXT,
            orgId=NUMBER,
            folder=TEXT,
            folderUid=TEXT,
            type={"const": "file"},
            disableDeletion=FLAG,
            allowUiUpdates=FLAG,
            updateIntervalSeconds=NUMBER,
            options=closed(("path",), path=TEXT, foldersFromFilesStructure=FLAG),
        ),
    ),
    "alerting": one_of(
        "contactPoints",
        closed(
            ("name", "receivers"),
            orgId=NUMBER,
            name=TEXT,
            receivers={
                "type": "array",
                "items": closed(
                    ("uid", "type", "settings"),
                    uid={"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"},
                    type={"const": "webhook"},
                    disableResolveMessage=FLAG,
                    settings=closed(("url",), url=TEXT, httpMethod={"enum": ["POST", "PUT"]}, maxAlerts=TEXT),
                ),
            },
        ),
    ),
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_file_has_what_grafana_documents(kind: str) -> None:
    """One file in each folder that Grafana reads, with an environment's names in it and no secret."""
    [path] = (FOLDER / kind).glob("*.yaml")
    jsonschema.validate(yaml.safe_load(path.read_text()), SCHEMAS[kind])
    assert {name.name for name in FOLDER.iterdir()} == set(SCHEMAS)


def test_the_provider_finds_the_dashboards() -> None:
    """Its path is the folder beside it, wherever Grafana has it."""
    [provider] = yaml.safe_load((FOLDER / "dashboards" / "hookline.yaml").read_text())["providers"]
    assert provider["options"]["path"] == f"${{GF_PATHS_PROVISIONING}}/{MOUNTED.relative_to(FOLDER)}"
    assert {path.stem for path in MOUNTED.glob("*.json")} == set(all_pages())
