"""Refusals that belong to HTTP itself: where the request was sent, how, and in what state."""

from __future__ import annotations

from zhiren.errors import Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed, Unavailable, ZhirenError


class UnknownHost(NotFound):
    """No customer answers to this host name."""

    code = "web.unknown_host"


class TenantSuspended(Forbidden):
    code = "web.tenant_suspended"


class ModuleOff(Forbidden):
    """The module is not on for this customer, and the composition's entitlements could not say why."""

    code = "web.module_off"


class CsrfFailed(Forbidden):
    """An unsafe request with cookies, and no proof that one of our own pages sent it."""

    code = "web.csrf"


class MalformedInput(ZhirenError):
    """Text that no field can hold (NUL, lone surrogates), or a value of the wrong form."""

    code = "web.malformed_input"
    status = 400


class PreconditionRequired(ZhirenError):
    """An edit without ``If-Match`` (RFC 6585, 3)."""

    code = "web.precondition_required"
    status = 428


class IdempotencyMismatch(InvalidInput):
    """The same ``Idempotency-Key`` with another body."""

    code = "web.idempotency_mismatch"


class EditedMeanwhile(Conflict):
    code = "web.edited_meanwhile"


class NotOffered(NotFound):
    """For who comes from outside: this customer does not offer it at present. Nothing of licences and switches."""

    code = "web.not_offered"


class OutcomeUnknown(Unavailable):
    """The database went away while it was told to commit: it may have done so."""

    code = "web.outcome_unknown"


__all__ = [
    "CsrfFailed",
    "EditedMeanwhile",
    "IdempotencyMismatch",
    "MalformedInput",
    "ModuleOff",
    "OutcomeUnknown",
    "PreconditionFailed",
    "PreconditionRequired",
    "TenantSuspended",
    "UnknownHost",
]
