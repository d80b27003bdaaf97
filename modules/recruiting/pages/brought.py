"""Forms that a résumé fills: of who applies, and of who is brought by agencies and colleagues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from litestar.datastructures import UploadFile

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Resume
from modules.recruiting.schemas import CandidateData
from modules.recruiting.service.introducing import Introduction
from modules.recruiting.shapes import DEGREES
from zhiren.i18n import _
from zhiren.web.fields import AnyRequest, Form, uuid_of

MAX_RESUME_BYTES: Final = 20 << 20
_SAID: Final = ("name", "city", "school", "major", "employer", "title", "mobile", "mail")
_Reader = Callable[[str, bytes], Awaitable[tuple[Resume, dict[str, Any]]]]


async def take_resume(request: AnyRequest, form: Form, values: dict[str, Any], read: _Reader) -> bool:
    """Reads the file that came along; what was typed stays, what was read fills the rest. Answers whether reading was
    all that was asked for. Raises ResumeRefused; InvalidRecruiting where reading was asked for without a file.
    """
    asked = form["act"] == "read"
    file = (await request.form()).get("resume")
    if isinstance(file, UploadFile) and file.filename:
        resume, found = await read(file.filename, await file.read(MAX_RESUME_BYTES + 1))
        values["resume_id"] = str(resume.id)
        values |= {name: value for name, value in found.items() if not values.get(name)}
    elif asked:
        raise InvalidRecruiting(_("还没有选择简历文件。"), fields={"resume": _("请先选择文件")})
    return asked


def read_introduction(
    form: Form, values: dict[str, Any], *, locale: str, source: str, by: tuple[UUID, str]
) -> Introduction:
    """What the form and the résumé say; ``by`` is who brings the person, with the name the person is told."""
    texts: dict[str, Any] = {name: str(values.get(name) or "").strip()[:200] for name in _SAID}
    degree = values["degree"] if values.get("degree") in DEGREES else ""
    years = str(values.get("years") or "")
    given = years.replace(".", "", 1).isdecimal()
    data = CandidateData(**texts, degree=degree, years=min(float(years), 60.0) if given else None, locale=locale)
    return Introduction(
        data=data,
        source=source,
        by=by[0],
        by_name=by[1],
        resume_id=uuid_of(str(values.get("resume_id") or "")),
        consent=bool(form["consent"]),
        note=form["note"],
    )
