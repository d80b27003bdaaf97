"""The whole way through the pages: from the career site to an employee in records, by candidate, HR and interviewer."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from random import Random
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import select

from modules.records import api as records
from modules.recruiting.models import Application, Candidate, Interview, Job, Offer, Onboarding, Task
from modules.recruiting.resumes.corpus.people import person as somebody
from modules.recruiting.resumes.corpus.word import table
from modules.recruiting.shapes import Question, Rule
from ops.hosted import Hosted
from tests.application import browser
from tests.factories.records import company
from tests.factories.recruiting import make_job
from zhiren import approvals
from zhiren.auth.models import Session
from zhiren.auth.tokens import token_hash
from zhiren.clock import today
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

PAGE = {"accept": "text/html"}
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64
COOKIE = "zhiren_guest_candidate"
QUESTION = Question(code="shift", text="能否接受倒班？", kind="yes_no", required=True)
RULE = Rule(code="edu", name="本科以上", field="degree", op="at_least", value="bachelor", effect="set_aside")


async def open_job(database: Database, tenant: TenantRef, owner_id: UUID) -> Job:
    async with database.tenant(tenant) as ctx:
        house = await company(ctx, name=f"远山制造 {new_id().hex[-6:]}")
        unit = await house.unit(f"研发部 {new_id().hex[-6:]}")
        return await make_job(
            ctx,
            title="后端工程师",
            owner_id=owner_id,
            unit_id=unit.id,
            legal_entity_id=house.entity.id,
            questions=[msgspec.to_builtins(QUESTION)],
            rules=[msgspec.to_builtins(RULE)],
            duties="写清楚、跑得稳的服务。",
        )


async def at_the_site(app: Litestar, tenant: TenantRef, path: str) -> httpx.AsyncClient:
    """A stranger's browser that has opened a page of the site."""
    client = browser(app, tenant, headers=PAGE)
    await client.get(path)
    client.headers["x-csrf-token"] = token_for(client.cookies["zhiren_guest"])
    return client


def as_candidate(client: httpx.AsyncClient) -> None:
    """The browser's own session is what its forms are proved by from now on."""
    client.headers["x-csrf-token"] = token_for(client.cookies[COOKIE])


async def apply(app: Litestar, tenant: TenantRef, job: Job, **more: str) -> httpx.AsyncClient:
    client = await at_the_site(app, tenant, f"/careers/{job.slug}/apply")
    number = f"138{int(new_id().hex[-7:], 16) % 10**8:08d}"
    typed = {"name": "欧阳知行", "mobile": number, "mail": f"o{number}@mail.test", "degree": "master"}
    typed |= {"school": "同济大学", "years": "6", "answer.shift": "yes", "consent": "1", "act": "send", "pool": "1"}
    answer = await client.post(f"/careers/{job.slug}/apply", data=typed | more)
    assert answer.status_code == 303, answer.text[:500]
    assert answer.headers["location"] == "/portal"
    as_candidate(client)
    return client


