"""The board, candidates' pages, merging, the pool and its search."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from modules.recruiting.errors import ApplicationNotFound, BoardChanged, JobNotFound
from modules.recruiting.models import Application, Candidate, Job
from modules.recruiting.repository import people as people_queries
from modules.recruiting.service import dossiers, pipeline, telling
from tests.factories.records import granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.context import Actor, Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def recruiter() -> Actor:
    return granted("recruiting.hire", "recruiting.manage", "field.contact.read")


@pytest.fixture
def acting(ctx: Context, recruiter: Actor) -> Context:
    return ctx.with_actor(recruiter)


async def names(ctx: Context, job: Job, stage: str) -> list[str]:
    board = await pipeline.board(ctx, job.id)
    return [card.name for column in board.columns if column.stage.code == stage for card in column.cards]


async def people_in(ctx: Context, job: Job, stage: str, *called: str) -> dict[str, Application]:
    return {
        name: await make_application(ctx, job=job, stage=stage, candidate=await make_candidate(ctx, name=name))
        for name in called
    }


async def test_the_board_has_a_column_for_each_stage_with_its_people(acting: Context) -> None:
    job = await make_job(acting)
    await people_in(acting, job, "new", "甲", "乙")
    await people_in(acting, job, "interview", "丙")
    board = await pipeline.board(acting, job.id)
    assert board.counts == {"new": 2, "screening": 0, "interview": 1, "offer": 0, "onboarding": 0, "hired": 0}
    assert await names(acting, job, "new") == ["甲", "乙"]
    assert board.shows == {"active": 3, "set_aside": 0, "on_hold": 0, "ended": 0}


async def test_a_card_goes_where_it_was_put(acting: Context) -> None:
    job = await make_job(acting)
    found = await people_in(acting, job, "new", "甲", "乙", "丙", "丁")
    await pipeline.move(acting, found["丁"].id, "new", version=found["丁"].version, before=found["乙"].id, placed=True)
    assert await names(acting, job, "new") == ["甲", "丁", "乙", "丙"]
    await pipeline.move(acting, found["甲"].id, "new", version=found["甲"].version, placed=True)
    assert await names(acting, job, "new") == ["丁", "乙", "丙", "甲"]
    other = (await people_in(acting, job, "interview", "戊"))["戊"]
    await pipeline.move(acting, other.id, "new", version=other.version, before=found["丁"].id)
    assert await names(acting, job, "new") == ["戊", "丁", "乙", "丙", "甲"]


async def test_whoever_is_second_is_told_who_was_first(acting: Context) -> None:
    job = await make_job(acting)
    application = (await people_in(acting, job, "new", "甲"))["甲"]
    seen = application.version
    colleague = acting.with_actor(replace(granted("recruiting.hire", "recruiting.manage"), name="王招聘"))
    await pipeline.move(colleague, application.id, "interview", version=seen)
    with pytest.raises(BoardChanged, match="王招聘 刚处理过 甲"):
        await pipeline.move(acting, application.id, "screening", version=seen)
    assert await names(acting, job, "interview") == ["甲"]


async def test_a_long_column_comes_in_parts(acting: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "FIRST", 2)
    job = await make_job(acting)
    await people_in(acting, job, "new", "甲", "乙", "丙", "丁", "戊")
    column = (await pipeline.board(acting, job.id)).columns[0]
    assert ([card.name for card in column.cards], column.count, column.more) == (["甲", "乙"], 5, 3)
    _job, more = await pipeline.more(acting, job.id, "new", column.cards[-1].id)
    _job, rest = await pipeline.more(acting, job.id, "new", more[-1].id)
    assert [card.name for card in (*more, *rest)] == ["丙", "丁", "戊"]


async def test_what_is_not_one_s_job_is_not_there(acting: Context) -> None:
    job = await make_job(acting, owner_id=new_id())
    application = await make_application(acting, job=job)
    stranger = acting.with_actor(granted("recruiting.hire"))
    with pytest.raises(JobNotFound):
        await pipeline.board(stranger, job.id)
    with pytest.raises(ApplicationNotFound):
        await pipeline.move(stranger, application.id, "interview", version=application.version)
    outcome = await pipeline.move_all(stranger, {application.id: application.version}, "interview")
    assert (outcome.done, outcome.left) == (0, [])


async def test_many_at_once_and_whoever_changed_meanwhile_is_left(acting: Context) -> None:
    job = await make_job(acting)
    found = await people_in(acting, job, "new", "甲", "乙", "丙")
    chosen = {one.id: one.version for one in found.values()}
    await pipeline.move(acting, found["乙"].id, "screening", version=found["乙"].version)
    outcome = await pipeline.reject_all(acting, chosen, reason="filled", feedback="谢谢", note="人满了")
    assert (outcome.done, [name for name, _why in outcome.left]) == (2, ["乙"])
    assert "乙" in outcome.sentence("")
    await acting.session.refresh(found["甲"])
    assert (found["甲"].state, found["甲"].reason, found["甲"].feedback) == ("rejected", "filled", "谢谢")
    again = await pipeline.restore_all(acting, {found["甲"].id: found["甲"].version})
    assert again.done == 1
    assert sorted(await names(acting, job, "new")) == ["甲"]


async def test_tags_are_found_and_stand_on_the_timeline(acting: Context) -> None:
    candidate = await make_candidate(acting, name="欧阳标签")
    await dossiers.set_tags(acting, candidate, dossiers.tags_of("重点，会德语 重点"))
    assert candidate.tags == ["重点", "会德语"]
    assert await found_by(acting, "会德语") == ["欧阳标签"]
    await dossiers.set_pool(acting, candidate, inside=True)
    await acting.session.flush()
    told = telling.tell((await dossiers.dossier(acting, candidate.id)).events, {}, {})
    assert [one.title for one in told] == ["放入人才库", "修改标签"]
    assert told[1].text == "+ 重点  + 会德语"


async def found_by(ctx: Context, text: str) -> list[str]:
    query = people_queries.listed(None, Candidate.name).where(people_queries.matching(text))
    return sorted((await ctx.session.scalars(query)).all())


async def test_notes_are_sealed_and_contacts_masked(acting: Context) -> None:
    candidate = await make_candidate(acting, mobile="13912345678", mail="zhang@mail.test")
    await dossiers.note(acting, candidate.id, "笔试很好")
    await acting.session.flush()
    found = await dossiers.dossier(acting, candidate.id)
    assert [event.note for event in found.events] == ["笔试很好"]
    assert "笔试".encode() not in (found.events[0].note_ct or b"")
    assert found.masked["mobile"] == "139****5678"
    assert found.revealable == {"mobile", "mail"}
    assert await dossiers.reveal(acting, candidate.id, "mobile") == ("13912345678", "139****5678")


async def test_a_message_is_sent_and_told(acting: Context) -> None:
    job = await make_job(acting, title="测试工程师")
    application = await make_application(acting, job=job)
    chosen = {application.id: application.version}
    outcome = await dossiers.message_all(acting, chosen, subject="关于{job}", text="{name}您好")
    assert outcome.done == 1
    await acting.session.flush()
    found = await dossiers.dossier(acting, application.candidate_id)
    told = telling.tell(found.events, found.messages, {})
    assert told[0].title == "发送消息"
    assert told[0].note.startswith("关于测试工程师\n")
    assert {line.channel for line in told[0].messages} == {"mail", "sms"}


# ---- pages


async def committed(database: Database, tenant: TenantRef, make: Callable[[Context], Awaitable[Any]]) -> Any:
    async with database.tenant(tenant) as ctx:
        return await make(ctx)


async def page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
    return answer.text


async def test_pages_of_a_job(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    async def make(ctx: Context) -> tuple[Job, dict[str, Application]]:
        job = await make_job(ctx, title="页面职位")
        return job, await people_in(ctx, job, "new", "页甲", "页乙", "页丙")

    job, found = await committed(database, tenant, make)
    hr, base = await login_as("hr"), f"/recruiting/jobs/{job.id}"
    text = await page(hr, f"{base}/board")
    assert [name in text for name in ("页甲", "页乙", "页丙")] == [True] * 3
    moving = {"stage": "interview", "version": str(found["页甲"].version), "card": "1"}
    moved = await hr.post(f"/recruiting/applications/{found['页甲'].id}/move", data=moving)
    assert moved.status_code == 200, moved.text
    assert "&#34;interview&#34;: 1" in moved.text
    late = await hr.post(
        f"/recruiting/applications/{found['页甲'].id}/move", data=moving, headers={"hx-request": "true"}
    )
    assert (late.status_code, late.json()["code"]) == (409, "recruiting.board_changed")
    ids = [f"{found[name].id}:{found[name].version}" for name in ("页乙", "页丙")]
    back = f"{base}/applications"
    rejecting = {"id": ids, "act": "reject", "reason": "filled", "tell": "1", "feedback": "谢谢您", "back": back}
    done = await hr.post("/recruiting/applications/bulk", data=rejecting)
    assert (done.status_code, done.headers["location"]) == (303, back)
    text = await page(hr, f"{base}/applications?show=ended")
    assert ("页乙" in text, "页甲" in text, "职位已招满" in text) == (True, False, True)
    row = re.search(rf'value="({found["页乙"].id}:\d+)"', text)
    assert row is not None
    done = await hr.post("/recruiting/applications/bulk", data={"id": row[1], "act": "restore", "back": back})
    assert done.status_code == 303
    assert "页乙" in await page(hr, f"{base}/applications")


async def test_pages_of_a_candidate(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    async def make(ctx: Context) -> Application:
        candidate = await make_candidate(ctx, name="司马页面", mobile="13900009999")
        return await make_application(ctx, candidate=candidate)

    application = await committed(database, tenant, make)
    hr, path = await login_as("hr"), f"/recruiting/candidates/{application.candidate_id}"
    text = await page(hr, path)
    assert "139****9999" in text
    assert "13900009999" not in text
    assert "13900009999" in (await hr.post(f"{path}/reveal/mobile")).text
    assert (await hr.post(f"{path}/notes", data={"note": ""})).status_code == 422
    for act, data in (
        ("notes", {"note": "很稳"}),
        ("tags", {"tags": "重点"}),
        ("pool", {"inside": "1"}),
        ("message", {"subject": "您好", "text": "请补充资料"}),
    ):
        assert (await hr.post(f"{path}/{act}", data=data)).status_code == 303, act
    text = await page(hr, path)
    assert [word in text for word in ("很稳", "重点", "在人才库", "请补充资料")] == [True] * 4
    assert path in await page(hr, "/recruiting/candidates?q=司马页")
    assert path not in await page(hr, "/recruiting/candidates?q=司马页面没有")
    assert path in await page(hr, "/recruiting/candidates?q=13900009999")
    manager = await login_as("manager")
    assert (await manager.get(path)).status_code == 404
    assert path not in await page(manager, "/recruiting/candidates?q=司马页")
