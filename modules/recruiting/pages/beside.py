"""What stands beside the picture of a video interview: who it is, what to ask, and the way to the scorecard."""

from __future__ import annotations

from uuid import UUID

import msgspec
from markupsafe import Markup

from modules.recruiting.repository import interviews as queries
from modules.recruiting.service import interviews
from modules.recruiting.shapes import Experience, Profile, Schooling
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.meet import Member

_HEAD = Markup("<h2>{name}</h2><p>{about}</p>")
_PART = Markup("<h3>{title}</h3><ul>{lines}</ul>")
_LINE = Markup("<li>{text}</li>")
#: a page of its own: leaving this one would end the call
_WAY = Markup('<p><a class="btn" href="/recruiting/interviews/{id}" target="_blank" rel="noopener">{text}</a></p>')


async def beside_the_picture(ctx: Context, interview_id: UUID, _member: Member) -> Markup:
    """For ``register_panel``; asked for hosts and observers alone. Empty for an interview that is gone."""
    meeting = await queries.meeting(ctx.session, interview_id)
    if meeting is None:
        return Markup()
    candidate = meeting.candidate
    profile = msgspec.convert(candidate.profile, Profile)
    about = " · ".join(filter(None, (meeting.job.title, candidate.school, candidate.employer, candidate.title)))
    jobs = [" ".join(filter(None, (_span(one), one.employer, one.title))) for one in profile.experience]
    schools = [" ".join(filter(None, (_span(one), one.school, one.major))) for one in profile.schooling]
    asked = interviews.round_of(meeting.job, meeting.interview.round).questions
    parts = [
        _HEAD.format(name=candidate.name, about=about),
        _WAY.format(id=interview_id, text=_("写评价")),
        _part(_("问题提纲"), asked),
        _part(_("工作经历"), jobs),
        _part(_("教育经历"), schools),
        _part(_("技能"), profile.skills),
    ]
    return Markup("").join(parts)


def _part(title: str, lines: list[str] | tuple[str, ...]) -> Markup:
    if not lines:
        return Markup()
    return _PART.format(title=title, lines=Markup("").join(_LINE.format(text=line) for line in lines))


def _span(one: Experience | Schooling) -> str:
    return f"{one.since} – {one.until or _('至今')}" if one.since else one.until
