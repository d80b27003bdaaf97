"""The OpenAPI 3.1 document, with what the framework cannot know: how we refuse, and the headers of our conventions."""

from __future__ import annotations

from typing import Any, Final

from litestar.openapi.spec import OpenAPI

#: RFC 9457; as ``zhiren.web.problems`` renders it
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Why the request was refused (RFC 9457). `code` is stable; `title` and `detail` are for people.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "params": {"type": "object"},
    },
}
_REFUSED: Final[dict[str, Any]] = {
    "description": "Refused; `code` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "post": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same key within 24 hours, the request acts once and is answered alike.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    "patch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag the resource was read with; without it, where one was given: 428.",
        "schema": {"type": "string"},
    },
}


def document(openapi: OpenAPI) -> dict[str, Any]:
    """``openapi`` as its readers need it; the framework's own object is left as it is."""
    schema: dict[str, Any] = openapi.to_schema()
    schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for path in schema.get("paths", {}).values():
        for method, operation in path.items():
            _complete(method, operation)
    return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    answers = operation.setdefault("responses", {})
    for status in list(answers):
        if status.startswith("4"):
            # the framework describes its own refusals, which ours replace
            del answers[status]
        elif status == "204":
            answers[status].pop("content", None)
    answers["default"] = _REFUSED
    if method in _HEADERS:
        operation["parameters"] = [*operation.get("parameters", ()), _HEADERS[method]]


__all__ = ["document"]
