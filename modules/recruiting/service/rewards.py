"""Rewards of recommending: rules for the house and for single jobs, what is due, and what was paid.

A promise and a payment are events of the application: what was promised holds though the rule changes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from modules.records import api as records
from modules.recruiting.errors import ApplicationNotFound, InvalidRecruiting, NotReady, NotYours
from modules.recruiting.models import Application, Candidate, CatalogueEntry, Job
from modules.recruiting.repository import Case, core, settings
from modules.recruiting.repository import introductions as queries
from modules.recruiting.rules.rewards import MILESTONES, Facts, Milestone, Reward, RewardRule, rewards, title
from modules.recruiting.service import people, timeline
from zhiren import audit, notices
from zhiren.clock import CHINA, today
from zhiren.context import Context
from zhiren.i18n import _, use_locale

MAX_FEN: Final = 100_000_000
_CODE: Final = "settings"
#: what fell due longer ago was told, or is known
TOLD_WITHIN: Final = timedelta(days=7)


class Rules(NamedTuple):
    house: RewardRule
    #: of jobs that have one of their own
    jobs: dict[UUID, RewardRule]


class Standing(NamedTuple):
    """One recommendation with its rewards."""

    case: Case
    rule: RewardRule
    rewards: list[Reward]


async def rules(ctx: Context) -> Rules:
    known = (await settings.settings(ctx.session)).get("referral", {})
    jobs = {UUID(key): msgspec.convert(value, RewardRule) for key, value in known.get("jobs", {}).items()}
    return Rules(msgspec.convert(known.get("house", {}), RewardRule), jobs)


def rule_of(found: Rules, job: Job) -> RewardRule:
    """The job's own, or the house's, in which the amount written into the job stands for that of joining."""
    if job.id in found.jobs:
        return found.jobs[job.id]
    fen = job.referral_reward_fen
    return msgspec.structs.replace(found.house, joined=fen) if fen else found.house


async def save_rule(ctx: Context, job: Job | None, rule: RewardRule | None) -> None:
    """For one job, or the house; None takes a job's own away. Raises InvalidRecruiting."""
    if rule is not None:
        _check(rule)
    row = await settings.entry(ctx.session, "settings", _CODE)
    if row is None:
        row = CatalogueEntry(kind="settings", code=_CODE, name=_CODE, data={})
        ctx.session.add(row)
    known: dict[str, Any] = dict(row.data.get("referral", {}))
    if job is None:
        known["house"] = msgspec.to_builtins(rule or RewardRule())
    else:
        own = {key: value for key, value in known.get("jobs", {}).items() if key != str(job.id)}
        known["jobs"] = own if rule is None else own | {str(job.id): msgspec.to_builtins(rule)}
    row.data = {**row.data, "referral": known}
    await ctx.session.flush()
    changes: dict[str, tuple[object, object]] = {name: (None, rule.amount(name)) for name in MILESTONES if rule}
    audit.record(
        ctx,
        "recruiting.referral.rule",
        object_type="recruiting.catalogue",
        object_id=row.id,
        changes=changes | {"job": (None, job.number if job else None)},
    )


def _check(rule: RewardRule) -> None:
    faults: dict[str, str] = {name: _("金额超出范围") for name in MILESTONES if not 0 <= rule.amount(name) <= MAX_FEN}
    if not 1 <= rule.months <= 24:
        faults["months"] = _("请填 1 到 {count}", count=24)
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


async def promise(
    ctx: Context, application: Application, candidate: Candidate, job: Job, referrer_id: UUID, *, note: str = ""
) -> None:
    """Writes down who recommended, and what the rule of today promises for it."""
    rule = rule_of(await rules(ctx), job)
    application.referrer_id = referrer_id
    application.reward_state = "promised" if any(rule.amount(one) for one in MILESTONES) else ""
    timeline.add(
        ctx,
        "referral",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"act": "promised", "rule": msgspec.to_builtins(rule)},
        note=note.strip()[:2000],
    )
    await ctx.session.flush()


