"""What approvals refuse, with stable codes."""

from __future__ import annotations

from zhiren.errors import Conflict, InvalidInput, NotFound, TooManyRequests


class CaseNotFound(NotFound):
    code = "approvals.case_not_found"


class TaskNotFound(NotFound):
    code = "approvals.task_not_found"


class FlowNotFound(NotFound):
    code = "approvals.flow_not_found"


class LinkInvalid(NotFound):
    code = "approvals.link_invalid"


class AlreadyDecided(Conflict):
    """Somebody was faster, or the case has ended."""

    code = "approvals.already_decided"


class NobodyToSign(Conflict):
    code = "approvals.nobody_to_sign"


class SignerRefused(InvalidInput):
    """The person named cannot sign here."""

    code = "approvals.signer_refused"


class FlowInvalid(InvalidInput):
    code = "approvals.flow_invalid"


class AwayInvalid(InvalidInput):
    code = "approvals.away_invalid"


class RemindedAlready(TooManyRequests):
    code = "approvals.reminded_already"
