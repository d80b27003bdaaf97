"""Refusals about tenants."""

from __future__ import annotations

from typing import ClassVar

from zhiren.errors import Conflict, InvalidInput, NotFound, Unavailable, ZhirenError


class UnknownTenant(NotFound):
    """No customer answers to this host name or short name."""

    code: ClassVar[str] = "tenants.unknown"


class TenantSuspended(ZhirenError):
    """The customer exists and is switched off for now; its data stays."""

    code: ClassVar[str] = "tenants.suspended"
    status: ClassVar[int] = 403


class TenantNotReady(Unavailable):
    """Provisioning has begun and not ended; running it again finishes it."""

    code: ClassVar[str] = "tenants.not_ready"


class SlugTaken(Conflict):
    code: ClassVar[str] = "tenants.slug_taken"


class BadSlug(InvalidInput):
    code: ClassVar[str] = "tenants.bad_slug"


class PreflightFailed(ZhirenError):
    """The database lacks a guard that keeps tenants apart. Nothing starts on it."""

    code: ClassVar[str] = "tenants.preflight_failed"
    status: ClassVar[int] = 500
