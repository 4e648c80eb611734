"""The OpenAPI 3.1 description of the API, made from the table of endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hookline.version import VERSION
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint
from hookline_collector.api.http.record_schema import Schema, schema_of

PROBLEM: Schema = {
    "type": "object",
    "description": "What is wrong, as RFC 9457 writes it.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


def describe(endpoints: Iterable[ApiEndpoint], cookie_name: str) -> dict[str, Any]:
    """Return the description; the cookie's name follows the port."""
    schemas: dict[str, Schema] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = endpoint.path.replace(":path}", "}")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hookline", "version": VERSION, "description": "Where the time goes when people work with coding agents."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security(cookie_name)},
        "security": [{"bearer": []}, {"cookie": []}],
    }


def _security(cookie_name: str) -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The token in <data folder>/token."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": cookie_name, "description": "Set by the link to the pages."},
    }


def _operation(endpoint: ApiEndpoint, schemas: dict[str, Schema]) -> dict[str, Any]:
    answer = {media: {"schema": _answer(endpoint, media, schemas)} for media in endpoint.content}
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "responses": {
            "200": {"description": "The answer.", "content": answer},
            "default": {"description": "A problem.", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
        },
    }
    if endpoint.parameters:
        operation["parameters"] = [
            {"name": p.name, "in": p.where, "required": p.where == "path", "description": p.meaning, "schema": p.schema} for p in endpoint.parameters
        ]
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema_of(endpoint.body, schemas)}}}
    return operation | ({"security": []} if endpoint.is_open else {})


def _answer(endpoint: ApiEndpoint, media: str, schemas: dict[str, Schema]) -> Schema:
    if media != JSON or endpoint.answer is None:
        return {"type": "string"} if media != JSON else {}
    return dict(endpoint.answer) if isinstance(endpoint.answer, Mapping) else schema_of(endpoint.answer, schemas)


def _operation_id(endpoint: ApiEndpoint) -> str:
    words = [word for word in endpoint.path.replace("/api/v1", "").replace("{", "").replace("}", "").split("/") if word]
    return "_".join([endpoint.method.lower(), *words]).replace(".", "_").replace(":path", "") or endpoint.method.lower()
