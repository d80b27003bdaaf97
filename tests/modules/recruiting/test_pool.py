"""Adding by hand, duplicates, merging and parting, the pool's searches, the customer's lists."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from msgspec import structs
from sqlalchemy import func, select

from modules.recruiting.errors import InvalidRecruiting, NotReady
from modules.recruiting.models import Application, Candidate, TimelineEvent
from modules.recruiting.repository import people as people_queries
from modules.recruiting.service import candidates, lists, merging, sourcing
from modules.recruiting.shapes import Experience, Profile
from tests.application import PASSWORD
from tests.factories.records import granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren import notices
from zhiren.auth.service import create_user
from zhiren.context import Context, TenantRef
from zhiren.db import Database

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def acting(ctx: Context) -> Context:
    return ctx.with_actor(granted("recruiting.hire", "recruiting.manage", "field.contact.read"))


async def found_by(ctx: Context, text: str) -> list[str]:
    query = people_queries.listed(None, Candidate.name).where(people_queries.matching(text))
    return sorted((await ctx.session.scalars(query)).all())


async def belongings(ctx: Context, candidate: Candidate) -> tuple[int, int]:
    counts = []
    for model in (Application, TimelineEvent):
        query = select(func.count()).select_from(model).where(model.candidate_id == candidate.id)
        counts.append(await ctx.session.scalar(query) or 0)
    return counts[0], counts[1]


async def test_two_records_become_one_and_part_again(acting: Context) -> None:
    job, other_job = await make_job(acting), await make_job(acting)
    kept = await make_candidate(acting, name="诸葛合", mail=None, city="", tags=["甲"])
    merged = await make_candidate(acting, name="诸葛合", mobile=None, city="成都", tags=["乙"])
    stays = await make_application(acting, job=job, candidate=kept)
    twin = await make_application(acting, job=job, candidate=merged)
    moves = await make_application(acting, job=other_job, candidate=merged)
    before = await belongings(acting, kept), await belongings(acting, merged)
    mail = merged.mail
    record = await merging.merge(acting, kept.id, merged.id)
    await acting.session.flush()
    assert (kept.city, kept.mail, kept.tags, merged.merged_into_id) == ("成都", mail, ["甲", "乙"], kept.id)
    assert (await belongings(acting, merged)) == (0, 0)
    for one in (stays, twin, moves):
        await acting.session.refresh(one)
        assert one.candidate_id == kept.id
    assert (stays.state, twin.state, moves.state) == ("active", "withdrawn", "active")
    assert await found_by(acting, "诸葛合") == ["诸葛合"]
    await merging.undo(acting, record.id)
    await acting.session.flush()
    assert (kept.city, kept.mail, kept.tags, merged.merged_into_id) == ("", None, ["甲"], None)
    for one in (stays, twin, moves):
        await acting.session.refresh(one)
    assert [one.candidate_id for one in (stays, twin, moves)] == [kept.id, merged.id, merged.id]
    assert twin.state == "active"
    after = await belongings(acting, kept), await belongings(acting, merged)
    # a merge leaves its own two events with the one that stayed, and one with the other
    assert after == ((before[0][0], before[0][1] + 2), (before[1][0], before[1][1] + 1))
    with pytest.raises(NotReady):
        await merging.undo(acting, record.id)


async def test_what_was_corrected_after_a_merge_stays(acting: Context) -> None:
    kept = await make_candidate(acting, city="")
    merged = await make_candidate(acting, city="成都")
    record = await merging.merge(acting, kept.id, merged.id)
    kept.city = "重庆"
    await acting.session.flush()
    await merging.undo(acting, record.id)
    assert kept.city == "重庆"
    with pytest.raises(InvalidRecruiting):
        await merging.merge(acting, kept.id, kept.id)


async def test_the_same_mobile_is_sure_a_name_with_a_school_is_likely(acting: Context) -> None:
    one = await make_candidate(acting, name="东方像", mobile="13800001111", school="同济大学")
    same = await make_candidate(acting, name="别名", mobile="13800001111", school="北京大学")
    alike = await make_candidate(acting, name="东方像", school="同济大学")
    await make_candidate(acting, name="东方像", school="武汉大学")
    found = {candidate.id: sure for candidate, sure in await merging.likely(acting, one)}
    assert found == {same.id: True, alike.id: False}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("分布式", ["搜甲"]),
        ("分布式 存储", ["搜甲"]),
        ("存储 前端", []),
        ("C++", ["搜乙"]),
        ("同济大学", ["搜乙", "搜甲"]),
        ("13912340000", []),
        ("'; drop & |", []),
        ("！？", []),
    ],
)
async def test_search_in_chinese(acting: Context, text: str, found: list[str]) -> None:
    for name, words, skills in (("搜甲", "负责分布式存储系统", ()), ("搜乙", "前端与工具", ("C++",))):
        profile = Profile(experience=(Experience(employer="云栖", text=words),), skills=skills)
        await make_candidate(
            acting, name=name, school="同济大学", profile=profile, resume_text="电话 13912340000", employer="云栖"
        )
    assert [name for name in await found_by(acting, text) if name.startswith("搜")] == found


async def test_filters_know_what_was_corrected(acting: Context) -> None:
    candidate = await make_candidate(acting, name="西门筛", city="L'Île d\\", degree="doctor")
    narrowed = people_queries.listed(None, Candidate.name).where(people_queries.matching("西门筛"))

    async def found(key: str, value: str) -> bool:
        return bool((await acting.session.scalars(narrowed.where(people_queries.CONDITIONS[key](value)))).all())

    assert await found("city", "L'Île d\\")
    assert await found("degree", "doctor")
    assert await found("years", "0") == (candidate.years is not None and candidate.years < 1)
    await candidates.correct(acting, candidate, structs.replace(candidates.data_of(candidate), city="成都"))
    assert [await found("city", city) for city in ("L'Île d\\", "成都", "' | '")] == [False, True, False]
    # what a filter is answered by cannot be typed into the search
    assert await found_by(acting, "city:成都") == []
    assert not await found("channel", "nonsense")


async def test_a_saved_search_wakes_its_owner_once_for_each_new_match(ctx: Context) -> None:
    user = await create_user(ctx, login="sourcer-1", name="寻访", password=PASSWORD, roles=["hr"])
    await ctx.session.flush()
    acting = ctx.with_actor(granted("recruiting.hire", "recruiting.manage"))
    entry = await sourcing.keep(acting, "德语", "会德语", {"degree": "bachelor", "nonsense": "1"})
    entry.owner_id = user.id
    entry.data = {**entry.data, "since": "2020-01-01T00:00:00+00:00"}
    await make_candidate(acting, name="只会英语")
    await sourcing.wake(acting)
    assert await notices.history(acting, ("recruiting.catalogue", entry.id)) == []
    await make_candidate(acting, name="来了一位", profile=Profile(summary="会德语"))
    await acting.session.flush()
    await sourcing.wake(acting)
    await acting.session.flush()
    told = await notices.history(acting, ("recruiting.catalogue", entry.id))
    assert {line.channel for line in told} == {"inapp"}
    assert sourcing.path_of(entry) == "/recruiting/candidates?q=%E4%BC%9A%E5%BE%B7%E8%AF%AD&f.degree=bachelor"
    # nobody new since then
    entry.data = {**entry.data, "since": "2999-01-01T00:00:00+00:00"}
    await sourcing.wake(acting)
    assert len(await notices.history(acting, ("recruiting.catalogue", entry.id))) == len(told)


async def test_the_usual_reasons_can_be_reworded_and_hidden(acting: Context) -> None:
    usual = await lists.entries(acting, "reason")
    await lists.save(acting, "reason", lists.Entry(code="filled", name="招满了", text="谢谢", active=True))
    await lists.save(acting, "reason", lists.Entry(code="other", name="其他", active=False))
    await lists.save(acting, "reason", lists.Entry(code="", name="通勤太远"))
    after = {entry.code: entry for entry in await lists.entries(acting, "reason")}
    assert len(after) == len(usual)
    assert (after["filled"].name, after["filled"].text) == ("招满了", "谢谢")
    assert "other" not in after
    assert "其他" in (await lists.names(acting, "reason")).values()
    with pytest.raises(InvalidRecruiting):
        await lists.save(acting, "message", lists.Entry(code="", name="没有内容"))


async def test_adding_by_hand(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, title="手工职位")
        await make_candidate(ctx, name="南宫重", mobile="13711112222")
    hr = await login_as("hr")
    typed = {"name": "南宫新", "mobile": "13711112222", "years": "4.5", "degree": "master", "job": str(job.id)}
    shown = await hr.post("/recruiting/candidates", data=typed)
    assert shown.status_code == 409
    assert "手机号或邮箱相同" in shown.text
    assert "南宫重" in shown.text
    done = await hr.post("/recruiting/candidates", data=typed | {"anyway": "1", "salary_wish": "25,000"})
    assert done.status_code == 303
    path = done.headers["location"]
    text = (await hr.get(path)).text
    assert ["手工职位" in text, "4.5 年" in text, "25,000" in text] == [True, True, False]
    other = re.search(r'name="other" value="([0-9a-f-]{36})"', text)
    assert other is not None
    assert (await hr.post(f"{path}/merge", data={"other": other[1]})).status_code == 303
    gone = await hr.get(f"/recruiting/candidates/{other[1]}")
    assert (gone.status_code, gone.headers["location"]) == (303, path)
    wrong = await hr.post("/recruiting/candidates", data={"name": "", "mobile": "1", "years": "很久"})
    assert wrong.status_code == 422
    version = re.search(r'name="version" value="(\d+)"', (await hr.get(f"{path}/edit")).text)
    assert version is not None
    changed = {"version": version[1], "name": "南宫改", "skills": "Rust，Go"}
    assert (await hr.post(f"{path}/edit", data=changed)).status_code == 303
    assert (await hr.post(f"{path}/edit", data=changed)).status_code == 409
    text = (await hr.get(path)).text
    assert ["南宫改" in text, "Rust、Go" in text, "137****2222" in text] == [True] * 3


async def test_pages_of_the_lists(login_as: LogIn) -> None:
    hr = await login_as("hr")
    assert "职位已招满" in (await hr.get("/recruiting/settings")).text
    assert "职位已招满" in (await hr.get("/recruiting/settings/reason?code=filled")).text
    saved = await hr.post(
        "/recruiting/settings/message", data={"name": "开场", "subject": "您好", "text": "", "active": "1"}
    )
    assert saved.status_code == 422
    assert (await hr.get("/recruiting/settings/nothing")).status_code == 404
    assert (await (await login_as("manager")).get("/recruiting/settings")).status_code == 403
    kept = await hr.post("/recruiting/searches", data={"name": "德语", "q": "德语", "f.degree": "master"})
    assert kept.status_code == 303
    assert "f.degree=master" in (await hr.get(kept.headers["location"])).text
