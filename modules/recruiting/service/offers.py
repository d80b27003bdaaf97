"""Offers: drafted, approved, sent as a signed letter, answered by the candidate, with evidence of the answer."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from modules.recruiting import repository as core
from modules.recruiting.errors import InvalidRecruiting, NotReady, OfferNotFound
from modules.recruiting.models import Offer
from modules.recruiting.repository import Case
from modules.recruiting.repository import offers as queries
from modules.recruiting.repository.offers import Proposal
from modules.recruiting.service import access, applications, onboarding, people, timeline
from modules.recruiting.shapes import Evidence, Package
from zhiren import approvals, audit, files, notices
from zhiren.context import Context
from zhiren.i18n import N_, _, use_locale
from zhiren.web.filters import day, moment

KIND: Final = "recruiting.offer"
ROOM: Final = "recruiting.offer"
#: days a candidate has to answer, unless HR says otherwise
VALID_DAYS: Final = 7


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer says."""

    title: str
    unit_id: UUID
    legal_entity_id: UUID
    start_on: date
    package: Package
    position_id: UUID | None = None
    #: employee in records
    manager_id: UUID | None = None
    place: str = ""
    probation_months: int = 3
    contract_months: int | None = 36
    locale: str = "zh_CN"


def check(terms: Terms) -> None:
    """Raises InvalidRecruiting. Probation by the Labour Contract Law, article 19: within one month for contracts under
    a year, two under three years, six from three years on."""
    faults: dict[str, str] = {}
    if not terms.title.strip():
        faults["title"] = _("请填写职位名称")
    if terms.package.base_fen <= 0:
        faults["base_fen"] = _("请填写月基本工资")
    probation = terms.package.probation_base_fen
    if probation is not None and probation * 100 < terms.package.base_fen * 80:
        faults["probation_base_fen"] = _("试用期工资不得低于转正工资的 80%（劳动合同法第二十条）")
    if terms.probation_months > longest_probation(terms.contract_months):
        faults["probation_months"] = _("试用期超过法定上限（劳动合同法第十九条）")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)


def longest_probation(contract_months: int | None) -> int:
    """Months; ``None`` is a contract without a fixed term (劳动合同法第十九条)."""
    if contract_months is None or contract_months >= 36:
        return 6
    if contract_months >= 12:
        return 2
    return 1 if contract_months >= 3 else 0


async def offer_of(ctx: Context, offer_id: UUID, *, lock: bool = False) -> Proposal:
    """For who hires for the job. Raises OfferNotFound."""
    found = await queries.proposal(ctx.session, offer_id, member=access.member(ctx), lock=lock)
    if found is None:
        raise OfferNotFound(_("没有这份录用通知，或者您不参与这个职位的招聘。"))
    return found


async def of_candidate(ctx: Context, offer_id: UUID, candidate_id: UUID, *, lock: bool = False) -> Proposal:
    """The candidate's own, once it was sent. Raises OfferNotFound."""
    found = await queries.proposal(ctx.session, offer_id, lock=lock)
    if found is None or found.candidate.id != candidate_id or found.offer.sent_at is None:
        raise OfferNotFound(_("没有这份录用通知。"))
    return found


async def draft(ctx: Context, case: Case, terms: Terms) -> Offer:
    """A new offer; the application moves to its job's offer stage. Raises NotReady where one is alive already."""
    check(terms)
    application, candidate, job = case
    if await queries.live_offer(ctx.session, application.id) is not None:
        raise NotReady(_("{name} 已有一份录用通知。", name=candidate.name), hint=_("要重来，请先作废那一份。"))
    offer = Offer(
        number=await core.next_number(ctx.session, "F", Offer),
        application_id=application.id,
        state="draft",
        created_by=ctx.actor.user_id,
        **_columns(terms),
    )
    ctx.session.add(offer)
    await ctx.session.flush()
    stage = applications.first_of(job, "offer")
    if stage is not None and application.stage_kind in ("new", "screening", "interview"):
        await applications.move(ctx, case, stage.code)
    _note(ctx, Proposal(offer, *case), "draft", fields=list(_columns(terms)))
    return offer


async def change(ctx: Context, proposal: Proposal, terms: Terms) -> None:
    """Only while it is a draft or was rejected."""
    check(terms)
    offer = proposal.offer
    _expect(offer, "draft", "rejected")
    for name, value in _columns(terms).items():
        setattr(offer, name, value)
    offer.state = "draft"
    await ctx.session.flush()
    _note(ctx, proposal, "change", fields=list(_columns(terms)))


