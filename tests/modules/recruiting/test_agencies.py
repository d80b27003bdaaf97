"""The agencies' portal: in by a code and out at once, one's own jobs, one's own people, and nobody else's."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import select

from modules.recruiting.models import Agency, AgencyMember, Application, Candidate, Job, Resume
from modules.recruiting.resumes.corpus.people import person as somebody
from modules.recruiting.resumes.corpus.word import table
from modules.recruiting.service import agencies
from ops.hosted import Hosted
from tests.application import browser, license_all
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren import guests, notices
from zhiren.audit import AuditEvent
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.guests.models import GuestCode
from zhiren.guests.service import codes
from zhiren.ids import new_id
from zhiren.notices.models import Message
from zhiren.web.csrf import token_for

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
PAGE = {"accept": "text/html"}
COOKIE = "zhiren_guest_agency"
DAYS = 90


@pytest_asyncio.fixture(autouse=True)
async def licensed(parts: Hosted, tenant: TenantRef) -> None:
    await license_all(parts, tenant)


async def firm(ctx: Context, **values: Any) -> tuple[Agency, AgencyMember]:
    agency = Agency(name=f"猎头 {new_id().hex[-8:]}", ownership_days=DAYS, **values)
    ctx.session.add(agency)
    await ctx.session.flush()
    member = AgencyMember(agency_id=agency.id, name="王顾问")
    member.mail = f"m{new_id().hex[-8:]}@agency.test"
    ctx.session.add(member)
    await ctx.session.flush()
    return agency, member


async def inside(app: Litestar, tenant: TenantRef, database: Database, member_id: UUID) -> httpx.AsyncClient:
    async with database.tenant(tenant) as ctx:
        token = await guests.open_session(ctx, "agency", member_id)
    client = browser(app, tenant, headers=PAGE)
    client.cookies.set(COOKIE, token)
    client.headers["x-csrf-token"] = token_for(token)
    return client


def document(seed: int) -> bytes:
    return table(somebody(random.Random(seed)), random.Random(seed))


def fresh_mobile() -> str:
    return f"136{int(new_id().hex[-7:], 16) % 10**8:08d}"


async def upload(client: httpx.AsyncClient, job: Job, seed: int = 1) -> tuple[str, str]:
    """The résumé's id as the form carries it, and the page."""
    answer = await client.post(
        f"/agency/jobs/{job.id}", data={"act": "read"}, files={"resume": ("简历.docx", document(seed))}
    )
    assert answer.status_code == 200, re.sub(r"(?s)<[^>]*>|\s+", " ", answer.text)[-900:]
    found = re.search(r'name="resume_id" value="([0-9a-f-]{36})"', answer.text)
    assert found
    return found[1], answer.text


async def bring(client: httpx.AsyncClient, job: Job, **fields: str) -> httpx.Response:
    resume_id, _page = await upload(client, job)
    said = {"act": "send", "resume_id": resume_id, "name": "司徒远", "mobile": fresh_mobile(), "consent": "1"}
    return await client.post(f"/agency/jobs/{job.id}", data=said | fields)


async def test_a_code_lets_a_member_in_and_a_switch_puts_them_out(
    app: Litestar, tenant: TenantRef, database: Database
) -> None:
    async with database.tenant(tenant) as ctx:
        agency, member = await firm(ctx)
        mail = member.mail
    client = browser(app, tenant, headers=PAGE)
    await client.get("/agency/login")
    client.headers["x-csrf-token"] = token_for(client.cookies["zhiren_guest"])
    asked = await client.post("/agency/login", data={"address": mail})
    stranger = await client.post("/agency/login", data={"address": "nobody@agency.test"})
    assert asked.status_code == stranger.status_code == 200
    assert "验证码已发出" in stranger.text, "the same answer for who is not registered"
    async with database.tenant(tenant) as ctx:
        rows = await ctx.session.scalars(select(GuestCode).where(GuestCode.kind == "agency"))
        sent = [row for row in rows if row.address == mail]
        await codes.deliver(ctx, sent[0].id)
        (message,) = await ctx.session.scalars(select(Message).where(Message.about_id == sent[0].id))
        code = next(word for word in message.content.subject.split() if word.isdigit())
    assert (await client.post("/agency/login", data={"address": mail, "code": "000000"})).status_code == 401
    entered = await client.post("/agency/login", data={"address": mail, "code": code})
    assert (entered.status_code, entered.headers["location"]) == (303, "/agency")
    assert agency.name in (await client.get("/agency")).text
    async with database.tenant(tenant) as ctx:
        (await ctx.session.get_one(AgencyMember, member.id)).active = False
    gone = await client.get("/agency")
    assert gone.status_code in (303, 401), "out at once, with the session still open"
    async with database.tenant(tenant) as ctx:
        (await ctx.session.get_one(AgencyMember, member.id)).active = True
        (await ctx.session.get_one(Agency, agency.id)).active = False
    assert (await client.get("/agency")).status_code in (303, 401), "and with the whole agency"
    async with database.tenant(tenant) as ctx:
        assert await agencies.find(ctx, mail) == []