async def test_from_the_career_site_to_the_first_day(  # noqa: PLR0915 - one story
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: object
) -> None:
    hr, manager, boss = [await login_as(role) for role in ("hr", "manager", "hr")]  # type: ignore[operator]
    owner, interviewer = await user_of(hr, parts, tenant), await user_of(manager, parts, tenant)
    job = await open_job(database, tenant, owner)

    # the job is told to search engines, and the candidate applies on the phone
    page = await browser(app, tenant).get(f"/careers/{job.slug}", headers=PAGE)
    found = re.search(r'<script type="application/ld\+json">(.+?)</script>', page.text, re.S)
    assert found
    assert json.loads(found[1])["title"] == "后端工程师"
    person = await apply(app, tenant, job)
    home = await person.get("/portal")
    assert "已收到您的应聘" in home.text
    async with database.tenant(tenant) as ctx:
        application = await ctx.session.scalar(select(Application).where(Application.job_id == job.id))
        assert application is not None
        assert [one["outcome"] for one in application.findings] == ["passed"]

    # HR proposes times, the candidate chooses, the interviewer judges
    begin = (today() + timedelta(days=3)).isoformat()
    planned = await hr.post(
        f"/recruiting/applications/{application.id}/interview",
        data={"act": "propose", "round": "r1", "mode": "phone", "panel": str(interviewer)}
        | {"time": [f"{begin}T10:00", f"{begin}T11:00"]},
    )
    assert planned.status_code == 303, planned.text[-800:]
    async with database.tenant(tenant) as ctx:
        interview = await ctx.session.scalar(select(Interview).where(Interview.application_id == application.id))
        assert interview is not None
    assert "请选择面试时间" in (await person.get("/portal")).text
    choose = await person.get(f"/portal/interviews/{interview.id}")
    slots = re.findall(r'name="slot" value="([0-9a-f-]{36})"', choose.text)
    assert len(slots) == 2
    done = await person.post(f"/portal/interviews/{interview.id}/choose", data={"slot": slots[1]})
    assert done.status_code == 303
    assert "面试已约定" in (await person.get("/portal")).text
    judged = await manager.post(
        f"/recruiting/interviews/{interview.id}/scorecard",
        data={"verdict": "yes", "summary": "讲清楚了自己做的系统，有数字。"},
    )
    assert judged.status_code == 303, judged.text[-800:]

    # the offer: drafted, approved by somebody else, signed, accepted on the phone
    terms = {
        "title": "后端工程师",
        "unit_id": str(job.unit_id),
        "legal_entity_id": str(job.legal_entity_id),
        "start_on": (today() + timedelta(days=10)).isoformat(),
        "base_fen": "21000",
        "probation_months": "3",
        "contract_months": "36",
        "locale": "zh_CN",
    }
    drafted = await hr.post(f"/recruiting/applications/{application.id}/offer", data=terms)
    assert drafted.status_code == 303, drafted.text[-800:]
    async with database.tenant(tenant) as ctx:
        offer = await ctx.session.scalar(select(Offer).where(Offer.application_id == application.id))
        assert offer is not None
    assert (await person.get(f"/portal/offers/{offer.id}")).status_code == 404, "nobody reads a draft"
    submitted = await hr.post(f"/recruiting/offers/{offer.id}/submit")
    assert submitted.status_code == 303, submitted.text[-900:]
    assert (await hr.post(f"/recruiting/offers/{offer.id}/send")).status_code == 409, "not before it is approved"
    await approve(database, tenant, offer.id, by=boss)
    sent = await hr.post(f"/recruiting/offers/{offer.id}/send", data={"valid_days": "7"})
    assert sent.status_code == 303, sent.text[-800:]
    letter = await person.get(f"/portal/offers/{offer.id}/letter")
    assert letter.content.startswith(b"%PDF")
    refused = await person.post(f"/portal/offers/{offer.id}/accept", data={"typed_name": "别人"})
    assert refused.status_code == 422
    assert "与录用通知上的姓名不一致" in refused.text
    accepted = await person.post(f"/portal/offers/{offer.id}/accept", data={"typed_name": "欧阳知行"})
    assert accepted.status_code == 303
    again = await person.post(f"/portal/offers/{offer.id}/accept", data={"typed_name": "欧阳知行"})
    assert again.status_code == 409, "the second click answers nothing anew"

    # papers and particulars, then one click on the first day
    filled = {
        "id_number": "110105199107280086",
        "home_address": "上海市杨浦区四平路 1 号",
        "bank_account": "6222020200112233445",
    }
    form = await person.post("/portal/onboarding", data=filled | {"bank_name": "工商银行"})
    assert form.status_code == 303, form.text[-1500:]
    async with database.tenant(tenant) as ctx:
        arrival = await ctx.session.scalar(select(Onboarding).where(Onboarding.offer_id == offer.id))
        assert arrival is not None
        rows = await ctx.session.scalars(select(Task).where(Task.onboarding_id == arrival.id, Task.kind == "paper"))
        paper = next(task for task in rows if task.code == "id_card")
    bad = await person.post(f"/portal/onboarding/{paper.id}", files={"file": ("id.exe", b"MZ\x90\x00")})
    assert bad.status_code == 422
    good = await person.post(
        f"/portal/onboarding/{paper.id}", files={"file": ("身份证.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64)}
    )
    assert good.status_code == 303
    checked = await hr.post(f"/recruiting/onboarding/{arrival.id}/tasks/{paper.id}", data={"act": "done"})
    assert checked.status_code == 303
    number = f"W{new_id().hex[-8:]}"
    joined = await hr.post(
        f"/recruiting/onboarding/{arrival.id}/join", data={"number": number, "started_on": today().isoformat()}
    )
    assert joined.status_code == 303, joined.text[-1500:]
    employee_id = UUID(joined.headers["location"].rsplit("/", 1)[1])
    async with database.tenant(tenant) as ctx:
        employee = (await records.employee_refs(ctx, [employee_id]))[employee_id]
        assert (employee.name, employee.number) == ("欧阳知行", number)
        opened = await records.sensitive(ctx, [employee_id], ["id_number", "bank_account"])
        assert opened[employee_id]["id_number"] == filled["id_number"]
        kept = await ctx.session.get_one(Application, application.id)
        assert kept.state == "hired"
        evidence = (await ctx.session.get_one(Offer, offer.id)).evidence
        assert evidence is not None
        assert evidence.letter_sha256


async def approve(database: Database, tenant: TenantRef, offer_id: UUID, *, by: httpx.AsyncClient) -> None:
    """Somebody who may sign, signs: not who asked."""
    async with database.tenant(tenant) as ctx:
        case = await approvals.case_of(ctx, "recruiting.offer", offer_id)
        assert case is not None
        (task,) = [task for step in case.steps for task in step.tasks if task.state == "waiting"]
    signed = await by.post(f"/approvals/tasks/{task.id}/decide", data={"verdict": "approve"})
    assert signed.status_code == 303, signed.text[-800:]


async def user_of(client: httpx.AsyncClient, parts: Hosted, tenant: TenantRef) -> UUID:
    """Whose session the browser holds."""
    async with parts.database.tenant(tenant) as ctx:
        held = token_hash(client.cookies[parts.authenticator.cookie])
        found = await ctx.session.scalar(select(Session.user_id).where(Session.token_hash == held))
    assert found is not None
    return found


async def test_the_other_ends(
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: object
) -> None:
    """An interview called off, an offer asked about and declined, another withdrawn; data corrected."""
    hr, boss = [await login_as(role) for role in ("hr", "hr")]  # type: ignore[operator]
    owner = await user_of(hr, parts, tenant)
    job = await open_job(database, tenant, owner)
    person = await apply(app, tenant, job, name="端木别处")
    async with database.tenant(tenant) as ctx:
        application = await ctx.session.scalar(select(Application).where(Application.job_id == job.id))
        assert application is not None
    begin = f"{(today() + timedelta(days=4)).isoformat()}T15:00"
    plan = {"act": "set", "round": "r1", "mode": "phone", "panel": str(owner), "time": begin}
    assert (await hr.post(f"/recruiting/applications/{application.id}/interview", data=plan)).status_code == 303
    async with database.tenant(tenant) as ctx:
        interview = await ctx.session.scalar(select(Interview).where(Interview.application_id == application.id))
        assert interview is not None
    off = await person.post(f"/portal/interviews/{interview.id}/cancel", data={"reason": "有事"})
    assert off.status_code == 303
    terms = {
        "title": "后端工程师",
        "unit_id": str(job.unit_id),
        "legal_entity_id": str(job.legal_entity_id),
        "start_on": (today() + timedelta(days=10)).isoformat(),
        "base_fen": "20000",
        "contract_months": "24",
        "probation_months": "3",
    }
    refused = await hr.post(f"/recruiting/applications/{application.id}/offer", data=terms)
    assert refused.status_code == 422
    assert "劳动合同法第十九条" in refused.text, "three months of probation need a contract of three years"
    offers = []
    for answer in ("decline", "withdraw"):
        terms["probation_months"] = "2"
        drafted = await hr.post(f"/recruiting/applications/{application.id}/offer", data=terms)
        offer_id = UUID(drafted.headers["location"].rsplit("/", 1)[1])
        changed = await hr.post(f"/recruiting/offers/{offer_id}", data=terms | {"base_fen": "20500"})
        assert changed.status_code == 303
        assert (await hr.post(f"/recruiting/offers/{offer_id}/submit")).status_code == 303
        await approve(database, tenant, offer_id, by=boss)
        assert (await hr.post(f"/recruiting/offers/{offer_id}/send")).status_code == 303
        asked = await person.post(f"/portal/offers/{offer_id}/ask", data={"question": "年终奖怎么算？"})
        assert asked.status_code == 303
        if answer == "decline":
            done = await person.post(f"/portal/offers/{offer_id}/decline", data={"reason": "去了别处"})
        else:
            done = await hr.post(f"/recruiting/offers/{offer_id}/withdraw", data={"reason": "岗位取消"})
        assert done.status_code == 303
        offers.append(offer_id)
    survey = f"/portal/applications/{application.id}/survey"
    assert (await person.post(survey, data={"score": "9"})).status_code == 422
    assert (await person.post(survey, data={"score": "4", "said": "很清楚"})).status_code == 303
    assert (await person.post(survey, data={"score": "1"})).status_code == 409, "once is enough"
    for given in ("", "1", ""):
        assert (await person.post("/portal/me/consents/talent_pool", data={"give": given})).status_code == 303
    data = {"name": "端木别处", "mail": f"new{new_id().hex[-6:]}@mail.test", "degree": "doctor"}
    assert (await person.post("/portal/me", data=data)).status_code == 303
    async with database.tenant(tenant) as ctx:
        candidate = await ctx.session.get_one(Candidate, application.candidate_id)
        assert (candidate.degree, candidate.mobile, candidate.pooled_at) == ("doctor", None, None)
        assert {(await ctx.session.get_one(Offer, one)).state for one in offers} == {"declined", "withdrawn"}
    assert (await person.post("/portal/logout")).status_code == 303
    assert (await person.get("/portal")).status_code in (303, 401)


async def test_taking_everything_back_leaves_nothing(app: Litestar, tenant: TenantRef, database: Database) -> None:
    job = await open_job(database, tenant, new_id())
    person = await apply(app, tenant, job, name="司马无迹")
    copy = (await person.get("/portal/me/copy")).json()
    assert copy["person"]["name"] == "司马无迹"
    assert [one["job"] for one in copy["applications"]] == ["后端工程师"]
    assert (await person.post("/portal/me/erase", data={"name": "不是我"})).status_code == 422
    gone = await person.post("/portal/me/erase", data={"name": "司马无迹"})
    assert gone.status_code == 303
    assert "/careers/erased/" in gone.headers["location"]
    assert (await person.get("/portal")).status_code in (303, 401)
    async with database.tenant(tenant) as ctx:
        application = await ctx.session.scalar(select(Application).where(Application.job_id == job.id))
        assert application is not None
        assert (application.state, application.answers) == ("withdrawn", {})
        candidate = await ctx.session.get_one(Candidate, application.candidate_id)
        assert (candidate.name, candidate.mobile, candidate.mail, candidate.profile) == ("", None, None, {})


async def test_a_candidate_reaches_nothing_of_anothers(app: Litestar, tenant: TenantRef, database: Database) -> None:
    job = await open_job(database, tenant, new_id())
    one, two = await apply(app, tenant, job, name="甲某"), await apply(app, tenant, job, name="乙某")
    async with database.tenant(tenant) as ctx:
        rows = list(await ctx.session.scalars(select(Application).where(Application.job_id == job.id)))
        names = {}
        for row in rows:
            names[(await ctx.session.get_one(Candidate, row.candidate_id)).name] = row.id
    assert "乙某" not in (await one.get("/portal")).text
    stolen = await one.post(f"/portal/applications/{names['乙某']}/withdraw", data={"reason": ""})
    assert stolen.status_code == 404
    own = await two.post(f"/portal/applications/{names['乙某']}/withdraw", data={"reason": ""})
    assert own.status_code == 303
    for path in ("/recruiting/candidates", "/records/employees", "/recruiting/offers", "/notices"):
        assert (await one.get(path)).status_code in (303, 401), path


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"consent": ""}, "请勾选同意后再提交"),
        ({"answer.shift": ""}, "请回答"),
        ({"mobile": "12"}, "手机号应为 11 位"),
        ({"name": ""}, "请填写姓名"),
    ],
)
async def test_what_is_missing_is_told_at_its_field(
    app: Litestar, tenant: TenantRef, database: Database, missing: dict[str, str], said: str
) -> None:
    job = await open_job(database, tenant, new_id())
    client = await at_the_site(app, tenant, f"/careers/{job.slug}/apply")
    typed = {"name": "某人", "mobile": "13800001111", "answer.shift": "yes", "consent": "1", "act": "send"}
    answer = await client.post(f"/careers/{job.slug}/apply", data=typed | missing)
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_resume_outlives_a_refused_form(app: Litestar, tenant: TenantRef, database: Database) -> None:
    """Who forgot to tick a box does not upload again, and does not apply without the résumé unknowingly."""
    job = await open_job(database, tenant, new_id())
    client = await at_the_site(app, tenant, f"/careers/{job.slug}/apply")
    number = f"137{int(new_id().hex[-7:], 16) % 10**8:08d}"
    typed = {"name": "某人", "mobile": number, "answer.shift": "yes", "act": "send"}
    paper = table(somebody(Random(3)), Random(3))
    refused = await client.post(f"/careers/{job.slug}/apply", data=typed, files={"resume": ("简历.docx", paper)})
    assert refused.status_code == 422
    kept = re.search(r'name="resume_id" value="([0-9a-f-]{36})"', refused.text)
    assert kept
    done = await client.post(f"/careers/{job.slug}/apply", data=typed | {"consent": "1", "resume_id": kept[1]})
    assert done.status_code == 303, done.text[:500]
    async with database.tenant(tenant) as ctx:
        application = await ctx.session.scalar(select(Application).where(Application.job_id == job.id))
        assert application is not None
        assert application.resume_id == UUID(kept[1])


