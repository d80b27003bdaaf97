"""Expected refusals of recruiting; codes never change once published."""

from __future__ import annotations

from zhiren.errors import Conflict, Forbidden, InvalidInput, NotFound


class JobNotFound(NotFound):
    """There is none, or it is not the reader's to see: the two are not told apart."""

    code = "recruiting.job_not_found"


class CandidateNotFound(NotFound):
    code = "recruiting.candidate_not_found"


class ResumeNotFound(NotFound):
    code = "recruiting.resume_not_found"


class ApplicationNotFound(NotFound):
    code = "recruiting.application_not_found"


class RequisitionNotFound(NotFound):
    code = "recruiting.requisition_not_found"


class InterviewNotFound(NotFound):
    code = "recruiting.interview_not_found"


class OfferNotFound(NotFound):
    code = "recruiting.offer_not_found"


class OnboardingNotFound(NotFound):
    code = "recruiting.onboarding_not_found"


class EntryNotFound(NotFound):
    """A channel, agency, batch or a row of the customer's own lists."""

    code = "recruiting.entry_not_found"


class InvalidRecruiting(InvalidInput):
    code = "recruiting.invalid"


class JobClosed(Conflict):
    """The job takes no applications now."""

    code = "recruiting.job_closed"


class AlreadyApplied(Conflict):
    code = "recruiting.already_applied"


class ApplicationEnded(Conflict):
    """Nothing moves an application that has ended: restore it first."""

    code = "recruiting.application_ended"


class BoardChanged(Conflict):
    """Somebody else moved or ended it since the page was made."""

    code = "recruiting.board_changed"


class StageUnknown(Conflict):
    code = "recruiting.stage_unknown"


class NotReady(Conflict):
    """The step asked for does not follow the one it is at."""

    code = "recruiting.not_ready"


class SlotTaken(Conflict):
    code = "recruiting.slot_taken"


class AgencyOwned(Conflict):
    """Another agency, or the company itself, had this person before."""

    code = "recruiting.agency_owned"


class NotYours(Forbidden):
    code = "recruiting.not_yours"