async def submit(ctx: Context, proposal: Proposal) -> None:
    """To the customer's approval flow."""
    offer = proposal.offer
    _expect(offer, "draft")
    package = offer.package
    offer.state = "pending"
    await ctx.session.flush()
    _note(ctx, proposal, "submit")
    await approvals.start(
        ctx,
        KIND,
        offer.id,
        facts={
            "base_fen": package.base_fen if package else 0,
            "over_range": _over(proposal),
            "unit_id": offer.unit_id,
            "title": offer.title,
            "probation_months": offer.probation_months,
        },
        requested_by=ctx.actor,
    )


def _over(proposal: Proposal) -> bool:
    most, package = proposal.job.salary_max_fen, proposal.offer.package
    return most is not None and package is not None and package.base_fen > most


async def decided(ctx: Context, case: approvals.CaseView) -> None:
    """What the approval says happens to the offer."""
    proposal = await queries.proposal(ctx.session, case.subject_id, lock=True)
    if proposal is None or proposal.offer.state != "pending":
        return
    proposal.offer.state = {"approved": "approved", "rejected": "rejected"}.get(case.state, "draft")
    await ctx.session.flush()
    _note(ctx, proposal, proposal.offer.state)


async def describe(ctx: Context, offer_id: UUID) -> approvals.Card:
    """What a signer reads. The pay is shown: it is what they sign."""
    proposal = await queries.proposal(ctx.session, offer_id)
    if proposal is None:
        return approvals.Card(_("录用通知"))
    offer, package = proposal.offer, proposal.offer.package
    lines = [
        (_("候选人"), proposal.candidate.name),
        (_("职位"), offer.title),
        (_("入职日期"), day(offer.start_on)),
        (_("试用期"), _("{n} 个月", n=offer.probation_months)),
    ]
    if package is not None:
        lines.insert(2, (_("月基本工资"), f"{package.base_fen / 100:,.2f}"))
    if _over(proposal):
        lines.append((_("注意"), _("超出职位的薪资范围")))
    title = _("录用 {name}", name=proposal.candidate.name)
    opens = ctx.actor.can(access.HIRE) and await queries.proposal(ctx.session, offer_id, member=access.member(ctx))
    return approvals.Card(title, tuple(lines), f"/recruiting/offers/{offer_id}" if opens else "")


async def send(ctx: Context, proposal: Proposal, letter: bytes, *, valid_days: int = VALID_DAYS) -> None:
    """Keeps the signed ``letter`` and tells the candidate, who has ``valid_days`` to answer."""
    offer, _application, candidate, job = proposal
    _expect(offer, "approved")
    if not 1 <= valid_days <= 60:
        raise InvalidRecruiting(_("有效期请填 1 到 60 天。"), fields={"valid_days": _("请填 1 到 60")})
    name = _("录用通知 {number}.pdf", number=offer.number)
    kept = await files.put(ctx, room=ROOM, name=name, media_type="application/pdf", data=letter, owner=(KIND, offer.id))
    now = datetime.now(UTC)
    offer.file_id, offer.file_sha256 = kept.id, hashlib.sha256(letter).hexdigest()
    offer.state, offer.sent_at, offer.expires_at = "sent", now, now + timedelta(days=valid_days)
    await ctx.session.flush()
    _note(ctx, proposal, "send")
    with use_locale(candidate.locale):  # type: ignore[arg-type]  # a column that holds one of ours
        until = moment(offer.expires_at)
    await notices.send(
        ctx,
        "recruiting.offer.sent",
        to=people.recipient(candidate),
        values={"job": offer.title or job.title, "until": until},
        about=("recruiting.candidate", candidate.id),
        key=str(offer.id),
        link=f"/portal/offers/{offer.id}",
        attachments=(notices.Attachment(name, "application/pdf", letter),),
    )


async def accept(ctx: Context, proposal: Proposal, *, typed_name: str, proof: str) -> None:
    """The candidate accepts. ``proof`` says how they showed who they are. Onboarding begins in the same transaction.

    Raises InvalidRecruiting when the name typed is not theirs, NotReady when it cannot be answered any more.
    """
    offer, _application, candidate, _job = proposal
    _answerable(offer)
    if typed_name.strip() != candidate.name:
        faults = {"typed_name": _("与录用通知上的姓名不一致")}
        raise InvalidRecruiting(_("请输入您的姓名，与录用通知一致。"), fields=faults)
    now = datetime.now(UTC)
    evidence = Evidence(
        letter_sha256=offer.file_sha256,
        answered_at=now.isoformat(),
        ip=ctx.ip,
        user_agent=ctx.user_agent,
        proof=proof,
        typed_name=typed_name.strip(),
    )
    offer.state, offer.answered_at, offer.evidence = "accepted", now, evidence
    offer.evidence_sha256 = hashlib.sha256(msgspec.json.encode(evidence, order="sorted")).hexdigest()
    await ctx.session.flush()
    _note(ctx, proposal, "accept")
    await onboarding.begin(ctx, proposal)
    await _tell_owner(ctx, proposal, "recruiting.offer.accepted")


