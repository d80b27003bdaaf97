"""The customer's own letters, plans of the days before the first, and words of consent."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import msgspec
import pytest

from modules.recruiting import letters
from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Offer
from modules.recruiting.repository import offers as offer_queries
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.rules.tasks import Line
from modules.recruiting.service import consents, lists, onboarding, taskplans
from modules.recruiting.service.lists import Entry
from modules.recruiting.service.taskplans import TaskPlan
from modules.recruiting.shapes import Package
from tests.factories.records import company, granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.clock import today
from zhiren.context import Context
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
BASE = "/recruiting/settings"
WORDS = "我同意贵公司只在这次招聘里使用我的简历。"


@pytest.fixture
def acting(ctx: Context) -> Context:
    return ctx.with_actor(granted("recruiting.hire", "recruiting.manage", "recruiting.settings", "field.pay.read"))


async def offered(ctx: Context, *, place: str = "上海", **values: object) -> Proposal:
    house = await company(ctx, name=f"远山制造 {new_id().hex[-6:]}")
    unit = await house.unit(f"研发部 {new_id().hex[-6:]}")
    job = await make_job(ctx, unit_id=unit.id, legal_entity_id=house.entity.id)
    found = await make_application(ctx, job=job, candidate=await make_candidate(ctx, name="欧阳知行"))
    offer = Offer(
        number=f"F-{new_id().hex[-8:]}",
        application_id=found.id,
        title="工艺工程师",
        unit_id=unit.id,
        legal_entity_id=house.entity.id,
        start_on=today() + timedelta(days=20),
        place=place,
        **values,
    )
    offer.package = Package(base_fen=1_800_000)
    ctx.session.add(offer)
    await ctx.session.flush()
    proposal = await offer_queries.proposal(ctx.session, offer.id)
    assert proposal is not None
    return proposal


async def first_line(ctx: Context, proposal: Proposal) -> str:
    said: str = (await letters.context(ctx, proposal))["paragraphs"][0][0]
    return said


async def test_the_letter_is_in_the_words_that_were_chosen(acting: Context) -> None:
    plain = await offered(acting)
    assert await first_line(acting, plain) == "欧阳知行："
    await lists.save(acting, "letter", Entry(code="usual", name="通用模板", text="您好，{name}！\n\n欢迎。"))
    assert await first_line(acting, plain) == "您好，欧阳知行！", "a row of the same code replaces what came with us"
    own = await lists.save(acting, "letter", Entry(code="", name="高管", text="尊敬的{name}，月薪 {base}"))
    chosen = await offered(acting, letter_id=own.id)
    assert await first_line(acting, chosen) == "尊敬的欧阳知行，月薪 18,000.00"
    await lists.save(acting, "letter", Entry(code=own.code, name="高管", text="尊敬的{name}", active=False))
    assert await first_line(acting, chosen) == "尊敬的欧阳知行", "put away later, it still stands in this offer"


async def test_a_letter_names_only_what_an_offer_can_fill(login_as: LogIn) -> None:
    hr = await login_as("hr")
    typed = {"code": "", "name": "只看看的信", "text": "{name}，您的车位是 {parking}", "active": "1"}
    for path in (f"{BASE}/letter", f"{BASE}/letter/preview"):
        refused = await hr.post(path, data=typed)
        assert refused.status_code == 422
        assert "{parking}" in refused.text
        assert "{name}，您的车位" in refused.text, "what was typed stays"
    seen = await hr.post(f"{BASE}/letter/preview", data=typed | {"text": "{name}，欢迎加入{company}"})
    assert seen.headers["content-type"] == "application/pdf"
    assert seen.content.startswith(b"%PDF")
    assert "只看看的信" not in (await hr.get(BASE)).text, "looking stores nothing"
    long = await hr.post(f"{BASE}/letter", data=typed | {"text": "欢" * 6001})
    assert long.status_code == 422, "too long is told, not cut"


async def test_tasks_follow_the_plan_of_the_place(acting: Context) -> None:
    shirt = Line(kind="task", code="t1", title="领取工服", role="hr", days_before=2)
    await taskplans.save(acting, TaskPlan(name="工厂", place="苏州", lines=(shirt,)))
    arrival = await onboarding.begin(acting, await offered(acting, place="苏州"))
    tasks = await offer_queries.tasks(acting.session, arrival.id)
    assert [(task.kind, task.title) for task in tasks] == [("form", "填写入职信息"), ("task", "领取工服")]
    assert tasks[1].due_on == arrival.start_on - timedelta(days=2)
    elsewhere = await onboarding.begin(acting, await offered(acting, place="成都"))
    assert len(await offer_queries.tasks(acting.session, elsewhere.id)) == len(taskplans.usual().lines)


async def test_a_place_has_one_plan(acting: Context) -> None:
    first = await taskplans.save(acting, TaskPlan(name="甲", place="无锡"))
    with pytest.raises(InvalidRecruiting) as refused:
        await taskplans.save(acting, TaskPlan(name="乙", place="无锡"))
    assert refused.value.fields == {"place": "这个地点已有计划"}
    plan = await taskplans.find(acting, first)
    await taskplans.save(acting, msgspec.structs.replace(plan, active=False))
    await taskplans.save(acting, TaskPlan(name="乙", place="无锡"))
    with pytest.raises(InvalidRecruiting, match="刚被别人改过"):
        await taskplans.save(acting, msgspec.structs.replace(plan, place="江阴"))


async def test_a_plan_is_edited_line_by_line(login_as: LogIn) -> None:
    hr = await login_as("hr")
    usual = await hr.get(f"{BASE}/tasks")
    assert "身份证（正反面）" in usual.text
    assert 'value="form"' in usual.text
    place = f"常州 {new_id().hex[:6]}"
    typed = {"name": "常州工厂", "place": place, "active": "1"} | {
        "line.0.code": "id_card",
        "line.0.title": "身份证",
        "line.0.doer": "paper",
        "line.0.days_before": "5",
        "line.0.required": "1",
        "line.1.title": "开通门禁",
        "line.1.doer": "admin",
        "line.1.days_before": "1",
    }
    moved = await hr.post(f"{BASE}/tasks", data=typed | {"do": "up:1"})
    assert moved.status_code == 200
    assert moved.text.index("开通门禁") < moved.text.index('value="身份证"'), "moved, and nothing stored"
    assert place not in (await hr.get(BASE)).text
    assert (await hr.post(f"{BASE}/tasks", data=typed | {"do": "save"})).status_code == 303
    assert place in (await hr.get(BASE)).text
    twice = await hr.post(f"{BASE}/tasks", data=typed | {"do": "save"})
    assert twice.status_code == 422
    assert "这个地点已有计划" in twice.text


async def test_who_agreed_agreed_to_the_words_they_read(acting: Context) -> None:
    candidate = await make_candidate(acting)
    before = await consents.give(acting, candidate, "recruiting")
    ours = await consents.text_of(acting, "recruiting")
    changed = await consents.change(acting, "recruiting", WORDS, "")
    assert changed.edition == 2
    after = await consents.give(acting, candidate, "recruiting")
    assert after.text_sha256 == hashlib.sha256(WORDS.encode()).hexdigest()
    assert await consents.told(acting, [before, after]) == [(before, ours), (after, WORDS)]
    again = await consents.change(acting, "recruiting", WORDS, "")
    assert again.edition == 2, "the same words are no new edition"
    assert changed.text("en") == WORDS, "who reads English reads the Chinese where no English was written"
    english = await consents.change(acting, "recruiting", WORDS, "I agree to this hiring only.")
    assert (english.edition, english.text("en")) == (3, "I agree to this hiring only.")


async def test_consent_is_asked_for_in_the_customers_words(login_as: LogIn) -> None:
    hr = await login_as("hr")
    short = await hr.post(f"{BASE}/consent/introduced", data={"chinese": "同意", "english": ""})
    assert short.status_code == 422
    saved = await hr.post(f"{BASE}/consent/introduced", data={"chinese": WORDS + "推荐", "english": ""})
    assert saved.status_code == 303
    assert "第 2 版" in (await hr.get(f"{BASE}/consent/introduced")).text
    assert WORDS in (await hr.get(BASE)).text
    assert (await hr.get(f"{BASE}/consent/nothing")).status_code == 404
    assert (await hr.post(f"{BASE}/consent/nothing", data={"chinese": WORDS})).status_code == 404
