"""Somebody with every role, who sends bytes to the application as a server would hand them on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import unquote

from litestar import Litestar
from sqlalchemy import text

from ops.hosted import Hosted
from tests.application import PASSWORD, license_all
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

#: an answer that takes longer has hung
PATIENCE_S: Final = 30.0
ROLES: Final = ("admin", "hr", "payroll", "manager", "employee")
_TRACE = re.compile(
    rb"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|sqlalchemy\.|psycopg\.|msgspec\.\w"
)

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Findings:
    """What must not be: each with the request that showed it."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, request: str) -> None:
        self.found.setdefault(kind, []).append(request)

    def told(self) -> str:
        return "\n".join(
            f"{kind} ({len(requests)} times), first: {requests[0][:1500]}" for kind, requests in self.found.items()
        )


class Faults(logging.Handler):
    """What the application wrote down as an unexpected fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: Counter[str] = Counter()
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        last = self.format(record).strip().splitlines()[-8:]
        self.lines[f"{type(error).__name__ if error else record.name}: {' | '.join(last)}"] += 1


@contextmanager
def faults() -> Iterator[Faults]:
    handler = Faults()
    logger = logging.getLogger("zhiren")
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


class Visitor:
    """One person's browser. What its requests destroy of its own standing is made good by ``renew``."""

    def __init__(self, parts: Hosted, app: Litestar, tenant: TenantRef) -> None:
        self._parts, self._app, self.tenant = parts, app, tenant
        self._identity: Headers = ()
        self.user_id = ""
        self.answers: Counter[int] = Counter()
        self.renewals = 0
        self._renewing = asyncio.Lock()
        self.findings = Findings()

    @property
    def sent(self) -> int:
        return self.answers.total()

    async def renew(self) -> None:
        """All modules bought and on, all roles as they were seeded, and a fresh log-in that has them all."""
        self.renewals += 1
        await license_all(self._parts, self.tenant)
        async with self._parts.database.tenant(self.tenant) as ctx:
            for statement in (
                "DELETE FROM licensing_toggle",
                "DELETE FROM auth_role_grant",
                "DELETE FROM auth_role WHERE code NOT IN ('admin', 'hr', 'payroll', 'manager', 'employee')",
            ):
                await ctx.session.execute(text(statement))
        from ops.hosted import seed

        async with self._parts.database.tenant(self.tenant) as ctx:
            await seed(ctx)
            employee_id = await ctx.session.scalar(text("SELECT id FROM records_employee ORDER BY id LIMIT 1"))
            user = await create_user(
                ctx,
                login=f"visitor-{new_id().hex[-12:]}",
                name="测试 全部角色",
                password=PASSWORD,
                roles=ROLES,
                employee_id=employee_id,
            )
            await ctx.session.flush()
            token = await open_session(ctx, user)
        self.user_id = str(user.id)
        cookie = f"{self._parts.authenticator.cookie}={token}"
        self._identity = ((b"cookie", cookie.encode()), (b"x-csrf-token", token_for(token).encode()))

    async def send(
        self, method: str, path: str, query: bytes = b"", headers: Headers = (), body: bytes = b"", *, label: str = ""
    ) -> Answer:
        """The answer; what is wrong with it is noted in ``findings``."""
        standing = self.renewals
        asked = f"{method} {path}?{query.decode('latin-1')} {list(headers)} {body[:600]!r}"
        answer = await self._exchange(method, path, query, headers, body)
        self.answers[answer.status] += 1
        if answer.status >= 500:
            self.findings.note(f"{label or path}: {answer.status} {answer.body[:300].decode(errors='replace')}", asked)
        if _TRACE.search(answer.body):
            self.findings.note(f"{label or path}: the body tells of the program's inside", asked)
        if answer.status in {401, 403}:
            await self._recover(answer, standing)
        return answer

    async def _recover(self, answer: Answer, standing: int) -> None:
        # a log-out, a module switched off, a role emptied: these did what they are for
        lost = (b"licensing.", b"zhiren.forbidden", b"auth.reauth", b"web.csrf")
        if answer.status != 401 and not any(code in answer.body for code in lost):
            return
        async with self._renewing:
            # whoever was refused at the same time finds it done
            if self.renewals == standing:
                await self.renew()

    async def _exchange(self, method: str, path: str, query: bytes, headers: Headers, body: bytes) -> Answer:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query,
            "root_path": "",
            "headers": [
                (b"host", f"{self.tenant.slug}.localhost".encode()),
                *self._identity,
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 80),
        }
        exchange = _Exchange(body)
        task = asyncio.ensure_future(cast(Any, self._app)(scope, exchange.receive, exchange.send))
        done = asyncio.ensure_future(exchange.streaming.wait())
        await asyncio.wait({task, done}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()
        if not task.done():
            exchange.gone.set()
            await asyncio.wait({task}, timeout=PATIENCE_S)
        if not task.done():
            task.cancel()
            return Answer(599, {}, b"no answer")
        error = task.exception()
        if error is not None:
            return Answer(598, {}, repr(error).encode())
        return Answer(exchange.status, exchange.headers, b"".join(exchange.parts))


class _Exchange:
    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status = 597
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        #: an event stream has begun: it ends when its reader goes
        self.streaming, self.gone = asyncio.Event(), asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
            if self.headers.get("content-type", "").startswith("text/event-stream"):
                self.streaming.set()
