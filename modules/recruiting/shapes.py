"""What the JSON documents of recruiting's tables hold: plans that a job carries, and what is known of a person."""

from __future__ import annotations

from typing import Literal

import msgspec

StageKind = Literal["new", "screening", "interview", "offer", "onboarding", "hired"]
#: in the order a person goes through them
STAGE_KINDS: tuple[StageKind, ...] = ("new", "screening", "interview", "offer", "onboarding", "hired")
Degree = Literal["", "below", "associate", "bachelor", "master", "doctor"]
#: from low to high: 高中及以下, 大专, 本科, 硕士, 博士
DEGREES: tuple[Degree, ...] = ("", "below", "associate", "bachelor", "master", "doctor")


class Stage(msgspec.Struct, frozen=True):
    """One column of a job's board. ``code`` is unique within the job and never changes."""

    code: str
    name: str
    kind: StageKind


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody who applies is asked."""

    code: str
    text: str
    kind: Literal["text", "yes_no", "choice", "number"] = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One screening rule of the customer's own: ``field`` ``op`` ``value``, with what becomes of who fails it.

    ``field`` is one of years, degree, city, licence, age is never one; or ``answer:<question code>``.
    """

    code: str
    name: str
    field: str
    op: Literal["at_least", "at_most", "is", "is_one_of", "contains"]
    value: str
    #: "flag" shows it to people, "set_aside" moves to the list of set-aside applications, reversible by one click
    effect: Literal["flag", "set_aside"] = "flag"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule said of one application: passed, failed, or unknown for want of the figure."""

    rule: str
    name: str
    outcome: Literal["passed", "failed", "unknown"]
    seen: str = ""
    wanted: str = ""
    effect: Literal["flag", "set_aside"] = "flag"


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a scorecard, scored 1 to 5 by people."""

    code: str
    name: str
    guide: str = ""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One round of a job's interview plan. ``panel`` are user ids as text."""

    code: str
    name: str
    mode: Literal["video", "onsite", "phone"] = "video"
    duration_min: int = 45
    panel: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


class Schooling(msgspec.Struct, frozen=True, kw_only=True):
    """``since`` and ``until`` are ``YYYY-MM`` or empty."""

    school: str
    major: str = ""
    degree: Degree = ""
    since: str = ""
    until: str = ""


class Experience(msgspec.Struct, frozen=True, kw_only=True):
    employer: str
    title: str = ""
    since: str = ""
    until: str = ""
    text: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate tells of schools, work and skills, beside what stands in columns of its own."""

    schooling: tuple[Schooling, ...] = ()
    experience: tuple[Experience, ...] = ()
    skills: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    summary: str = ""


class PayLine(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    amount_fen: int
    #: "month", "year" or "once"
    per: Literal["month", "year", "once"] = "month"


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """The pay package of an offer. ``base_fen`` is a month's."""

    base_fen: int
    probation_base_fen: int | None = None
    months_per_year: int = 12
    lines: tuple[PayLine, ...] = ()
    note: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """How an offer was accepted: what was read (hash), when, from where, and how they proved who they are."""

    letter_sha256: str
    answered_at: str
    ip: str
    user_agent: str
    proof: str
    typed_name: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one résumé that was taken in.

    ``new``: a candidate was made of it; ``known``: it went to somebody known; ``again``: the same file was sent for the
    same job before, as ``other``; ``unclear``: a person has to say whose it is; ``refused``: it was not read.
    """

    what: Literal["", "new", "known", "again", "unclear", "refused"] = ""
    #: résumé that is the same file
    other: str = ""
    #: somebody of the same name and school, who may be the same person
    likely: bool = False
    #: had applied for this job before
    applied: bool = False
