"""Refusals about what was bought, and about licences."""

from __future__ import annotations

from zhiren.errors import Conflict, Forbidden, InvalidInput


class ModuleOff(Forbidden):
    """Bought, but switched off; the customer's administrator can switch it on."""

    code = "licensing.module_off"


class ModuleNotLicensed(Forbidden):
    """Not part of the customer's licence."""

    code = "licensing.module_not_licensed"


class ModuleRequired(Conflict):
    """Another module needs this one, or this one needs another."""

    code = "licensing.module_required"


class LicenceInvalid(InvalidInput):
    """Not a licence of ours, changed on its way, or not for this customer. Says which, and nothing was installed."""

    code = "licensing.licence_invalid"


class LicenceExpired(Forbidden):
    """Ended, and the days of grace as well: no new runs. Reading, export and log-in go on."""

    code = "licensing.expired"


class SeatsExceeded(Forbidden):
    """More active employees than the licence names, and the tolerance as well."""

    code = "licensing.seats_exceeded"