async def decline(ctx: Context, proposal: Proposal, *, reason: str) -> None:
    """The candidate declines. The application stays, so that people can still talk."""
    _answerable(proposal.offer)
    proposal.offer.state, proposal.offer.answered_at, proposal.offer.reason = "declined", datetime.now(UTC), reason
    await ctx.session.flush()
    _note(ctx, proposal, "decline", note=reason)
    await _tell_owner(ctx, proposal, "recruiting.offer.declined")


async def ask(ctx: Context, proposal: Proposal, *, question: str) -> None:
    """The candidate asks about it before answering."""
    _answerable(proposal.offer)
    if not question.strip():
        raise InvalidRecruiting(_("请写下您的问题。"), fields={"question": _("请写下您的问题")})
    _note(ctx, proposal, "ask", note=question.strip()[:2000])
    await _tell_owner(ctx, proposal, "recruiting.offer.asked", more=f"{datetime.now(UTC):%Y%m%d%H%M}")


async def withdraw(ctx: Context, proposal: Proposal, *, reason: str) -> None:
    """作废. Raises NotReady where it was accepted: that is a matter of the contract by then."""
    _expect(proposal.offer, "draft", "pending", "approved", "rejected", "sent")
    was_sent = proposal.offer.state == "sent"
    proposal.offer.state, proposal.offer.reason = "withdrawn", reason
    await ctx.session.flush()
    _note(ctx, proposal, "withdraw", note=reason)
    if was_sent:
        await notices.send(
            ctx,
            "recruiting.offer.withdrawn",
            to=people.recipient(proposal.candidate),
            values={"job": proposal.offer.title},
            about=("recruiting.candidate", proposal.candidate.id),
            key=str(proposal.offer.id),
            link="/portal",
        )


async def expire(ctx: Context) -> int:
    """Offers whose time is over, hourly; answers how many."""
    found = await queries.overdue(ctx.session, datetime.now(UTC))
    for proposal in found:
        proposal.offer.state = "expired"
        _note(ctx, proposal, "expire")
        await _tell_owner(ctx, proposal, "recruiting.offer.expired")
    await ctx.session.flush()
    return len(found)


def is_open(offer: Offer) -> bool:
    """Whether the candidate can answer it now."""
    return offer.state == "sent" and offer.expires_at is not None and offer.expires_at > datetime.now(UTC)


def _answerable(offer: Offer) -> None:
    if is_open(offer):
        return
    if offer.state == "sent":
        raise NotReady(_("这份录用通知已过有效期。"), hint=_("请联系招聘负责人。"))
    raise NotReady(_("这份录用通知已答复或已作废。"))


def _expect(offer: Offer, *states: str) -> None:
    if offer.state not in states:
        raise NotReady(_("录用通知的状态已变，不能这样做。"), hint=_("请刷新后再试。"))


def _columns(terms: Terms) -> dict[str, Any]:
    return {field: getattr(terms, field) for field in terms.__struct_fields__}


async def _tell_owner(ctx: Context, proposal: Proposal, kind: str, *, more: str = "") -> None:
    ids = [proposal.job.owner_id] + ([proposal.offer.created_by] if proposal.offer.created_by else [])
    for to in await people.colleagues(ctx, list(dict.fromkeys(ids))):
        await notices.send(
            ctx,
            kind,
            to=to,
            values={"candidate": proposal.candidate.name, "job": proposal.offer.title},
            about=(KIND, proposal.offer.id),
            key=f"{proposal.offer.id}:{more}",
            link=f"/recruiting/offers/{proposal.offer.id}",
        )


def _note(ctx: Context, proposal: Proposal, act: str, *, fields: list[str] | None = None, note: str = "") -> None:
    offer, application, candidate, _job = proposal
    timeline.add(
        ctx,
        "offer",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"act": act, "offer_id": str(offer.id), "number": offer.number},
        note=note,
    )
    audit.record(
        ctx,
        f"recruiting.offer.{act}",
        object_type="recruiting.offer",
        object_id=offer.id,
        fields=fields or [],
        changes=None if fields else {"state": (None, offer.state)},
    )


approvals.register(
    approvals.ApprovalKind(
        name=KIND,
        title=N_("录用审批"),
        facts=(
            approvals.Fact("base_fen", "fen", N_("月基本工资")),
            approvals.Fact("over_range", "bool", N_("超出职位的薪资范围")),
            approvals.Fact("unit_id", "unit", N_("部门")),
            approvals.Fact("title", "text", N_("职位名称")),
            approvals.Fact("probation_months", "int", N_("试用期（月）")),
        ),
        describe=describe,
        decided=decided,
    )
)
