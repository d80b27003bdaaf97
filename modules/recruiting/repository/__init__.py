"""Every query of recruiting, a file for each room. The common ones are named here."""

from __future__ import annotations

from modules.recruiting.repository.core import (
    Case,
    candidate,
    case,
    job,
    job_by_slug,
    live_application,
    next_number,
    same_people,
    set_search,
)
from modules.recruiting.repository.people import resumes

__all__ = [
    "Case",
    "candidate",
    "case",
    "job",
    "job_by_slug",
    "live_application",
    "next_number",
    "resumes",
    "same_people",
    "set_search",
]
