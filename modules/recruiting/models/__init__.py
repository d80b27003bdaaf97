"""Recruiting's tables. What identifies or reaches a person, and every amount, is sealed (docs/recruiting-data.md)."""

from __future__ import annotations

from modules.recruiting.models.hires import Offer, Onboarding, Task
from modules.recruiting.models.meetings import Interview, Panelist, Slot
from modules.recruiting.models.openings import (
    Agency,
    AgencyMember,
    Batch,
    CatalogueEntry,
    Channel,
    Headcount,
    Job,
    Requisition,
)
from modules.recruiting.models.people import (
    Application,
    Candidate,
    Consent,
    Erasure,
    Merge,
    Resume,
    TimelineEvent,
)

MODELS = (
    Agency,
    AgencyMember,
    Application,
    Batch,
    Candidate,
    CatalogueEntry,
    Channel,
    Consent,
    Erasure,
    Headcount,
    Interview,
    Job,
    Merge,
    Offer,
    Onboarding,
    Panelist,
    Requisition,
    Resume,
    Slot,
    Task,
    TimelineEvent,
)

__all__ = [
    "MODELS",
    "Agency",
    "AgencyMember",
    "Application",
    "Batch",
    "Candidate",
    "CatalogueEntry",
    "Channel",
    "Consent",
    "Erasure",
    "Headcount",
    "Interview",
    "Job",
    "Merge",
    "Offer",
    "Onboarding",
    "Panelist",
    "Requisition",
    "Resume",
    "Slot",
    "Task",
    "TimelineEvent",
]
