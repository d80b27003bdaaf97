"""What travels in and out of openings: what is asked for, and what a job is made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from modules.recruiting.shapes import Question, Round, Rule, Stage

EmploymentType = Literal["full_time", "part_time", "intern", "contractor"]


class RequisitionData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a manager asks for. Pay is a month's, in fen."""

    title: str
    unit_id: UUID
    position_id: UUID | None = None
    headcount: int = 1
    reason: Literal["new", "replacement", "project"] = "new"
    #: an employee
    replaces_id: UUID | None = None
    city: str = ""
    employment_type: EmploymentType = "full_time"
    target_date: date | None = None
    salary_min_fen: int | None = None
    salary_max_fen: int | None = None
    justification: str = ""


class JobData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A job's own fields. Pay that is left out stays as it is."""

    title: str
    unit_id: UUID
    owner_id: UUID
    position_id: UUID | None = None
    legal_entity_id: UUID | None = None
    batch_id: UUID | None = None
    city: str = ""
    address: str = ""
    employment_type: EmploymentType = "full_time"
    hire_mode: Literal["social", "campus", "internal"] = "social"
    headcount: int = 1
    duties: str = ""
    requirements: str = ""
    benefits: str = ""
    salary_min_fen: int | UnsetType | None = UNSET
    salary_max_fen: int | UnsetType | None = UNSET
    salary_text: str = ""
    listed: bool = True
    closes_on: date | None = None
    target_date: date | None = None
    manager_id: UUID | None = None
    recruiter_ids: list[UUID] = msgspec.field(default_factory=list)
    agency_ids: list[UUID] = msgspec.field(default_factory=list)
    referral_reward_fen: int = 0


class NewJob(JobData, kw_only=True, forbid_unknown_fields=True):
    """``requisition_id`` is an approved one; it is left out where no request was needed."""

    requisition_id: UUID | None = None


class RequisitionView(msgspec.Struct, kw_only=True):
    """Pay is never in it: it is asked for on the page, where the asking is recorded."""

    id: UUID
    number: str
    title: str
    state: str
    unit_id: UUID
    position_id: UUID | None
    headcount: int
    reason: str
    city: str
    employment_type: str
    target_date: date | None
    justification: str
    requester_id: UUID
    created_at: datetime
    decided_at: datetime | None
    version: int


class JobView(msgspec.Struct, kw_only=True):
    id: UUID
    number: str
    slug: str
    title: str
    state: str
    unit_id: UUID
    position_id: UUID | None
    requisition_id: UUID | None
    city: str
    employment_type: str
    hire_mode: str
    headcount: int
    duties: str
    requirements: str
    benefits: str
    salary_text: str
    listed: bool
    opened_on: date | None
    closes_on: date | None
    target_date: date | None
    owner_id: UUID
    manager_id: UUID | None
    recruiter_ids: list[UUID]
    stages: list[Stage]
    questions: list[Question]
    rules: list[Rule]
    rounds: list[Round]
    version: int
