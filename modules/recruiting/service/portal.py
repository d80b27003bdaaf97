"""What a candidate sees and does by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from modules.recruiting.errors import ApplicationNotFound, CandidateNotFound, InvalidRecruiting, NotReady
from modules.recruiting.models import Application, Candidate, Interview, Job
from modules.recruiting.repository import Case, core, offers, public
from modules.recruiting.rules.portal import Step, next_step
from modules.recruiting.service import applications, timeline
from zhiren import audit
from zhiren.context import Context
from zhiren.guests import Match
from zhiren.i18n import _


class Standing(NamedTuple):
    """One application as its candidate sees it."""

    application: Application
    job: Job
    step: Step
    interviews: Sequence[Interview]


async def find(ctx: Context, address: str) -> Sequence[Match]:
    """Whom a code goes to: the one who acted last among those reached at the address."""
    return [Match(one.id, one.name, one.locale) for one in await public.by_address(ctx.session, address)]


async def known(ctx: Context, candidate_id: UUID) -> Match | None:
    """None for who was erased; who was merged goes on as the one they were merged into at the next log-in."""
    candidate = await core.candidate(ctx.session, candidate_id)
    if candidate is None or candidate.merged_into_id is not None or not candidate.name:
        return None
    return Match(candidate.id, candidate.name, candidate.locale)


async def me(ctx: Context) -> Candidate:
    """The candidate who asks. Raises CandidateNotFound."""
    guest = ctx.actor.guest
    candidate = await core.candidate(ctx.session, guest.id) if guest is not None else None
    if candidate is None:
        raise CandidateNotFound(_("没有找到您的资料。"))
    return candidate


async def standings(ctx: Context, candidate: Candidate) -> list[Standing]:
    """Every application, newest first, with what comes next."""
    now = datetime.now(UTC)
    meetings = await public.interviews_of(ctx.session, candidate.id)
    made = await offers.offers_of(ctx.session, candidate.id)
    arrival = await offers.arrival_of(ctx.session, candidate.id)
    found = []
    for application, job in await public.applications_of(ctx.session, candidate.id):
        own = [one for one in meetings if one.application_id == application.id]
        offer = next((one for one in made if one.application_id == application.id and one.sent_at), None)
        begun = arrival.onboarding if arrival and arrival.onboarding.application_id == application.id else None
        found.append(Standing(application, job, next_step(application, own, offer, begun, now), own))
    return found


async def own_case(ctx: Context, application_id: UUID) -> Case:
    candidate = await me(ctx)
    case = await core.case(ctx.session, application_id, lock=True)
    if case is None or case.candidate.id != candidate.id:
        raise ApplicationNotFound(_("没有这份应聘。"))
    return case


async def withdraw(ctx: Context, application_id: UUID, *, reason: str) -> None:
    """The candidate takes an application back."""
    await applications.end(ctx, await own_case(ctx, application_id), "withdrawn", reason="gave_up", note=reason[:500])


async def survey(ctx: Context, application_id: UUID, *, score: int, said: str) -> None:
    """How it was, 1 to 5, once for each application that has ended or come to an offer."""
    case = await own_case(ctx, application_id)
    if not 1 <= score <= 5:
        raise InvalidRecruiting(_("请选 1 到 5 分。"), fields={"score": _("请选 1 到 5 分")})
    if application_id in await public.surveyed(ctx.session, case.candidate.id):
        raise NotReady(_("您已经评价过了，谢谢。"))
    timeline.add(
        ctx,
        "survey",
        candidate_id=case.candidate.id,
        application_id=application_id,
        data={"score": score, "stage_kind": case.application.stage_kind, "state": case.application.state},
        note=said.strip()[:2000],
    )
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.survey.give",
        object_type="recruiting.application",
        object_id=application_id,
        changes={"score": (None, score)},
    )


async def copy_of(ctx: Context, candidate: Candidate) -> dict[str, Any]:
    """Everything held about the person, to take along (PIPL 45): what they gave, what they agreed to, how it went.

    What interviewers wrote is not in it: that is theirs, and about their own judgement.
    """
    audit.record(
        ctx,
        "recruiting.portal.copy",
        object_type="recruiting.candidate",
        object_id=candidate.id,
        fields=["everything"],
        sensitive=True,
    )
    plain = ("name", "gender", "city", "degree", "school", "major", "employer", "title", "years")
    given: dict[str, Any] = {name: getattr(candidate, name) for name in plain}
    given |= {"mobile": candidate.mobile, "mail": candidate.mail, "id_number": candidate.id_number}
    given |= {"salary_wish_fen": candidate.salary_wish_fen, "profile": candidate.profile}
    given["born_on"] = candidate.born_on
    return {
        "company": ctx.tenant.name,
        "made_at": datetime.now(UTC),
        "person": given,
        "kept_until": candidate.keep_until,
        "consents": [
            {"purpose": one.purpose, "edition": one.edition, "given_at": one.given_at, "ended_at": one.withdrawn_at}
            for one in await public.consents(ctx.session, candidate.id)
        ],
        "applications": [
            {
                "job": job.title,
                "applied_at": application.applied_at,
                "state": application.state,
                "answers": application.answers,
                "feedback": application.feedback,
            }
            for application, job in await public.applications_of(ctx.session, candidate.id)
        ],
        "history": [{"at": one.at, "what": one.kind} for one in await public.events(ctx.session, candidate.id)],
    }


def as_json(data: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(data), indent=2)