async def standings(ctx: Context, cases: Sequence[Case]) -> list[Standing]:
    """The rewards of every recommendation of ``cases``."""
    ids = [case.application.id for case in cases]
    if not ids:
        return []
    events = await queries.referral_events(ctx.session, ids)
    interviewed = await queries.interviewed_at(ctx.session, ids)
    arrivals = await queries.arrivals(ctx.session, ids)
    people = [row.employee_id for row in arrivals.values() if row.employee_id]
    tenures = await records.tenures(ctx, people)
    found = []
    for case in cases:
        application, arrival = case.application, arrivals.get(case.application.id)
        own = [event.data for event in events if event.application_id == application.id]
        rule: dict[str, Any] = next((one["rule"] for one in own if one.get("act") == "promised"), {})
        paid = {one["milestone"]: one["amount_fen"] for one in own if one.get("act") == "paid"}
        at, tenure = interviewed.get(application.id), None
        if arrival is not None and arrival.employee_id is not None:
            tenure = tenures.get(arrival.employee_id)
        facts = Facts(
            interviewed_on=at.astimezone(CHINA).date() if at else None,
            joined_on=arrival.start_on if arrival else None,
            left_on=tenure.left_on if tenure else None,
        )
        known = msgspec.convert(rule, RewardRule)
        ended = application.state in ("rejected", "withdrawn")
        found.append(Standing(case, known, rewards(known, facts, paid, ended=ended, today=today())))
    return found


async def promised(ctx: Context) -> list[Standing]:
    """Every recommendation with something still to be paid, or to come."""
    return await standings(ctx, await queries.recommended(ctx.session))


async def pay(ctx: Context, application_id: UUID, milestone: str) -> Reward:
    """Marks a reward as paid, once. Raises ApplicationNotFound, NotReady where it is not due (any more), NotYours for
    one's own."""
    case = await core.case(ctx.session, application_id, lock=True)
    if case is None or case.application.referrer_id is None:
        raise ApplicationNotFound(_("没有这份推荐。"))
    if case.application.referrer_id == ctx.actor.user_id:
        raise NotYours(_("不能发放自己的推荐奖金。"), hint=_("请别的同事来确认。"))
    (standing,) = await standings(ctx, [case])
    found = next((one for one in standing.rewards if one.milestone == milestone and one.state == "due"), None)
    if found is None:
        raise NotReady(_("这笔奖金还没到发放条件，或者已经发放。"))
    application, candidate, job = case
    timeline.add(
        ctx,
        "referral",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"act": "paid", "milestone": found.milestone, "amount_fen": found.amount_fen},
    )
    if not any(one.state in ("open", "due") for one in standing.rewards if one is not found):
        application.reward_state = "settled"
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.referral.pay",
        object_type="recruiting.application",
        object_id=application.id,
        changes={"reward": (None, f"{found.milestone} {found.amount_fen}"), "job": (None, job.number)},
    )
    return found


async def tell_of_due(ctx: Context) -> int:
    """Tells who recommended somebody, once for each reward that fell due in the last days. Returns how many are due."""
    since, found = today() - TOLD_WITHIN, 0
    for standing in await promised(ctx):
        application, candidate, job = standing.case
        due = [one for one in standing.rewards if one.state == "due" and one.day is not None and one.day >= since]
        if not due or application.referrer_id is None:
            continue
        for to in await people.colleagues(ctx, [application.referrer_id]):
            for reward in due:
                with use_locale(to.locale):  # type: ignore[arg-type]  # a column that holds one of ours
                    milestone = title(reward.milestone, standing.rule.months)
                await notices.send(
                    ctx,
                    "recruiting.referral.due",
                    to=to,
                    values={"candidate": candidate.name, "job": job.title, "milestone": milestone},
                    about=("recruiting.application", application.id),
                    key=f"{application.id}:{reward.milestone}",
                    link="/recruiting/referrals",
                )
                found += 1
    return found


__all__ = [
    "Milestone",
    "Rules",
    "Standing",
    "pay",
    "promise",
    "promised",
    "rule_of",
    "rules",
    "save_rule",
    "standings",
    "tell_of_due",
]
