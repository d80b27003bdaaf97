"""What candidates agree to: by purpose and edition of the text, given and taken back by themselves (PIPL 14, 15)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from modules.recruiting.errors import EntryNotFound, InvalidRecruiting
from modules.recruiting.models import Candidate, CatalogueEntry, Consent
from modules.recruiting.repository import public
from modules.recruiting.repository import settings as lists
from modules.recruiting.service import timeline
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import N_, _, use_locale

#: purpose -> the words that came with us, edition 1; the customer's own are editions from 2 on
TEXTS: Final[dict[str, str]] = {
    "recruiting": N_(
        "我同意贵公司为本次招聘使用我填写和上传的信息（包括联系方式、学历和工作经历），只让参与招聘的人查看，"
        "超过保存期限后删除。我可以随时登录查询、更正、复制、撤回同意或要求删除。"
    ),
    "introduced": N_(
        "我已征得候选人本人同意，由我向贵公司推荐，并提供这里填写和上传的信息用于本次招聘。"
        "候选人会收到通知，可以随时查询、更正或要求删除。"
    ),
    "talent_pool": N_("愿意加入人才库：以后有合适的职位可以联系我。随时可以退出。"),
}
TITLES: Final[dict[str, str]] = {
    "recruiting": N_("应聘时的同意"),
    "introduced": N_("推荐别人时的同意"),
    "talent_pool": N_("加入人才库的同意"),
}
MAX_TEXT: Final = 2000


class Wording(NamedTuple):
    """One edition of what is agreed to. ``english`` empty is read in Chinese by everybody."""

    purpose: str
    edition: int
    chinese: str
    english: str

    def text(self, locale: str) -> str:
        return self.english if locale == "en" and self.english else self.chinese


async def wordings(ctx: Context) -> dict[str, Wording]:
    """The newest edition of each purpose."""
    newest: dict[str, Wording] = {}
    for row in await lists.entries(ctx.session, "consent", active=False):
        if row.code not in newest or newest[row.code].edition < row.edition:
            newest[row.code] = _own(row)
    return {purpose: newest.get(purpose) or _ours(purpose) for purpose in TEXTS}


async def text_of(ctx: Context, purpose: str) -> str:
    """The newest words, in the reader's language."""
    return (await wordings(ctx))[purpose].text(ctx.locale)


async def told(ctx: Context, given: Iterable[Consent]) -> list[tuple[Consent, str]]:
    """Each consent with the words of its own edition; what others confirmed is told in the candidate's place."""
    own = {(row.code, row.edition): _own(row) for row in await lists.entries(ctx.session, "consent", active=False)}
    found = []
    for one in given:
        wording = own.get((one.purpose, one.edition)) or (_ours(one.purpose) if one.purpose in TEXTS else None)
        text = wording.text(ctx.locale) if wording else one.purpose
        if one.purpose == "introduced":
            text = _("推荐人确认您同意被推荐，并提供资料用于本次招聘。")
        found.append((one, text))
    return found


async def change(ctx: Context, purpose: str, chinese: str, english: str) -> Wording:
    """A new edition; who agreed before agreed to the words they read. Raises InvalidRecruiting, EntryNotFound."""
    if purpose not in TEXTS:
        raise EntryNotFound(_("没有这一项同意。"))
    chinese, english = chinese.strip(), english.strip()
    faults = {}
    if len(chinese) < 10:
        faults["chinese"] = _("请写明同意的内容，至少 10 字")
    for name, text in (("chinese", chinese), ("english", english)):
        if len(text) > MAX_TEXT:
            faults[name] = _("最多 {max} 字", max=MAX_TEXT)
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    before = (await wordings(ctx))[purpose]
    if (before.chinese, before.english) == (chinese, english):
        return before
    row = CatalogueEntry(
        kind="consent",
        code=purpose,
        edition=before.edition + 1,
        name=TITLES[purpose],
        data={"zh_CN": chinese, "en": english},
    )
    ctx.session.add(row)
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.consent_text.change",
        object_type="recruiting.catalogue",
        object_id=row.id,
        changes={"text": (before.chinese, chinese), "edition": (before.edition, row.edition)},
    )
    return _own(row)


async def give(ctx: Context, candidate: Candidate, purpose: str) -> Consent:
    """The consent with the very words that were agreed to, as a hash."""
    wording = (await wordings(ctx))[purpose]
    now = datetime.now(UTC)
    consent = Consent(
        candidate_id=candidate.id,
        purpose=purpose,
        edition=wording.edition,
        text_sha256=hashlib.sha256(wording.text(ctx.locale).encode()).hexdigest(),
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


def _ours(purpose: str) -> Wording:
    # both languages come from the catalogue of texts
    return Wording(purpose, 1, TEXTS[purpose], _in_english(TEXTS[purpose]))


def _in_english(text: str) -> str:
    with use_locale("en"):
        return _(text)


def _own(row: CatalogueEntry) -> Wording:
    return Wording(row.code, row.edition, str(row.data.get("zh_CN", "")), str(row.data.get("en", "")))
