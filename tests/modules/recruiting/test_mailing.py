"""Résumés that come by mail: each mail once, on the job it names, whatever it brings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from email.message import EmailMessage
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import delete, func, select, update

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import CatalogueEntry, Resume
from modules.recruiting.repository import core
from modules.recruiting.service import mailing
from modules.recruiting.service.applying import ROOM
from modules.recruiting.service.mailing import Mailbox
from tenants.provisioning import Provisioner
from tenants.registry import Registry
from tests.conftest import make_tenant
from tests.factories.records import granted
from tests.factories.recruiting import make_job
from tests.imap import ImapServer, imap_server
from tests.modules.recruiting.test_intake import text_of
from zhiren import files
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.jobs import Job, Outbox
from zhiren.jobs.executor import execute
from zhiren.jobs.runtime import Runtime
from zhiren.notices import bounces
from zhiren.settings import Settings

Act = Callable[[], AbstractAsyncContextManager[Context]]
HR = granted("recruiting.hire", "recruiting.manage", "recruiting.settings")


def mail(
    number: int, *, to: str = "jobs@example.com", subject: str = "应聘", text: str = "见附件", **parts: Any
) -> bytes:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = "somebody@example.com", to, subject
    found["Message-ID"] = f"<{number}@example.com>"
    found.set_content(text)
    for name, data in parts.get("files", ()):
        found.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if "signature" in parts:
        found.add_related(parts["signature"], maintype="image", subtype="png", cid="<logo>", filename="logo.png")
    return found.as_bytes()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ImapServer]:
    async with imap_server() as found:
        yield found


@pytest_asyncio.fixture
async def customer(provisioner: Provisioner) -> AsyncIterator[TenantRef]:
    yield await make_tenant(provisioner, "mailed")


@pytest.fixture
def act(database: Database, customer: TenantRef) -> Act:
    return lambda: database.tenant(customer, actor=HR)


@pytest.fixture
def fetch(act: Act, database: Database, customer: TenantRef, settings: Settings) -> Callable[..., Awaitable[Any]]:
    """One round; answers its job."""

    async def go(*, networks: str = "any") -> Job:
        given = msgspec.structs.replace(settings, provider_networks=networks)
        runtime = Runtime(database, Registry(database, "localhost"), settings=given)
        async with act() as ctx:
            job_id = await mailing.ask(ctx)
        async with act() as ctx:
            await ctx.session.execute(update(Outbox).where(Outbox.job_id == job_id).values(handed_at=func.now()))
        assert await execute(runtime, customer, job_id) == "succeeded"
        async with act() as ctx:
            return (await ctx.session.scalars(select(Job).where(Job.id == job_id))).one()

    return go


async def set_up(act: Act, server: ImapServer, **changes: Any) -> None:
    values: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "user": server.user, "tls": False}
    async with act() as ctx:
        await mailing.save(ctx, Mailbox(**values | changes), server.password)


async def received(act: Act) -> list[tuple[str, str]]:
    """Name of the file and number of its job, in order."""
    async with act() as ctx:
        rows = (await ctx.session.scalars(select(Resume).order_by(Resume.id))).all()
        found = []
        for row in rows:
            assert row.file_id is not None
            position = await core.job(ctx.session, row.job_id) if row.job_id else None
            found.append(((await files.ref(ctx, row.file_id, room=ROOM)).name, position.number if position else ""))
        return found


async def test_mails_are_taken_in_once(act: Act, server: ImapServer, fetch: Callable[..., Awaitable[Any]]) -> None:
    async with act() as ctx:
        job = await make_job(ctx)
    await set_up(act, server)
    pdf, logo = ("甲.pdf", b"%PDF-1.7 " + b"x" * 50), b"\x89PNG\r\n\x1a\n logo"
    server.add(mail(1, to=f"招聘 <jobs+{job.number.lower()}@example.com>", files=[pdf]))
    server.add(mail(2, subject=f"应聘 {job.number} 工程师", files=[("乙.docx", b"PK 2"), ("说明.xlsx", b"PK 3")]))
    server.add(mail(3, text=text_of().decode(), signature=logo))
    server.add(mail(4, text="  "))
    server.add(b"Subject: =?x-none?b?!!?=\nContent-Type: multipart/mixed; boundary=\n\n\xff\xfe")
    server.add(mail(1, files=[("丙.pdf", b"%PDF-1.7 again")]))
    ended = await fetch()
    assert ended.result["mails"] == 6
    got = await received(act)
    assert got[:3] == [("甲.pdf", job.number), ("乙.docx", job.number), ("邮件正文.txt", "")]
    assert "丙.pdf" not in dict(got)
    assert server.seen == set()
    # nothing twice: not in the next round, and not when all UIDs are given anew
    bodies = len(server.fetched)
    assert (await fetch()).result == {"mails": 0, "files": 0}
    assert len(server.fetched) == bodies
    server.validity += 1
    assert (await fetch()).result["files"] == 0
    assert await received(act) == got
    server.add(mail(9, files=[("丁.jpg", b"\xff\xd8\xff 1")]))
    assert (await fetch()).result == {"mails": 1, "files": 1}
    assert (await received(act))[-1] == ("丁.jpg", "")


async def test_a_mail_that_is_too_large_holds_up_nothing(
    act: Act, server: ImapServer, fetch: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "MAX_BYTES", 2000)
    await set_up(act, server)
    large = server.add(mail(1, files=[("大.pdf", b"%PDF-1.7 " + b"x" * 4000)]))
    server.add(mail(2, files=[("小.pdf", b"%PDF-1.7 ")]))
    assert (await fetch()).result == {"mails": 2, "files": 1}
    assert large not in server.fetched


async def test_what_went_wrong_is_told(act: Act, server: ImapServer, fetch: Callable[..., Awaitable[Any]]) -> None:
    async def error() -> str:
        async with act() as ctx:
            box = await mailing.mailbox(ctx)
        assert box is not None
        return box.error

    await set_up(act, server)
    await fetch(networks="public")
    assert await error() == "address"
    server.password, right = "other", server.password
    await fetch()
    assert await error() == "login"
    server.password = right
    await fetch()
    assert await error() == ""
    await set_up(act, server, port=9)
    await fetch()
    assert await error() == "unreachable"
    async with act() as ctx:
        await mailing.stop(ctx)
    assert (await fetch()).result is None


async def test_the_password_is_sealed_and_the_rounds_are_asked_for_once(act: Act, server: ImapServer) -> None:
    await set_up(act, server)
    async with act() as ctx:
        row = (await ctx.session.scalars(select(CatalogueEntry).where(CatalogueEntry.code == "mailbox"))).one()
        assert row.secret == server.password
        assert server.password not in str(row.data)
        # an empty password stays as it was; another account begins anew, without one it is refused
        await mailing.save(ctx, Mailbox(host="127.0.0.1", port=server.port, user=server.user, tls=False), "")
        assert row.secret == server.password
        with pytest.raises(InvalidRecruiting):
            await mailing.save(ctx, Mailbox(host="no host", port=0), "x")
        for _twice in range(2):
            await mailing.ask_for_an_hour(ctx)
        query = select(func.count()).select_from(Job).where(Job.name == mailing.FETCH)
        assert await ctx.session.scalar(query) == 13
        await ctx.session.execute(delete(Outbox))
        await ctx.session.execute(delete(Job))


async def test_bounces_are_read_by_the_same_reader(server: ImapServer) -> None:
    server.user, server.password = "a", "b"
    server.add(b"Subject: hello\n\nno report\n")
    assert await bounces.collect(f"imap://a:b@127.0.0.1:{server.port}/INBOX") == []
    assert len(server.seen) == 1


async def test_the_page(login_as: Callable[..., Awaitable[httpx.AsyncClient]]) -> None:
    hr = await login_as("hr")
    assert (await hr.post("/recruiting/mailbox", data={"host": "imap.example.com", "user": "a"})).status_code == 422
    given = {"host": "imap.example.com", "port": "993", "user": "jobs@example.com", "password": "s3cret-s3cret"}
    assert (await hr.post("/recruiting/mailbox", data=given)).status_code == 303
    shown = (await hr.get("/recruiting/mailbox")).text
    assert ["jobs@example.com" in shown, "已设置，留空不变" in shown, "s3cret" in shown] == [True, True, False]
    assert (await hr.post("/recruiting/mailbox/stop")).status_code == 303
    assert "jobs@example.com" not in (await hr.get("/recruiting/mailbox")).text
