"""Pages that need more than links to be found: each is looked at in the file named here, which is held to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.browser.atlas import pattern

TOURED: Final[Mapping[str, Sequence[str]]] = {
    "test_approvals": (
        "/a/{token:str}",
        "/admin/approvals",
        "/admin/approvals/{kind:str}",
        "/admin/approvals/{kind:str}/versions/{number:int}",
        "/approvals",
        "/approvals/away",
        "/approvals/{case_id:uuid}",
    ),
    "test_board": (
        "/recruiting/candidates",
        "/recruiting/candidates/new",
        "/recruiting/candidates/{candidate_id:uuid}",
        "/recruiting/candidates/{candidate_id:uuid}/edit",
        "/recruiting/jobs/{job_id:uuid}/applications",
        "/recruiting/jobs/{job_id:uuid}/board",
        "/recruiting/settings",
        "/recruiting/settings/consent/{purpose:str}",
        "/recruiting/settings/tasks",
        "/recruiting/settings/{kind:str}",
    ),
    "test_doors": (
        "/agency",
        "/agency/jobs/{job_id:uuid}",
        "/agency/login",
        "/recruiting/jobs/{job_id:uuid}/times",
        "/recruiting/queue",
        "/recruiting/queue/wall",
        "/recruiting/referrals",
        "/recruiting/referrals/jobs/{job_id:uuid}",
        "/recruiting/referrals/rewards",
        "/recruiting/referrals/rules",
    ),
    "test_hires": (
        "/careers",
        "/careers/erased/{code:str}",
        "/careers/{slug:str}",
        "/careers/{slug:str}/apply",
        "/portal",
        "/portal/interviews/{interview_id:uuid}",
        "/portal/login",
        "/portal/me",
        "/portal/offers/{offer_id:uuid}",
        "/portal/onboarding",
        "/recruiting/analytics",
        "/recruiting/analytics/people",
        "/recruiting/applications/{application_id:uuid}/interview",
        "/recruiting/applications/{application_id:uuid}/offer",
        "/recruiting/interviews",
        "/recruiting/interviews/{interview_id:uuid}",
        "/recruiting/offers",
        "/recruiting/offers/{offer_id:uuid}",
        "/recruiting/offers/{offer_id:uuid}/edit",
        "/recruiting/onboarding",
        "/recruiting/onboarding/{onboarding_id:uuid}",
    ),
    "test_intake": (
        "/recruiting/intake",
        "/recruiting/intake/paste",
        "/recruiting/intake/{batch_id:uuid}",
        "/recruiting/mailbox",
        "/recruiting/resumes/{resume_id:uuid}",
    ),
    "test_openings": (
        "/recruiting/agencies",
        "/recruiting/agencies/{agency_id:uuid}",
        "/recruiting/batches",
        "/recruiting/batches/{batch_id:uuid}",
        "/recruiting/channels",
        "/recruiting/channels/{channel_id:uuid}",
        "/recruiting/headcount",
        "/recruiting/jobs",
        "/recruiting/jobs/new",
        "/recruiting/jobs/{job_id:uuid}",
        "/recruiting/jobs/{job_id:uuid}/edit",
        "/recruiting/jobs/{job_id:uuid}/rules",
        "/recruiting/jobs/{job_id:uuid}/settings",
        "/recruiting/requisitions",
        "/recruiting/requisitions/new",
        "/recruiting/requisitions/{requisition_id:uuid}",
        "/recruiting/requisitions/{requisition_id:uuid}/edit",
    ),
}


def elsewhere() -> dict[str, str]:
    """Route -> where it is looked at."""
    return {route: f"{file}.py" for file, routes in TOURED.items() for route in routes}


def unvisited(file: str, addresses: Iterable[str]) -> list[str]:
    """Routes that ``file`` promises to look at and has no address of among ``addresses``."""
    # the most particular first: `/new` is no id
    forms = {route: pattern(route) for route in sorted(TOURED[file], key=lambda one: (one.count("{"), one))}
    seen = {next((route for route, form in forms.items() if form.match(one)), "") for one in addresses}
    return sorted(forms.keys() - seen)