async def test_somebody_is_brought_and_followed(
    app: Litestar, tenant: TenantRef, database: Database, login_as: LogIn
) -> None:
    async with database.tenant(tenant) as ctx:
        agency, member = await firm(ctx)
        job = await make_job(ctx, title="结构工程师", owner_id=new_id(), agency_ids=[agency.id], duties="算得准")
        hidden = await make_job(ctx, title="财务总监", owner_id=new_id())
        closed = await make_job(ctx, title="旧职位", owner_id=new_id(), agency_ids=[agency.id], state="closed")
        job.salary_max_fen = 3_217_500
    client = await inside(app, tenant, database, member.id)
    home = (await client.get("/agency")).text
    assert "结构工程师" in home
    assert "财务总监" not in home
    assert "旧职位" not in home
    for other in (hidden, closed):
        assert (await client.get(f"/agency/jobs/{other.id}")).status_code == 404
        assert (await client.post(f"/agency/jobs/{other.id}", data={"act": "send"})).status_code == 404
    page = (await client.get(f"/agency/jobs/{job.id}")).text
    assert "算得准" in page
    assert "32,175" not in page, "the sealed range is not for agencies"
    _resume_id, filled = await upload(client, job, seed=5)
    assert f'value="{somebody(random.Random(5)).name}"' in filled, "the résumé fills the form"
    mobile = fresh_mobile()
    done = await bring(client, job, mobile=mobile, note="技术扎实")
    assert (done.status_code, done.headers["location"]) == (303, "/agency"), done.text[:900]
    home = (await client.get("/agency")).text
    assert "司徒远" in home
    assert "已收到" in home
    until = today() + timedelta(days=DAYS)
    async with database.tenant(tenant) as ctx:
        application = await ctx.session.scalar(select(Application).where(Application.agency_id == agency.id))
        assert application is not None
        candidate = await ctx.session.get_one(Candidate, application.candidate_id)
        assert (candidate.agency_id, candidate.owned_until, candidate.mobile) == (agency.id, until, mobile)
        told = await notices.history(ctx, ("recruiting.candidate", candidate.id))
        assert {line.kind for line in told} == {"recruiting.candidate.introduced"}, "the person is told at once"
        application.feedback, application.state, application.stage_kind = "评分不高", "on_hold", "interview"
    home = (await client.get("/agency")).text
    assert "面试中" in home, "what is on hold is not told"
    assert "评分不高" not in home
    assert mobile not in home
    twice = await bring(client, job, mobile=mobile)
    assert twice.status_code == 409
    assert "您已经推荐过这位人选" in twice.text
    hr = await login_as("hr")
    assert "技术扎实" in (await hr.get(f"/recruiting/candidates/{candidate.id}", headers=PAGE)).text


