"""What candidates agree to: by purpose and edition of the text, given and taken back by themselves (PIPL 14, 15)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from modules.recruiting.models import Candidate, Consent
from modules.recruiting.repository import public
from modules.recruiting.service import timeline
from zhiren.context import Context
from zhiren.i18n import N_, _

#: purpose -> Chinese source text; a change of words is a new edition
TEXTS: Final[dict[str, tuple[int, str]]] = {
    "recruiting": (
        1,
        N_(
            "我同意贵公司为本次招聘使用我填写和上传的信息（包括联系方式、学历和工作经历），只让参与招聘的人查看，"
            "超过保存期限后删除。我可以随时登录查询、更正、复制、撤回同意或要求删除。"
        ),
    ),
    "introduced": (
        1,
        N_(
            "我已征得候选人本人同意，由我向贵公司推荐，并提供这里填写和上传的信息用于本次招聘。"
            "候选人会收到通知，可以随时查询、更正或要求删除。"
        ),
    ),
    "talent_pool": (1, N_("愿意加入人才库：以后有合适的职位可以联系我。随时可以退出。")),
}


def text_of(purpose: str) -> str:
    """In the reader's language."""
    return _(TEXTS[purpose][1])


def told(purpose: str) -> str:
    """As the candidate reads it: what others confirmed for them is not in their own words."""
    return _("推荐人确认您同意被推荐，并提供资料用于本次招聘。") if purpose == "introduced" else text_of(purpose)


def give(ctx: Context, candidate: Candidate, purpose: str) -> Consent:
    """The consent with the very words that were agreed to, as a hash."""
    edition, _source = TEXTS[purpose]
    now = datetime.now(UTC)
    consent = Consent(
        candidate_id=candidate.id,
        purpose=purpose,
        edition=edition,
        text_sha256=hashlib.sha256(text_of(purpose).encode()).hexdigest(),
        given_at=now,
        ip=ctx.ip,
    )
    ctx.session.add(consent)
    if purpose == "talent_pool" and candidate.pooled_at is None:
        candidate.pooled_at = now
    timeline.add(ctx, "consent", candidate_id=candidate.id, data={"purpose": purpose, "given": True})
    return consent


async def take_back(ctx: Context, candidate: Candidate, purpose: str) -> bool:
    """Ends every consent to ``purpose``; True when there was one. What was done before stays lawful (PIPL 15)."""
    now, found = datetime.now(UTC), False
    for consent in await public.consents(ctx.session, candidate.id):
        if consent.purpose == purpose and consent.withdrawn_at is None:
            consent.withdrawn_at, found = now, True
    if purpose == "talent_pool":
        candidate.pooled_at = None
    if found:
        timeline.add(ctx, "consent", candidate_id=candidate.id, data={"purpose": purpose, "given": False})
        await ctx.session.flush()
    return found
