"""A request on its way: who signs, what they may do, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from modules.records.schemas import UnitChange
from modules.records.service import organisation
from tests.factories.approvals import FACTS, KIND, TOLD, Staff, ask
from tests.factories.records import FOUNDED, granted
from zhiren.approvals import (
    CaseView,
    TaskView,
    add_signer,
    case_of,
    decide,
    hand_over,
    hourly,
    remind,
    start,
    withdraw,
)
from zhiren.approvals.errors import (
    AlreadyDecided,
    AwayInvalid,
    CaseNotFound,
    NobodyToSign,
    RemindedAlready,
    SignerRefused,
    TaskNotFound,
)
from zhiren.approvals.models import Case, Flow, FlowVersion, Task
from zhiren.approvals.rules.document import Document, Signer, Stage, Step, dump
from zhiren.approvals.service import away, views
from zhiren.audit import AuditEvent
from zhiren.auth.models import User
from zhiren.context import Actor, Context
from zhiren.ids import new_id
from zhiren.jobs import Outbox
from zhiren.notices import history


async def draw(ctx: Context, *stages: Stage, **options: Any) -> None:
    """The flow of the test's kind is this from now on."""
    flow = await ctx.session.scalar(select(Flow).where(Flow.kind == KIND.name))
    if flow is None:
        flow = Flow(kind=KIND.name)
        ctx.session.add(flow)
        await ctx.session.flush()
    numbers = (await ctx.session.scalars(select(FlowVersion.number).where(FlowVersion.flow_id == flow.id))).all()
    document = dump(Document(stages=stages, **options))
    ctx.session.add(FlowVersion(flow_id=flow.id, number=max(numbers, default=0) + 1, document=document))
    await ctx.session.flush()


def one(*signers: Signer, **options: Any) -> Stage:
    return Stage((Step(signers=signers, **options),))


def person(people: Staff, name: str) -> Signer:
    return Signer(by="person", person_id=people.id(name), person_name=name)


def open_tasks(case: CaseView) -> dict[str, UUID]:
    """Whose turn it is: name to task."""
    return {task.signer: task.id for step in case.steps for task in step.tasks if task.state == "waiting"}


def all_tasks(case: CaseView) -> list[TaskView]:
    return [task for step in case.steps for task in step.tasks]


async def sign(ctx: Context, people: Staff, name: str, case: CaseView, verdict: Any = "approve") -> CaseView:
    """``name`` signs whatever in the case waits for them."""
    own = ctx.with_actor(people.actor(name))
    seen = await views.view_of(own, await views.visible_case(own, case.id))
    assert seen.mine is not None, f"{name} has nothing to sign: {open_tasks(seen)}"
    return await decide(own, seen.mine.id, verdict, "看过了")