async def test_who_is_known_is_refused_without_a_word_more(
    app: Litestar, tenant: TenantRef, database: Database
) -> None:
    async with database.tenant(tenant) as ctx:
        (one, first), (two, second) = await firm(ctx), await firm(ctx)
        job = await make_job(ctx, owner_id=new_id(), agency_ids=[one.id, two.id])
        known = await make_candidate(ctx, name="澹台明", mail="tantai@mail.test")
        house = {"mobile": known.mobile or ""}
    mine, theirs = [await inside(app, tenant, database, row.id) for row in (first, second)]
    mobile = fresh_mobile()
    assert (await bring(mine, job, mobile=mobile, name="公孙大")).status_code == 303
    answers = [
        await bring(theirs, job, **house),
        await bring(theirs, job, mail="TANTAI@mail.test"),
        await bring(theirs, job, mobile=mobile),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    for answer in answers:
        assert "我们已经认识这位人选" in answer.text
        assert one.name not in answer.text
        assert "澹台明" not in answer.text
        assert "公孙大" not in answer.text
    assert "公孙大" not in (await theirs.get("/agency")).text
    async with database.tenant(tenant) as ctx:
        refused = select(AuditEvent).where(AuditEvent.action == "recruiting.agency.refused")
        events = [row for row in await ctx.session.scalars(refused) if row.object_id in (two.id, str(two.id))]
        assert len(events) == 3, "who asks again and again is seen"
        # past the days agreed the person is the house's
        brought = await ctx.session.scalar(select(Candidate).where(Candidate.agency_id == one.id))
        assert brought is not None
        brought.owned_until = today() - timedelta(days=1)
        other = await make_job(ctx, owner_id=new_id(), agency_ids=[one.id])
    late = await bring(mine, other, mobile=mobile, name="公孙大")
    assert late.status_code == 409
    assert "我们已经认识这位人选" in late.text
    assert "归属到" in (await mine.get("/agency")).text


async def test_an_agency_reaches_nothing_of_anothers(app: Litestar, tenant: TenantRef, database: Database) -> None:
    async with database.tenant(tenant) as ctx:
        (one, first), (_two, second) = await firm(ctx), await firm(ctx)
        job = await make_job(ctx, owner_id=new_id(), agency_ids=[one.id, _two.id])
        application = await make_application(ctx, job=job)
    mine, theirs = [await inside(app, tenant, database, row.id) for row in (first, second)]
    resume_id, _page = await upload(mine, job, seed=9)
    said = {"act": "send", "resume_id": resume_id, "name": "某人", "mobile": fresh_mobile(), "consent": "1"}
    stolen = await theirs.post(f"/agency/jobs/{job.id}", data=said)
    assert stolen.status_code == 422, "a résumé that another agency uploaded is none"
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Resume, UUID(resume_id))).candidate_id is None
    paths = [
        "/portal",
        "/recruiting/candidates",
        f"/recruiting/candidates/{application.candidate_id}",
        f"/recruiting/jobs/{job.id}/board",
        "/recruiting/agencies",
        "/records/employees",
        "/notices",
    ]
    for path in paths:
        assert (await mine.get(path)).status_code in (303, 401), path
    withdraw = await mine.post(f"/portal/applications/{application.id}/withdraw", data={"reason": ""})
    assert withdraw.status_code in (303, 401)
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Application, application.id)).state == "active"
    assert (await mine.post("/agency/logout")).status_code == 303
    assert (await mine.get("/agency")).status_code in (303, 401)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"consent": ""}, "请勾选同意后再提交"),
        ({"resume_id": ""}, "请上传简历"),
        ({"mobile": "", "mail": ""}, "手机号和邮箱至少填一个"),
    ],
)
async def test_what_is_missing_is_told(
    app: Litestar, tenant: TenantRef, database: Database, missing: dict[str, str], said: str
) -> None:
    async with database.tenant(tenant) as ctx:
        agency, member = await firm(ctx)
        job = await make_job(ctx, owner_id=new_id(), agency_ids=[agency.id])
    client = await inside(app, tenant, database, member.id)
    answer = await bring(client, job, **missing)
    assert answer.status_code == 422
    assert said in answer.text
    async with database.tenant(tenant) as ctx:
        assert await ctx.session.scalar(select(Application).where(Application.job_id == job.id)) is None


async def test_who_tries_out_numbers_is_made_to_wait(
    app: Litestar, tenant: TenantRef, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agencies, "REFUSALS", (2, 86_400))
    async with database.tenant(tenant) as ctx:
        agency, member = await firm(ctx)
        _other, colleague = await firm(ctx)
        job = await make_job(ctx, agency_ids=[agency.id, colleague.agency_id])
        known = [await make_candidate(ctx, mobile=fresh_mobile()) for _each in range(3)]
        mobiles = [one.mobile or "" for one in known]
    client = await inside(app, tenant, database, member.id)
    answers = [await bring(client, job, mobile=mobile) for mobile in mobiles]
    assert [one.status_code for one in answers] == [409, 409, 429]
    assert "我们已经认识这位人选" not in answers[2].text, "the third tells nothing about the number"
    assert (await bring(client, job)).status_code == 429, "nor about any other today"
    elsewhere = await inside(app, tenant, database, colleague.id)
    assert (await bring(elsewhere, job)).status_code == 303, "nobody else has to wait"
