"""A mail server, and workers in this process that give messages out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import delete, update

from tenants.registry import Registry
from tests.smtp import Mailbox, mailbox
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs import Job, Outbox
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime
from zhiren.notices import NoticeKind, Recipient, register, repository, send
from zhiren.notices.models import ChannelSetting, Message, Subscription, Template
from zhiren.settings import Settings

INVITED = NoticeKind(
    name="test.interview.invited",
    title="面试邀请",
    subject="{company}邀请您面试：{job}",
    body="{name}，您好：\n\n请您于 {when} 参加 {job} 的面试。\n如有不便请告诉我们。",
    short="{name}，请于 {when} 参加面试",
    channels=("inapp", "mail", "sms", "im", "push"),
)
MAIL_ONLY = NoticeKind(name="test.letter.sent", title="信", subject="信：{what}", body="{what}", channels=("mail",))
CODE = NoticeKind(
    name="test.code.sent",
    title="验证码",
    subject="验证码 {code}",
    body="{code}",
    channels=("mail", "sms"),
    urgent=True,
    secret=True,
    valid_s=600,
)
DIGEST = NoticeKind(
    name="test.digest.sent",
    title="每周摘要",
    subject="摘要",
    body="本周 {count} 件",
    channels=("inapp", "mail"),
    optional=True,
)
register(INVITED, MAIL_ONLY, CODE, DIGEST)

VALUES = {"job": "后端工程师", "when": "11 月 26 日 14:00"}


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def with_mail(settings: Settings, box: Mailbox) -> Settings:
    return msgspec.structs.replace(settings, smtp_url=box.url, smtp_from="hr@zhiren.example")


class Hints:
    """Stands where Redis stands."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []

    def send(self, _tenant_id: str, job_ids: Any) -> None:
        self.ids += job_ids


Drain = Callable[..., Awaitable[list[str | None]]]


@pytest.fixture
def drain(database: Database, tenant: TenantRef) -> Drain:
    """``await drain(settings)``: hand out and run what is due under these settings, until nothing is."""
    registry = Registry(database, "localhost")

    async def go(settings: Settings) -> list[str | None]:
        runtime = Runtime(database, registry, settings=settings)
        hints = Hints()
        relay = Relay(runtime, hints)
        ended: list[str | None] = []
        while True:
            await relay.hand_out(tenant)
            jobs, hints.ids = hints.ids, []
            if not jobs:
                return ended
            ended += [await execute(runtime, tenant, job_id) for job_id in jobs]

    return go


@pytest_asyncio.fixture(autouse=True)
async def clean(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Each test leaves no messages and no jobs behind."""
    yield
    if "tenant" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        async with database.tenant(request.getfixturevalue("tenant")) as ctx:
            for model in (Outbox, Job, Message, Template, ChannelSetting, Subscription):
                await ctx.session.execute(delete(model))


def somebody(**changes: Any) -> Recipient:
    """A candidate with a mail address."""
    values: dict[str, Any] = {"kind": "guest", "id": new_id(), "name": "王小明", "mail": "wang@example.com"}
    return Recipient(**values | changes)


class Post:
    """Sending and looking, each in a transaction of its own."""

    def __init__(self, database: Database, tenant: TenantRef) -> None:
        self._database = database
        self._tenant = tenant

    def ctx(self) -> Any:
        return self._database.tenant(self._tenant)

    async def send(self, kind: NoticeKind = MAIL_ONLY, **options: Any) -> dict[str, UUID]:
        """Sends; returns the ids by channel."""
        values: Mapping[str, str] = {name: VALUES.get(name, "某事") for name in kind.values}
        given: dict[str, Any] = {
            "to": somebody(),
            "values": values,
            "about": ("test.thing", new_id()),
            "key": str(new_id()),
        }
        async with self.ctx() as ctx:
            ids = await send(ctx, kind.name, **given | options)
            rows = [await repository.message(ctx.session, one) for one in ids]
        return {row.channel: row.id for row in rows if row is not None}

    async def row(self, message_id: UUID) -> Message:
        async with self.ctx() as ctx:
            found = await repository.message(ctx.session, message_id)
        assert found is not None
        return found

    async def in_tenant(self, do: Callable[[Context], Awaitable[Any]]) -> Any:
        async with self.ctx() as ctx:
            found = await do(ctx)
            await ctx.session.flush()
            return found

    async def skip_pauses(self) -> None:
        """What waits for a later try is due now."""
        async with self.ctx() as ctx:
            await ctx.session.execute(update(Outbox).values(due_at=Outbox.created_at))


@pytest.fixture
def post(database: Database, tenant: TenantRef) -> Post:
    return Post(database, tenant)
