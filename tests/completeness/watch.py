"""Looks over the shoulder of every test that drives the whole application: what it changed, it must have recorded."""

from __future__ import annotations

import re
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.orm import object_session

from zhiren.audit import AuditEvent
from zhiren.context import current_or_none
from zhiren.web.visit import visit

SAFE = {"GET", "HEAD", "OPTIONS"}
#: changing routes that write no event, and why
UNRECORDED = {
    "POST /payroll/items/try": "a formula tried on sample values; nothing is stored",
    "POST /api/v1/payroll/formulas/check": "a formula tried on sample values; nothing is stored",
    "POST /recruiting/settings/letter/preview": "a letter with made-up terms; nothing is stored",
    "POST /recruiting/jobs/{job_id}/rules/try": "rules tried on who applied before; nothing is stored",
    "POST /preferences/language": "a cookie of the browser; nothing is stored",
    "POST /preferences/theme": "a cookie of the browser; nothing is stored",
    "POST /console/login": "no customer's act: the operators' own trail, tests/ops/test_console.py",
    "POST /console/logout": "no customer's act: the operators' own trail",
    "POST /console/customers/{slug}/suspend": "no customer's act: the operators' own trail",
    "POST /console/customers/{slug}/resume": "no customer's act: the operators' own trail",
    "POST /console/preferences/language": "a cookie of the browser; nothing is stored",
    "POST /console/preferences/theme": "a cookie of the browser; nothing is stored",
    "POST /notices/{message_id}/open": "that one has read one's own notice",
    "POST /notices/read-all": "that one has read one's own notices",
    "POST /views": "how one's own table is shown; nobody else sees it and no data changes",
    "POST /views/{view_id}/delete": "how one's own table is shown; nobody else sees it and no data changes",
    "POST /account/second-factor": "a secret that counts for nothing until it is confirmed, which is recorded",
}
_ROUTE, _WROTE = b"x-test-route", b"x-test-wrote-unrecorded"


@event.listens_for(AuditEvent, "after_insert")
def _note(_mapper: Any, _connection: Any, target: AuditEvent) -> None:
    session = object_session(target)
    if session is not None:
        session.info["recorded"] = True


#: kept of everybody who uses the product, and not what they do with it
_OWN_BOOKS = ("auth_session", "auth_failure", "auth_attempt", "audit_", "web_idempotency", "job_", "guest_session")
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+\"?(\w+)", re.IGNORECASE)


@event.listens_for(Engine, "before_cursor_execute")
def _note_writing(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    found, ctx = _WRITES.match(statement), current_or_none()
    if found and ctx is not None and ctx.session is not None and not found[1].startswith(_OWN_BOOKS):
        ctx.session.info["wrote"] = found[1]


class Watched:
    """The application, saying in each answer which route gave it and whether an event was written."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def telling(message: Any) -> None:
            if message["type"] == "http.response.start":
                ctx = visit(scope).ctx
                recorded = ctx is not None and ctx.session is not None and ctx.session.info.get("recorded")
                route = f"{scope['method']} {scope.get('path_template', '')}"
                wrote = ctx.session.info.get("wrote", "") if ctx is not None and ctx.session is not None else ""
                told = [(_ROUTE, route.encode()), (_WROTE, b"" if recorded else wrote.encode())]
                message = {**message, "headers": [*message.get("headers", ()), *told]}
            await send(message)

        await self._app(scope, receive, telling)


async def check(answer: httpx.Response) -> None:
    """An httpx hook. Raises AssertionError when something was changed and not recorded."""
    route = answer.headers.get(_ROUTE.decode(), "")
    if answer.request.method in SAFE or answer.status_code >= 400 or route in UNRECORDED:
        return
    table = answer.headers.get(_WROTE.decode(), "")
    assert not table, f"{route} wrote {table} and recorded nothing"
