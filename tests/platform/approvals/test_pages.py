"""Approvals as people use them: lists, a case, links in messages, drawing flows; and two people at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import delete, select

from ops.hosted import Hosted
from tests.application import browser
from tests.factories.approvals import FACTS, KIND, TOLD, Staff, ask, log_in_for, staff
from zhiren.approvals import CaseView, case_of, decide, start
from zhiren.approvals.errors import AlreadyDecided, LinkInvalid
from zhiren.approvals.models import Case, Flow, FlowVersion, Task
from zhiren.approvals.service import links
from zhiren.auth.models import User
from zhiren.auth.service import open_session
from zhiren.context import Actor, TenantRef
from zhiren.db import Database
from zhiren.guests.links import sign
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

HTML = {"accept": "text/html"}
EDITOR = f"/admin/approvals/{KIND.name}"


@dataclass
class Office:
    """People of one customer, for good, each with a browser on demand."""

    database: Database
    parts: Hosted
    app: Litestar
    tenant: TenantRef
    people: Staff
    stack: AsyncExitStack

    def ctx(self) -> Any:
        return self.database.tenant(self.tenant)

    async def ask(self, by: str = "小工", **facts: Any) -> CaseView:
        async with self.ctx() as ctx:
            return await ask(ctx, self.people.actor(by), **facts)

    async def seen(self, case: CaseView) -> CaseView:
        async with self.ctx() as ctx:
            found = await case_of(ctx, case.kind, case.subject_id)
        assert found is not None
        return found

    async def browser(self, name: str = "") -> httpx.AsyncClient:
        client: httpx.AsyncClient = await self.stack.enter_async_context(browser(self.app, self.tenant))
        if not name:
            await client.get("/login", headers=HTML)
            client.headers["x-csrf-token"] = token_for(
                {c.name: c.value or "" for c in client.cookies.jar}["zhiren_guest"]
            )
            return client
        async with self.ctx() as ctx:
            user = (await ctx.session.scalars(select(User).where(User.id == self.people.id(name)))).one()
            token = await open_session(ctx, user)
        client.cookies.set(self.parts.authenticator.cookie, token)
        client.headers["x-csrf-token"] = token_for(token)
        return client


@pytest_asyncio.fixture(scope="module")
async def people(database: Database, tenant: TenantRef) -> Staff:
    async with database.tenant(tenant) as ctx:
        return await staff(ctx)


@pytest_asyncio.fixture
async def office(
    database: Database, parts: Hosted, app: Litestar, tenant: TenantRef, people: Staff
) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        yield Office(database, parts, app, tenant, people, stack)
    async with database.tenant(tenant) as ctx:
        for model in (Task, Case, FlowVersion, Flow):
            await ctx.session.execute(delete(model))


def task_of(case: CaseView) -> UUID:
    return next(task.id for step in case.steps for task in step.tasks if task.state == "waiting")


async def test_two_taps(office: Office) -> None:
    case = await office.ask()
    boss = await office.browser("组长")
    assert "1 个审批等您处理" in (await boss.get("/", headers=HTML)).text
    assert case.title in (await boss.get("/approvals", headers=HTML)).text
    shown = (await boss.get(f"/approvals/{case.id}", headers=HTML)).text
    assert "每月 30,000 元" in shown
    answer = await boss.post(f"/approvals/tasks/{task_of(case)}/decide", data={"verdict": "approve", "comment": "好"})
    assert answer.status_code == 303
    assert (await office.seen(case)).state == "approved"
    assert "没有等您审批的事" in (await boss.get("/approvals", headers=HTML)).text
    assert case.title in (await boss.get("/approvals?tab=done", headers=HTML)).text
    mine = await office.browser("小工")
    assert "已通过" in (await mine.get("/approvals?tab=asked", headers=HTML)).text
    assert "好" in (await mine.get(f"/approvals/{case.id}", headers=HTML)).text


async def test_a_verdict_is_needed_and_others_find_nothing(office: Office) -> None:
    case = await office.ask()
    boss, other = await office.browser("组长"), await office.browser("总经理")
    path = f"/approvals/tasks/{task_of(case)}"
    assert (await boss.post(f"{path}/decide", data={})).status_code == 422
    assert (await boss.post(f"{path}/hand-over", data={"to": "x"})).status_code == 422
    assert (await other.post(f"{path}/decide", data={"verdict": "approve"})).status_code == 404
    assert (await other.get(f"/approvals/{case.id}")).status_code == 404
    assert (await other.get(f"/api/v1/approvals/{case.id}")).status_code == 404
    assert (await boss.get("/api/v1/approvals")).json()[0]["case_id"] == str(case.id)
    assert (await boss.get(f"/api/v1/approvals/{case.id}")).json()["state"] == "running"


async def test_hand_over_add_remind_withdraw_on_the_page(office: Office) -> None:
    case = await office.ask()
    boss, by = await office.browser("组长"), await office.browser("小工")
    to = {"to": str(office.people.id("总监"))}
    answer = await boss.post(f"/approvals/tasks/{task_of(case)}/add-signer", data={**to, "place": "before"})
    assert answer.status_code == 303
    case = await office.seen(case)
    head = await office.browser("总监")
    to = {"to": str(office.people.id("总经理"))}
    assert (await head.post(f"/approvals/tasks/{task_of(case)}/hand-over", data=to)).status_code == 303
    assert "总经理" in (await by.get(f"/approvals/{case.id}", headers=HTML)).text
    assert (await by.post(f"/approvals/{case.id}/remind")).status_code == 303
    assert (await by.post(f"/approvals/{case.id}/remind")).status_code == 429
    assert (await by.post(f"/approvals/{case.id}/withdraw")).status_code == 303
    assert (await office.seen(case)).state == "withdrawn"


async def test_away_on_the_page(office: Office) -> None:
    boss = await office.browser("组长")
    wrong = await boss.post("/approvals/away", data={"to": str(office.people.id("总监")), "starts_on": "x"})
    assert wrong.status_code == 422
    days = {"starts_on": "2098-01-01", "ends_on": "2098-01-02"}
    assert (await boss.post("/approvals/away", data={"to": str(office.people.id("总监")), **days})).status_code == 303
    assert "2098-01-02" in (await boss.get("/approvals/away", headers=HTML)).text
    assert "总监" in (await boss.get("/approvals/people?q=总", headers=HTML)).text


async def test_a_link_signs_once_for_whom_it_was_issued(office: Office) -> None:
    case = await office.ask()
    async with office.ctx() as ctx:
        path = links.path(ctx, task_of(case), office.people.id("组长"))
    stranger = await office.browser()
    shown = await stranger.get(path, headers=HTML)
    assert (shown.status_code, "每月 30,000 元" in shown.text) == (200, True)
    assert shown.headers["referrer-policy"] == "no-referrer"
    # somebody else's browser
    assert (await (await office.browser("总监")).get(path)).status_code == 404
    assert (await stranger.post(path, data={"verdict": "approve", "comment": "行"})).status_code == 303
    done = await stranger.get(path, headers=HTML)
    assert "组长 已审批" in done.text
    assert 'name="verdict"' not in done.text
    ended = await office.seen(case)
    assert (ended.state, ended.steps[0].tasks[0].by_link, ended.steps[0].tasks[0].acted_by) == (
        "approved",
        True,
        "组长",
    )
    assert (await stranger.post(path, data={"verdict": "approve"})).status_code == 303
    assert (await stranger.post(path, data={"verdict": "reject"})).status_code == 409


async def test_a_link_is_bound(office: Office, other_tenant: TenantRef) -> None:
    case = await office.ask()
    stranger = await office.browser()
    async with office.ctx() as ctx:
        good = links.path(ctx, task_of(case), office.people.id("组长"))
        # of a person who does not sign this, and one with that person's name put in
        other = links.path(ctx, task_of(case), office.people.id("总监"))
    forged = good[:-22] + other[-22:]
    altered = good[:10] + ("B" if good[10] == "A" else "A") + good[11:]
    for path in (good[:-1], altered, "/a/x", "/a/" + "A" * 72, forged):
        assert (await stranger.get(path)).status_code == 404, path
    assert "现在不需要您审批" in (await stranger.get(other, headers=HTML)).text
    assert (await stranger.post(other, data={"verdict": "approve"})).status_code == 404
    async with office.database.tenant(other_tenant) as elsewhere:
        with pytest.raises(LinkInvalid):
            links.verify(elsewhere, good.removeprefix("/a/"))
    async with office.ctx() as ctx:
        purpose, past = f"approvals.sign:{office.people.id('组长')}", datetime.now(UTC) - timedelta(seconds=1)
        old = sign(ctx, purpose, task_of(case), expires_at=past)
        with pytest.raises(LinkInvalid, match="过期"):
            links.verify(ctx, old + good[-22:])
    assert (await office.seen(case)).state == "running"


async def test_draw_try_publish_look_back(office: Office) -> None:
    hr = await office.browser("人事甲")
    assert "用人需求" in (await hr.get("/admin/approvals", headers=HTML)).text
    form: dict[str, str] = {"version": "0", "merge_same": "1", "s0.p0.g0.by": "managers", "s0.p0.g0.levels": "1"}
    added = await hr.post(EDITOR, data={**form, "do": "add"}, headers=HTML)
    assert 'name="s1.p0.name"' in added.text
    form |= {"s1.p0.g0.by": "role", "s1.p0.g0.role": "hr", "s1.p0.when": "headcount > 5", "s1.p0.name": "人事复核"}
    wrong = await hr.post(EDITOR, data={**form, "s1.p0.when": "headcont > 5", "do": "publish"}, headers=HTML)
    assert wrong.status_code == 422
    assert "没有这个字段：headcont" in wrong.text
    who = {"to": str(office.people.id("小工")), "try.headcount": "9", "try.salary_max_fen": "30000"}
    tried = await hr.post(EDITOR, data={**form, **who, "do": "try"}, headers=HTML)
    assert "组长" in tried.text.split('role="status"')[1]
    assert "人事复核" in tried.text.split('role="status"')[1]
    assert (await hr.post(EDITOR, data={**form, "do": "save"})).status_code == 303
    assert "有草稿" in (await hr.get("/admin/approvals", headers=HTML)).text
    # somebody else drew meanwhile
    assert (await hr.post(EDITOR, data={**form, "do": "save"})).status_code == 412
    assert (await hr.post(EDITOR, data={**form, "version": "1", "do": "publish"})).status_code == 303
    assert (await office.ask(headcount=9)).version == 1
    old = await hr.get(f"{EDITOR}/versions/1", headers=HTML)
    assert "当 人数 &gt; 5" in old.text
    assert (await hr.post(f"{EDITOR}/versions/1/take-up")).status_code == 303
    assert (await hr.get(f"{EDITOR}/versions/7")).status_code == 404
    assert (await hr.get("/admin/approvals/test.nothing")).status_code == 404
    assert (await (await office.browser("组长")).get(EDITOR)).status_code == 403


async def test_one_s_own_choice_of_people(office: Office) -> None:
    """A person named in the flow is shown by name again, and kept by id."""
    hr = await office.browser("人事甲")
    form = {"version": "0", "s0.p0.g0.by": "person", "s0.p0.g0.person": str(office.people.id("总监")), "do": "publish"}
    assert (await hr.post(EDITOR, data=form)).status_code == 303
    case = await office.ask()
    assert case.waiting_for == "总监"
    assert ">总监</option>" in (await hr.get(EDITOR, headers=HTML)).text


# ---- at once, on the real database


async def _try(office: Office, name: str, task: UUID, verdict: Any) -> str:
    try:
        async with office.ctx() as ctx:
            found = await decide(ctx.with_actor(office.people.actor(name)), task, verdict)
    except AlreadyDecided:
        return "too late"
    return found.state


async def test_two_signers_at_once(office: Office) -> None:
    """Both of an all-must-sign step sign in the same moment: the case ends once, approved."""
    async with office.ctx() as ctx:
        flow = Flow(kind=KIND.name)
        ctx.session.add(flow)
        await ctx.session.flush()
        ids = [{"by": "person", "person_id": str(office.people.id(name))} for name in ("总监", "总经理")]
        document = {"stages": [{"steps": [{"signers": ids, "mode": "all"}]}]}
        ctx.session.add(FlowVersion(flow_id=flow.id, number=1, document=document))
    for _round in range(5):
        case = await office.ask()
        tasks = {task.signer: task.id for step in case.steps for task in step.tasks}
        found = await asyncio.gather(*(_try(office, name, task, "approve") for name, task in tasks.items()))
        assert sorted(found) == ["approved", "running"]
        assert TOLD[case.subject_id] == ["approved"]


async def test_double_clicks_and_opposite_verdicts(office: Office) -> None:
    case = await office.ask()
    found = await asyncio.gather(*(_try(office, "组长", task_of(case), "approve") for _ in range(6)))
    assert found == ["approved"] * 6
    assert TOLD[case.subject_id] == ["approved"]
    case = await office.ask(by="人事甲")
    async with office.ctx() as ctx:
        third = await log_in_for(ctx, "人事丙", "hr")
    office.people.users["人事丙"] = third
    verdicts = (("人事乙", "approve"), ("人事丙", "reject"))
    found = await asyncio.gather(*(_try(office, name, task_of(case), verdict) for name, verdict in verdicts))
    assert sorted(found) in (["approved", "too late"], ["rejected", "too late"])
    assert len(TOLD[case.subject_id]) == 1


async def test_asked_twice_at_once(office: Office) -> None:
    subject = new_id()

    async def begin() -> UUID:
        async with office.ctx() as ctx:
            by: Actor = office.people.actor("小工")
            return (await start(ctx, KIND.name, subject, facts=FACTS, requested_by=by)).id

    assert len(set(await asyncio.gather(*(begin() for _ in range(5))))) == 1
