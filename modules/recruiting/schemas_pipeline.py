"""An application as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec


class ApplicantView(msgspec.Struct, kw_only=True):
    """``mobile`` and ``mail`` are masked; empty where they are not known."""

    id: UUID
    name: str
    mobile: str
    mail: str
    city: str
    degree: str
    school: str
    employer: str
    title: str
    years: float | None
    tags: list[str]


class ApplicationView(msgspec.Struct, kw_only=True):
    """``stage`` is a code of the job's own, ``stage_kind`` what it means everywhere."""

    id: UUID
    job_id: UUID
    state: str
    stage: str
    stage_kind: str
    stage_since: datetime
    applied_at: datetime
    ended_at: datetime | None
    reason: str
    channel_id: UUID | None
    version: int
    candidate: ApplicantView


class Move(msgspec.Struct, forbid_unknown_fields=True):
    stage: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
