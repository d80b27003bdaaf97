"""What travels in and out of recruiting's core. Other rooms keep theirs beside their routes."""

from __future__ import annotations

from datetime import date

import msgspec

from modules.recruiting.shapes import Profile


class CandidateData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of a person. Empty is not known."""

    name: str
    mobile: str | None = None
    mail: str | None = None
    id_number: str | None = None
    #: a month's
    salary_wish_fen: int | None = None
    gender: str = ""
    born_on: date | None = None
    city: str = ""
    degree: str = ""
    school: str = ""
    major: str = ""
    employer: str = ""
    title: str = ""
    #: of work
    years: float | None = None
    locale: str = "zh_CN"
    profile: Profile = Profile()