async def test_closed_jobs_are_told_politely(app: Litestar, tenant: TenantRef, database: Database) -> None:
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, state="closed")
    for path in (f"/careers/{job.slug}", "/careers/no-such-job"):
        answer = await browser(app, tenant).get(path, headers=PAGE)
        assert answer.status_code == 409
        assert "这个职位已停止招聘" in answer.text


async def test_what_is_no_id_or_number_breaks_nothing(
    app: Litestar, parts: Hosted, tenant: TenantRef, database: Database, login_as: object
) -> None:
    hr = await login_as("hr")  # type: ignore[operator]
    job = await open_job(database, tenant, await user_of(hr, parts, tenant))
    await apply(app, tenant, job, name="左丘乱填", resume_id="z" * 36)
    async with database.tenant(tenant) as ctx:
        application = (await ctx.session.scalars(select(Application).where(Application.job_id == job.id))).one()
    begin = f"{(today() + timedelta(days=4)).isoformat()}T15:00"
    plan = {"act": "set", "round": "r1", "mode": "phone", "panel": "z" * 36, "time": begin}
    path = f"/recruiting/applications/{application.id}/interview"
    for act in ("suggest", "set"):
        assert (await hr.post(path, data=plan | {"act": act})).status_code < 500, act
    async with database.tenant(tenant) as ctx:
        interview = await ctx.session.scalar(select(Interview).where(Interview.application_id == application.id))
    if interview is not None:
        scored = await hr.post(f"/recruiting/interviews/{interview.id}/scorecard", data={"score.craft": "9" * 5000})
        assert scored.status_code < 500
