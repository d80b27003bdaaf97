"""From asking for people to an open job, as managers and recruiting meet it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import select

from modules.records import schemas
from modules.records.service import organisation
from modules.recruiting import repository as core
from modules.recruiting.errors import InvalidRecruiting, NotReady
from modules.recruiting.models import Application, Job
from modules.recruiting.pages.plans import read_questions, read_rounds, read_rules, read_stages
from modules.recruiting.repository import openings as queries
from modules.recruiting.rules.plans import in_order, new_code, rearranged, rows
from modules.recruiting.rules.slugs import slug, tracked
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.schemas_openings import RequisitionData
from modules.recruiting.service import applications, headcount, plans, requisitions, screenings
from modules.recruiting.shapes import Question, Round, Rule, Stage
from modules.recruiting.words import told
from tests.factories.records import company, granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.audit import AuditEvent
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.web.fields import Form

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@dataclass
class Firm:
    unit: UUID
    position: UUID


@pytest_asyncio.fixture(scope="module")
async def firm(database: Database, tenant: TenantRef) -> Firm:
    """A unit with two engineers."""
    async with database.tenant(tenant) as ctx:
        made = await company(ctx, name="某某科技有限公司")
        await made.unit("研发", "总部")
        position = await organisation.create_position(ctx, schemas.PositionCreate(name="工程师"))
        for number in ("E1", "E2"):
            await made.hire(f"工程师{number}", number=number, unit="研发")
        return Firm(made.units["研发"].id, position.id)


@pytest_asyncio.fixture
async def manager(ctx: Context) -> Context:
    """The same transaction, as somebody who manages recruiting."""
    return ctx.with_actor(granted("recruiting.manage", "recruiting.hire", "recruiting.request"))


async def send(client: httpx.AsyncClient, path: str, **data: Any) -> str:
    answer = await client.post(path, data=data)
    assert answer.status_code == 303, (path, answer.status_code, answer.text[:3000])
    return answer.headers["location"]


async def page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:3000])
    return answer.text


async def refused(client: httpx.AsyncClient, path: str, status: Any = 422, **data: Any) -> str:
    answer = await client.post(path, data=data)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])
    return answer.text


async def sign(client: httpx.AsyncClient, where: str, verdict: str) -> None:
    """Goes to the approval from the page of what was asked for, and says ``verdict``."""
    found = re.search(r'href="(/approvals/[0-9a-f-]{36})"', await page(client, where))
    assert found, "it is not for them to sign"
    task = re.search(r'action="(/approvals/tasks/[0-9a-f-]{36}/decide)"', await page(client, found[1]))
    assert task
    await send(client, task[1], verdict=verdict, comment="看过了")


def version_in(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


# ---- from asking to an open job


async def test_a_manager_asks_recruiting_approves_and_a_job_opens(
    login_as: LogIn, firm: Firm, database: Database, tenant: TenantRef
) -> None:
    asking, hr = await login_as("manager"), await login_as("hr")
    wish = {
        "title": "Java 工程师", "unit_id": str(firm.unit), "position_id": str(firm.position), "headcount": "2",
        "reason": "new", "city": "上海", "employment_type": "full_time", "salary_min": "15000", "salary_max": "25,000",
        "justification": "订单翻倍",
    }  # fmt: skip
    assert "不能低于下限" in await refused(asking, "/recruiting/requisitions", **wish | {"salary_max": "100"})
    where = await send(asking, "/recruiting/requisitions", **wish, submit="1")
    assert "审批中" in await page(asking, where)
    assert "超出编制" not in await page(hr, where)
    await sign(hr, where, "reject")
    assert "已驳回" in await page(asking, where)
    await send(asking, f"{where}/submit")
    assert "撤回" in await page(asking, where)
    await sign(hr, where, "approve")
    text = await page(hr, where)
    assert "开放招聘" in text
    assert "25,000" not in text
    assert "25000" not in text
    form = await page(hr, f"/recruiting/jobs/new?requisition={where.rsplit('/', 1)[1]}")
    assert "Java 工程师" in form
    owner = re.search(r'name="owner_id".*?value="([0-9a-f-]{36})" selected', form, re.S)
    assert owner
    fields = {key: wish[key] for key in ("title", "unit_id", "position_id", "headcount", "city")}
    fields |= {"owner_id": owner[1], "requisition_id": where.rsplit("/", 1)[1], "listed": "1"}
    settings = await send(hr, "/recruiting/jobs", **fields)
    job = settings.removesuffix("/settings")
    assert "这份需求已经有职位了" in await refused(hr, "/recruiting/jobs", 409, **fields)
    assert "还没有写岗位职责" in await refused(hr, f"{job}/state/open", 409)
    edited = fields | {"duties": "写后端服务", "version": version_in(await page(hr, f"{job}/edit"))}
    await send(hr, f"{job}/edit", **edited)
    assert "刚被别人修改过" in await refused(hr, f"{job}/edit", 409, **edited)
    await send(hr, f"{job}/state/open")
    assert "Java 工程师" in await page(hr, "/recruiting/jobs?show=open")
    assert "Java 工程师" not in await page(asking, "/recruiting/jobs?show=open"), "a manager sees own jobs alone"
    assert (await asking.get(job)).status_code == 404
    async with database.tenant(tenant) as ctx:
        found = await ctx.session.get_one(Job, UUID(job.rsplit("/", 1)[1]))
        assert (found.salary_min_fen, found.salary_max_fen) == (1_500_000, 2_500_000), "taken from the requisition"
        assert re.fullmatch(r"[2-9a-z]{7}-java", found.slug)
        assert found.opened_on == today()
    await send(hr, f"{job}/state/close")
    assert "已结束" in await page(hr, where)


async def test_pay_opens_to_who_asked_and_to_who_reads_pay(
    login_as: LogIn, firm: Firm, database: Database, tenant: TenantRef
) -> None:
    asking, hr = await login_as("manager"), await login_as("hr")
    wish = {"title": "会计", "unit_id": str(firm.unit), "salary_min": "9000", "salary_max": "12000"}
    where = await send(asking, "/recruiting/requisitions", **wish)
    answer = await asking.post(f"{where}/reveal-pay")
    assert "9,000–12,000 元/月" in answer.text
    assert (await hr.post(f"{where}/reveal-pay")).status_code == 403
    async with database.tenant(tenant) as ctx:
        seen = (
            await ctx.session.scalars(
                select(AuditEvent).where(
                    AuditEvent.action == "recruiting.requisition.reveal",
                    AuditEvent.object_id == where.rsplit("/", 1)[1],
                )
            )
        ).all()
        assert len(seen) == 1
    other = await login_as("manager")
    assert (await other.get(where)).status_code == 404
    assert "会计" not in await page(other, "/recruiting/requisitions")


async def test_nobody_approves_their_own_request(login_as: LogIn, firm: Firm) -> None:
    hr = await login_as("hr")
    where = await send(hr, "/recruiting/requisitions", title="助理", unit_id=str(firm.unit), submit="1")
    assert "去审批" not in await page(hr, where)
    assert (await (await login_as("hr")).post(f"{where}/withdraw")).status_code == 404, "only who asked takes it back"
    await send(hr, f"{where}/withdraw")
    await send(hr, f"{where}/edit", title="助理二", unit_id=str(firm.unit), submit="1")
    assert "助理二" in await page(hr, where)


async def test_asking_for_more_than_the_plan_warns(login_as: LogIn, firm: Firm) -> None:
    hr = await login_as("hr")
    year = today().year
    plan = {"unit_id": str(firm.unit), "position_id": str(firm.position), "year": str(year), "planned": "3"}
    await send(hr, "/recruiting/headcount", **plan)
    assert "请填 0 到" in await refused(hr, "/recruiting/headcount", **plan | {"planned": "-1"})
    asked = {"title": "超编的人", "unit_id": str(firm.unit), "position_id": str(firm.position), "headcount": "4"}
    where = await send(hr, "/recruiting/requisitions", **asked)
    assert "超出编制" in await page(hr, where)
    assert "工程师" in await page(hr, f"/recruiting/headcount?year={year}")


async def test_a_plan_of_the_unit_counts_positions_without_their_own(manager: Context) -> None:
    made = await company(manager)
    unit = made.units["总部"].id
    one = await organisation.create_position(manager, schemas.PositionCreate(name=f"甲{new_id().hex[-6:]}"))
    two = await organisation.create_position(manager, schemas.PositionCreate(name=f"乙{new_id().hex[-6:]}"))
    year = today().year
    await headcount.save(manager, unit_id=unit, position_id=None, year=year, planned=5, note="")
    await headcount.save(manager, unit_id=unit, position_id=one.id, year=year, planned=2, note="")
    await made.hire("张三")
    for position, count in ((one.id, 3), (two.id, 1)):
        data = RequisitionData(title="人", unit_id=unit, position_id=position, headcount=count)
        found = await requisitions.create(manager, data)
        found.state = "pending"
    whole = await headcount.line_of(manager, unit, two.id, year)
    own = await headcount.line_of(manager, unit, one.id, year)
    assert whole is not None
    assert own is not None
    assert (whole.planned, whole.in_place, whole.wanted, whole.left) == (5, 1, 1, 3)
    assert (own.planned, own.in_place, own.wanted, own.left) == (2, 0, 3, -1)


# ---- how people go through a job


async def test_a_stage_somebody_stands_in_stays(manager: Context) -> None:
    job = await make_job(manager)
    application = await make_application(manager, job=job, stage="interview")
    rest = [stage for stage in DEFAULT if stage.code != "interview"]
    with pytest.raises(InvalidRecruiting, match="不能删除"):
        await plans.set_stages(manager, job.id, rest)
    await applications.end(manager, core.Case(application, await candidate_of(manager, application), job), "rejected")
    with pytest.raises(InvalidRecruiting, match="不能删除"):
        await plans.set_stages(manager, job.id, rest)
    renamed = [Stage(stage.code, f"{stage.name}了", stage.kind) for stage in DEFAULT]
    await plans.set_stages(manager, job.id, renamed)
    await plans.set_stages(manager, job.id, [stage for stage in renamed if stage.code != "offer"])
    assert [stage["code"] for stage in job.stages] == ["new", "screening", "interview", "onboarding", "hired"]
    with pytest.raises(InvalidRecruiting, match="顺序不对"):
        await plans.set_stages(manager, job.id, list(reversed(renamed)))
    with pytest.raises(InvalidRecruiting, match="写了两次"):
        await plans.set_stages(manager, job.id, [DEFAULT[0], Stage("x", "新简历", "interview")])


async def candidate_of(ctx: Context, application: Application) -> Any:
    found = await core.candidate(ctx.session, application.candidate_id)
    assert found is not None
    return found


async def test_the_settings_page_edits_stages_rounds_and_questions(
    login_as: LogIn, database: Database, tenant: TenantRef
) -> None:
    hr = await login_as("hr")
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx)
    at = f"/recruiting/jobs/{job.id}"
    stages = {f"stage.{n}.{name}": str(value) for n, one in enumerate(DEFAULT) for name, value in asdict(one).items()}
    stages |= {"stage.6.name": "笔试", "stage.6.kind": "screening"}
    version = version_in(await page(hr, f"{at}/settings"))
    assert "阶段的顺序不对" in await refused(hr, f"{at}/stages", **stages, version=version, do="down:0")
    await send(hr, f"{at}/stages", **stages, version=version)
    async with database.tenant(tenant) as ctx:
        names = [stage["name"] for stage in (await ctx.session.get_one(Job, job.id)).stages]
        assert names == ["新简历", "简历筛选", "笔试", "面试", "录用", "待入职", "已入职"], (
            "behind the last of its kind"
        )
    questions = {"question.0.text": "能否倒班？", "question.0.kind": "yes_no", "question.0.required": "1"}
    version = version_in(await page(hr, f"{at}/settings"))
    await send(hr, f"{at}/questions", **questions, version=version)
    assert "刚被别人修改过" in await refused(hr, f"{at}/questions", 409, **questions, version=version)
    rounds = {
        "round.0.name": "初试",
        "round.0.mode": "video",
        "round.0.duration_min": "30",
        "round.0.criteria": "代码\n沟通",
    }
    text = await page(hr, f"{at}/settings")
    somebody = re.search(r'name="round.0.panel".*?value="([0-9a-f-]{36})"', text, re.S)
    assert somebody
    await send(hr, f"{at}/rounds", **rounds, **{"round.0.panel": somebody[1]}, version=version_in(text))
    assert "初试" in await page(hr, at)
    told = await refused(
        hr,
        f"{at}/rounds",
        **rounds | {"round.0.duration_min": "5"},
        version=version_in(await page(hr, at + "/settings")),
    )
    assert "时长请填" in told
    async with database.tenant(tenant) as ctx:
        found = await ctx.session.get_one(Job, job.id)
        assert msgspec.convert(found.questions, list[Question])[0].required
        [round_] = msgspec.convert(found.rounds, list[Round])
        assert (round_.panel, [one.name for one in round_.criteria]) == ((somebody[1],), ["代码", "沟通"])


def asdict(stage: Stage) -> dict[str, Any]:
    return msgspec.structs.asdict(stage)


# ---- screening rules


async def test_rules_are_tried_before_they_are_used(manager: Context) -> None:
    job = await make_job(manager)
    for name, years in (("三年", 3.0), ("八年", 8.0), ("没写", None)):
        await make_application(manager, job=job, candidate=await make_candidate(manager, name=name, years=years))
    rule = Rule(code="k1", name="年限", field="years", op="at_least", value="5", effect="set_aside")
    trials = await screenings.try_rules(manager, job.id, [rule])
    [trial] = trials.rules
    sides = [[one.name for one in side] for side in (trial.passed, trial.failed, trial.unknown)]
    assert (sides, trials.people, trials.set_aside) == ([["八年"], ["三年"], ["没写"]], 3, 1)
    assert job.rules == []
    assert {one.state for one in await standing(manager, job)} == {"active"}
    with pytest.raises(InvalidRecruiting):
        await screenings.save(manager, job.id, [rule], reason=" ")
    for wrong in ({"field": "age"}, {"field": "answer:q9"}, {"value": "很多"}, {"field": "degree", "value": "好"}):
        with pytest.raises(InvalidRecruiting):
            await screenings.try_rules(manager, job.id, [msgspec.structs.replace(rule, **wrong)])


async def standing(ctx: Context, job: Job) -> list[Application]:
    return [case.application for case in await queries.cases(ctx.session, job, limit=None)]


async def test_a_run_on_everybody_is_undone(manager: Context) -> None:
    job = await make_job(manager)
    people = {
        name: await make_application(manager, job=job, candidate=await make_candidate(manager, name=name, years=years))
        for name, years in (("三年", 3.0), ("八年", 8.0), ("被恢复", 1.0))
    }
    late = await make_application(manager, job=job, stage="interview")
    rule = Rule(code="k1", name="年限", field="years", op="at_least", value="5", effect="set_aside")
    await screenings.save(manager, job.id, [rule], reason="要能独立干活")
    with pytest.raises(NotReady):
        await screenings.undo(manager, job.id)
    done = await screenings.run(manager, job.id)
    assert (done.looked_at, done.set_aside) == (3, 2)
    back = people["被恢复"]
    await applications.restore(manager, core.Case(back, await candidate_of(manager, back), job))
    assert await screenings.undo(manager, job.id) == 2
    await manager.session.flush()
    assert {one.state for one in await standing(manager, job)} == {"active"}
    assert people["三年"].findings == []
    again = await screenings.run(manager, job.id)
    assert (again.set_aside, back.state) == (1, "active"), "whom a person brought back stays"
    await screenings.save(manager, job.id, [msgspec.structs.replace(rule, value="2")], reason="放宽")
    assert (await screenings.run(manager, job.id)).brought_back == 1
    assert late.findings == []


async def test_the_rules_page_tries_and_saves(login_as: LogIn, database: Database, tenant: TenantRef) -> None:
    hr = await login_as("hr")
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx)
        await make_application(ctx, job=job, candidate=await make_candidate(ctx, name="赵五年", years=5.0))
    at = f"/recruiting/jobs/{job.id}/rules"
    version = version_in(await page(hr, at))
    rule = {"rule.0.field": "years", "rule.0.op": "at_most", "rule.0.value": "2", "rule.0.effect": "set_aside"}
    answer = await hr.post(f"{at}/try", data=rule)
    assert "赵五年" in answer.text
    assert "1 份移到" in answer.text
    assert "请写明为什么" in await refused(hr, at, **rule, version=version)
    await send(hr, at, **rule, reason="实习岗位", version=version)
    await send(hr, f"{at}/run")
    assert "撤销上次筛选" in await page(hr, at)
    await send(hr, f"{at}/undo")
    assert "撤销上次筛选" not in await page(hr, at)
    two = rule | {"rule.1.field": "city", "rule.1.op": "is", "rule.1.value": "上海", "do": "remove:0"}
    answer = await hr.post(at, data=two)
    assert answer.status_code == 200
    assert 'value="上海"' in answer.text
    assert 'name="rule.1.code" value="k' not in answer.text


# ---- the rows of an editor


def test_rows_of_a_form() -> None:
    assert rows({"1.name": "乙", "0.name": " 甲 ", "0.kind": "x", "z.name": "?", "9999.name": "?"}) == [
        (0, {"name": "甲", "kind": "x"}),
        (1, {"name": "乙"}),
    ]
    assert rearranged(["a", "b", "c"], "up:1") == ["b", "a", "c"]
    assert rearranged(["a", "b", "c"], "down:2") == ["a", "b", "c"]
    assert rearranged(["a", "b", "c"], "remove:0") == ["b", "c"]
    assert rearranged(["a"], "remove:7") == rearranged(["a"], "save") == ["a"]
    assert new_code("q", ["q1", "q10", "x99", "qq"]) == "q11"
    assert in_order(list(DEFAULT))
    assert not in_order(list(DEFAULT)[1:])
    assert not in_order([])


def test_codes_stay_with_their_rows() -> None:
    form = Form([("question.0.code", "q3"), ("question.0.text", "甲"), ("question.1.text", "乙"), ("do", "up:1")])
    assert [(one.code, one.text) for one in read_questions(form, ["q3"])] == [("q4", "乙"), ("q3", "甲")]
    typed = Form([("question.0.code", "q9"), ("question.0.text", "甲")])
    assert read_questions(typed, ["q3"])[0].code == "q4", "a code that the job never gave is not taken"
    made = Form([("round.0.name", "初试"), ("round.0.duration_min", "x"), ("round.0.panel", "nobody")])
    assert (read_rounds(made, [])[0].duration_min, read_rounds(made, [])[0].panel) == (0, ())
    unnamed = Form([("rule.0.value", "1"), ("rule.1.value", "2")])
    assert [rule.code for rule in read_rules(unnamed, Job(questions=[]))] == ["k1", "k2"]
    assert read_stages(Form([("stage.0.name", "甲"), ("stage.0.kind", "nonsense")]))[0].kind == "interview"


def test_a_rule_is_written_in_words() -> None:
    asked = [("q1", "yes_no"), ("q2", "choice")]
    job = Job(questions=[{"code": code, "text": "倒班？", "kind": kind} for code, kind in asked])
    fields = (("degree", "本科，硕士"), ("answer:q1", "是"), ("answer:q2", "是"), ("city", "上海,苏州"))
    form = [(f"rule.{at}.field", field) for at, (field, _value) in enumerate(fields)]
    form += [(f"rule.{at}.value", value) for at, (_field, value) in enumerate(fields)]
    rules = read_rules(Form(form), job)
    assert [rule.value for rule in rules] == ["bachelor、master", "yes", "是", "上海,苏州"]
    assert [told(rule.value) for rule in rules] == ["本科、硕士", "是", "是", "上海,苏州"]


def test_addresses() -> None:
    assert slug("后端工程师", "abc2345") == "abc2345"
    assert slug("C++ / Go Engineer (上海)", "abc2345") == "abc2345-c-go-engineer"
    assert tracked("https://a.b/careers", "boss") == "https://a.b/careers?from=boss"
    assert tracked("https://a.b/careers?x=1", "boss").endswith("&from=boss")


# ---- channels, agencies, batches


async def test_channels_have_links_codes_and_costs(login_as: LogIn) -> None:
    hr = await login_as("hr")
    await send(hr, "/recruiting/channels", name="前程网", kind="board", code="qc-wang")
    assert "已被使用" in await refused(hr, "/recruiting/channels", name="另一个", kind="board", code="qc-wang")
    text = await page(hr, "/recruiting/channels")
    found = re.search(r'href="(/recruiting/channels/[0-9a-f-]{36})"', text)
    assert found
    assert "from=qc-wang" in text
    await send(hr, f"{found[1]}/cost", month="2026-09", amount="3,500.50")
    await send(hr, f"{found[1]}/cost", month="2026-10", amount="1")
    assert "请选择月份" in await refused(hr, f"{found[1]}/cost", month="2026-13", amount="1")
    await send(hr, f"{found[1]}/cost", month="2026-10", amount="")
    text = await page(hr, found[1])
    assert "3,500.50" in text
    assert "2026-10" not in text.replace(today().isoformat()[:7], "")
    answer = await hr.get(f"{found[1]}/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")


async def test_an_agency_has_people_and_jobs(login_as: LogIn, database: Database, tenant: TenantRef) -> None:
    hr = await login_as("hr")
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, title="给猎头的职位")
    where = await send(hr, "/recruiting/agencies", name="某某猎头", ownership_days="120")
    assert "请填 0 到" in await refused(hr, "/recruiting/agencies", name="另一家", ownership_days="2000")
    await send(hr, f"{where}/members", member_name="王顾问", mail="Wang@Agency.test")
    assert "已经登记过" in await refused(hr, f"{where}/members", member_name="王", mail="wang@agency.test")
    assert "格式不对" in await refused(hr, f"{where}/members", member_name="王", mail="wang")
    await send(hr, f"{where}/jobs", job=str(job.id))
    text = await page(hr, where)
    assert "王顾问" in text
    assert "wang@agency.test" not in text.lower()
    agency_id = UUID(where.rsplit("/", 1)[1])
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Job, job.id)).agency_ids == [agency_id]
    await send(hr, f"{where}/jobs")
    async with database.tenant(tenant) as ctx:
        assert (await ctx.session.get_one(Job, job.id)).agency_ids == []


async def test_batches(login_as: LogIn) -> None:
    hr = await login_as("hr")
    batch = {"name": "2027 届秋招", "kind": "campus", "starts_on": "2026-09-01", "ends_on": "2026-11-30"}
    assert "不能早于" in await refused(hr, "/recruiting/batches", **batch | {"ends_on": "2026-08-01"})
    await send(hr, "/recruiting/batches", **batch, school="同济大学")
    text = await page(hr, "/recruiting/batches")
    found = re.search(r'href="(/recruiting/batches/([0-9a-f-]{36}))"', text)
    assert found
    assert "同济大学" in text
    await send(hr, "/recruiting/batches", **batch, id=found[2])
    assert "已结束" in await page(hr, found[1])


# ---- by JSON


async def test_the_api_takes_pay_and_never_tells_it(login_as: LogIn, firm: Firm) -> None:
    hr, asking = await login_as("hr"), await login_as("manager")
    api = "/api/v1/recruiting"
    wish = {"title": "测试", "unit_id": str(firm.unit), "salary_min_fen": 100_000_00, "salary_max_fen": 200_000_00}
    made = await asking.post(f"{api}/requisitions", json=wish)
    assert made.status_code == 201
    assert "salary" not in made.text
    assert "10000000" not in made.text
    at = f"{api}/requisitions/{made.json()['id']}"
    assert (await asking.post(f"{at}/submit")).json()["state"] == "pending"
    assert (await asking.post(f"{at}/nonsense")).status_code == 404
    await sign(hr, at.removeprefix("/api/v1"), "approve")
    assert (await hr.get(at)).json()["state"] == "approved"
    listed = (await hr.get(f"{api}/requisitions?show=approved&limit=500")).json()["items"]
    assert made.json()["id"] in {row["id"] for row in listed}
    owner = made.json()["requester_id"]
    body = {"title": "测试", "unit_id": str(firm.unit), "owner_id": owner, "requisition_id": made.json()["id"]}
    job = await hr.post(f"{api}/jobs", json=body)
    assert job.status_code == 201
    assert "salary_min" not in job.text
    at = f"{api}/jobs/{job.json()['id']}"
    assert (await asking.get(at)).json()["number"] == job.json()["number"], "the owner reads the job"
    assert (await hr.post(f"{at}/open")).status_code == 409
    body = {**{key: body[key] for key in ("title", "unit_id", "owner_id")}, "duties": "测"}
    assert (await hr.patch(at, json=body)).status_code == 428
    changed = await hr.patch(at, json=body, headers={"if-match": job.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != job.headers["etag"]
    assert (await hr.post(f"{at}/open")).json()["state"] == "open"
    unknown = await hr.post(f"{api}/jobs", json={**body, "owner_id": str(new_id())})
    assert unknown.status_code == 422
    assert "owner_id" in unknown.text