async def test_without_a_flow_the_manager_signs(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    assert list(open_tasks(case)) == ["组长"]
    assert case.version == 0
    ended = await sign(ctx, people, "组长", case)
    assert ended.state == "approved"
    assert TOLD[case.subject_id] == ["approved"]
    assert [(task.acted_by, task.comment) for task in all_tasks(ended)] == [("组长", "看过了")]
    emitted = (await ctx.session.scalars(select(Outbox).where(Outbox.event == "approvals.case.decided"))).all()
    assert [(row.payload or {})["case_id"] for row in emitted] == [str(case.id)]


async def test_without_a_manager_hr_signs_and_never_the_requester(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("人事甲"))
    assert list(open_tasks(case)) == ["人事"]
    task = open_tasks(case)["人事"]
    with pytest.raises(TaskNotFound):
        await decide(ctx.with_actor(people.actor("人事甲")), task, "approve")
    assert (await sign(ctx, people, "人事乙", case)).state == "approved"


async def test_asking_twice_is_asking_once(ctx: Context, people: Staff) -> None:
    subject = new_id()
    by = people.actor("小工")
    first = await start(ctx, KIND.name, subject, facts=FACTS, requested_by=by)
    again = await start(ctx, KIND.name, subject, facts=FACTS, requested_by=by)
    assert again.id == first.id
    await sign(ctx, people, "组长", first, "reject")
    third = await start(ctx, KIND.name, subject, facts=FACTS, requested_by=by)
    assert third.id != first.id
    found = await case_of(ctx, KIND.name, subject)
    assert found is not None
    assert (found.id, found.state) == (third.id, "running")
    assert await case_of(ctx, KIND.name, new_id()) is None


async def test_a_fact_that_is_not_declared_is_a_mistake(ctx: Context, people: Staff) -> None:
    with pytest.raises(ValueError, match="pay"):
        await ask(ctx, people.actor("小工"), pay=1)


async def test_facts_are_sealed(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"), salary_max_fen=987_654_321)
    row = (await ctx.session.scalars(select(Case).where(Case.id == case.id))).one()
    assert row.facts is not None
    assert row.facts["salary_max_fen"] == 987_654_321
    assert b"987654321" not in (row.facts_ct or b"")


async def test_all_must_sign(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(person(people, "总监"), person(people, "总经理"), mode="all"))
    case = await ask(ctx, people.actor("小工"))
    assert set(open_tasks(case)) == {"总监", "总经理"}
    case = await sign(ctx, people, "总经理", case)
    assert (case.state, set(open_tasks(case))) == ("running", {"总监"})
    assert (await sign(ctx, people, "总监", case)).state == "approved"


async def test_any_may_sign(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(person(people, "总监"), person(people, "总经理"), mode="any"))
    case = await sign(ctx, people, "总经理", await ask(ctx, people.actor("小工")))
    assert case.state == "approved"
    assert {task.signer: task.state for task in all_tasks(case)} == {"总监": "dropped", "总经理": "approved"}


async def test_one_after_another(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(Signer(levels=3), mode="sequential"))
    case = await ask(ctx, people.actor("小工"))
    for name in ("组长", "总监", "总经理"):
        assert list(open_tasks(case)) == [name]
        case = await sign(ctx, people, name, case)
    assert case.state == "approved"


async def test_parallel_steps_join(ctx: Context, people: Staff) -> None:
    beside = Stage((Step(signers=(person(people, "总监"),)), Step(signers=(Signer(by="role", role="hr"),))))
    await draw(ctx, beside, one(person(people, "总经理")))
    case = await ask(ctx, people.actor("小工"))
    assert set(open_tasks(case)) == {"总监", "人事"}
    case = await sign(ctx, people, "人事乙", case)
    assert set(open_tasks(case)) == {"总监"}
    case = await sign(ctx, people, "总监", case)
    assert set(open_tasks(case)) == {"总经理"}


async def test_one_no_ends_it(ctx: Context, people: Staff) -> None:
    await draw(
        ctx, one(person(people, "总监"), person(people, "总经理"), mode="all"), one(Signer(by="role", role="hr"))
    )
    case = await sign(ctx, people, "总监", await ask(ctx, people.actor("小工")), "reject")
    assert case.state == "rejected"
    assert not open_tasks(case)
    assert TOLD[case.subject_id] == ["rejected"]
    with pytest.raises(AlreadyDecided):
        await withdraw(ctx.with_actor(people.actor("小工")), case.id)


async def test_leaders_by_level_of_the_unit_asked_for(ctx: Context, people: Staff) -> None:
    unit, head = people.company.units["研发"], people.employees["总监"]
    change = UnitChange(effective_on=FOUNDED, leader_id=head.id, kind="correct")
    await organisation.change_unit(ctx, unit.id, change, unit.version)
    await draw(ctx, one(Signer(by="leader", level=2, of="unit")))
    below = people.company.units["后端"].id
    assert list(open_tasks(await ask(ctx, people.actor("人事甲"), unit_id=below))) == ["总监"]
    # at that level stands nobody's unit: administration signs
    root = people.company.units["总部"].id
    assert list(open_tasks(await ask(ctx, people.actor("人事甲"), unit_id=root))) == ["系统管理员"]


async def test_saying_the_same_twice_is_saying_it_once(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    own, task = ctx.with_actor(people.actor("组长")), open_tasks(case)["组长"]
    await decide(own, task, "approve")
    await ctx.session.flush()
    assert (await decide(own, task, "approve")).state == "approved"
    assert TOLD[case.subject_id] == ["approved"]
    with pytest.raises(AlreadyDecided, match="组长 已经审批过了"):
        await decide(own, task, "reject")
    events = await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == "approvals.task.approve"))
    assert len(events.all()) == 1


async def test_strangers_neither_see_nor_sign(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    for actor in (people.actor("总经理"), Actor(user_id=new_id(), name="外人"), Actor(user_id=None, name="任务")):
        with pytest.raises(CaseNotFound):
            await views.visible_case(ctx.with_actor(actor), case.id)
        with pytest.raises(TaskNotFound):
            await decide(ctx.with_actor(actor), open_tasks(case)["组长"], "approve")


async def test_hand_over(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    own, task = ctx.with_actor(people.actor("组长")), open_tasks(case)["组长"]
    for wrong in ("组长", "小工"):
        with pytest.raises(SignerRefused):
            await hand_over(own, task, people.id(wrong))
    case = await hand_over(own, task, people.id("总监"), "您更清楚")
    assert list(open_tasks(case)) == ["总监"]
    with pytest.raises(AlreadyDecided):
        await decide(own, task, "approve")
    assert (await sign(ctx, people, "总监", case)).state == "approved"


@pytest.mark.parametrize(("place", "order"), [("before", ["总监", "组长"]), ("after", ["组长", "总监"])])
async def test_add_a_signer(ctx: Context, people: Staff, place: Any, order: list[str]) -> None:
    case = await ask(ctx, people.actor("小工"))
    own = ctx.with_actor(people.actor("组长"))
    case = await add_signer(own, open_tasks(case)["组长"], people.id("总监"), place)
    for name in order:
        assert list(open_tasks(case)) == [name]
        case = await sign(ctx, people, name, case)
    assert case.state == "approved"


async def test_withdraw_is_the_requester_s(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    with pytest.raises(CaseNotFound):
        await withdraw(ctx.with_actor(people.actor("组长")), case.id)
    by = ctx.with_actor(people.actor("小工"))
    assert (await withdraw(by, case.id)).state == "withdrawn"
    assert (await withdraw(by, case.id)).state == "withdrawn"
    assert TOLD[case.subject_id] == ["withdrawn"]
    with pytest.raises(AlreadyDecided):
        await decide(ctx.with_actor(people.actor("组长")), open_tasks(case)["组长"], "approve")


async def test_remind_at_most_once_an_hour(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    by = ctx.with_actor(people.actor("小工"))
    assert await remind(by, case.id) == 1
    with pytest.raises(RemindedAlready):
        await remind(by, case.id)
    await ctx.session.execute(update(Task).values(reminded_at=Task.created_at - timedelta(hours=2)))
    assert await remind(by, case.id) == 1
    told = [line.kind for line in await history(ctx, ("approvals.case", case.id)) if line.channel == "inapp"]
    assert sorted(told) == ["approvals.task.reminded", "approvals.task.reminded", "approvals.task.waiting"]


async def test_who_is_away_is_signed_for(ctx: Context, people: Staff) -> None:
    boss = ctx.with_actor(people.actor("组长"))
    waiting = await ask(ctx, people.actor("小工"))
    row = await away.set_away(boss, people.id("总监"), away.today(), away.today() + timedelta(days=3))
    # what waited already went over, and what comes does
    for case in (waiting, await ask(ctx, people.actor("小工"))):
        seen = await case_of(ctx, KIND.name, case.subject_id)
        assert seen is not None
        assert list(open_tasks(seen)) == ["总监"]
        assert all_tasks(seen)[0].principal == "组长"
    assert (await sign(ctx, people, "总监", waiting)).state == "approved"
    # who is away may still sign
    assert (await sign(ctx, people, "组长", case)).state == "approved"
    await away.revoke(boss, row.id)
    assert list(open_tasks(await ask(ctx, people.actor("小工")))) == ["组长"]
    with pytest.raises(AwayInvalid):
        await away.revoke(ctx.with_actor(people.actor("总监")), row.id)


async def test_nobody_signs_for_their_own_request(ctx: Context, people: Staff) -> None:
    boss = ctx.with_actor(people.actor("组长"))
    await away.set_away(boss, people.id("小工"), away.today(), away.today())
    assert list(open_tasks(await ask(ctx, people.actor("小工")))) == ["组长"]


async def test_away_is_checked(ctx: Context, people: Staff) -> None:
    boss, today = ctx.with_actor(people.actor("组长")), away.today()
    for to, first, last in (
        ("组长", today, today),
        ("总监", today, today - timedelta(days=1)),
        ("总监", today - timedelta(days=9), today - timedelta(days=5)),
        ("总监", today, today + timedelta(days=400)),
    ):
        with pytest.raises(AwayInvalid):
            await away.set_away(boss, people.id(to), first, last)


async def test_what_is_overdue_goes_up(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(Signer(), escalate_h=24))
    case = await ask(ctx, people.actor("小工"))
    assert await hourly(ctx) == 0
    await ctx.session.execute(update(Task).values(escalate_at=Task.created_at - timedelta(minutes=1)))
    assert await hourly(ctx) == 1
    seen = await case_of(ctx, KIND.name, case.subject_id)
    assert seen is not None
    assert list(open_tasks(seen)) == ["总监"]
    assert await hourly(ctx) == 0
    assert (await sign(ctx, people, "总监", seen)).state == "approved"


async def test_a_signer_who_left_gives_way(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    await ctx.session.execute(update(User).where(User.id == people.id("组长")).values(status="disabled"))
    ctx.session.expire_all()
    await hourly(ctx)
    seen = await case_of(ctx, KIND.name, case.subject_id)
    assert seen is not None
    assert list(open_tasks(seen)) == ["系统管理员"]
    assert "组长" in all_tasks(seen)[0].note
    # and from the start, for one without a log-in
    assert list(open_tasks(await ask(ctx, people.actor("小工")))) == ["系统管理员"]


async def test_a_requester_who_left_is_named_and_administration_may_withdraw(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    await ctx.session.execute(update(User).where(User.id == people.id("小工")).values(status="disabled"))
    ctx.session.expire_all()
    overseer = granted("approvals.flows")
    seen = await views.view_of(ctx.with_actor(overseer), await views.visible_case(ctx.with_actor(overseer), case.id))
    assert (seen.requester_left, seen.withdrawable) == (True, True)
    assert (await withdraw(ctx.with_actor(overseer), case.id)).state == "withdrawn"


async def test_nobody_to_sign_is_refused(ctx: Context, people: Staff) -> None:
    await ctx.session.execute(update(User).values(status="disabled"))
    ctx.session.expire_all()
    with pytest.raises(NobodyToSign):
        await ask(ctx, people.actor("小工"))


async def test_running_cases_end_with_the_version_they_began_with(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(person(people, "组长")), one(person(people, "总监")))
    old = await ask(ctx, people.actor("小工"))
    await draw(ctx, one(person(people, "总经理")))
    new = await ask(ctx, people.actor("小工"))
    assert (old.version, new.version) == (1, 2)
    old = await sign(ctx, people, "组长", old)
    assert list(open_tasks(old)) == ["总监"]
    assert list(open_tasks(new)) == ["总经理"]


async def test_a_flow_that_asks_nobody_approves_at_once(ctx: Context, people: Staff) -> None:
    await draw(ctx, one(Signer(), when="headcount > 10"))
    case = await ask(ctx, people.actor("小工"))
    assert (case.state, TOLD[case.subject_id]) == ("approved", ["approved"])


async def test_lists(ctx: Context, people: Staff) -> None:
    case = await ask(ctx, people.actor("小工"))
    boss, by = ctx.with_actor(people.actor("组长")), ctx.with_actor(people.actor("小工"))
    assert [line.case_id for line in await views.waiting(boss)] == [case.id]
    assert await views.waiting_count(boss) == 1
    assert [line.case_id for line in await views.asked(by)] == [case.id]
    assert await views.waiting(by) == []
    await sign(ctx, people, "组长", case)
    assert await views.waiting(boss) == []
    assert [(line.case_id, line.task_state) for line in await views.done(boss)] == [(case.id, "approved")]
