"""What pages and API say of licence and modules."""

from __future__ import annotations

from datetime import date

import msgspec

from licensing import rules
from licensing.entitlements import Entitlements, Standing
from zhiren.i18n import _


class ModuleView(msgspec.Struct, frozen=True, kw_only=True):
    """A module for this customer. ``in_use`` is bought, switched on, and all it requires in use."""

    name: str
    title: str
    summary: str
    bought: bool
    switched_on: bool
    in_use: bool
    #: titles of what it requires
    requires: list[str]
    #: names of required modules that are not in use
    missing: list[str]


class LicenceView(msgspec.Struct, frozen=True, kw_only=True):
    """The licence in force. ``standing``: none, future, valid, ending, grace or ended."""

    standing: rules.Standing
    customer: str = ""
    modules: list[str] = msgspec.field(default_factory=list)
    seats: int = 0
    seats_used: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class ModuleSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool


class LicenceInstall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``text`` begins with ``zhiren-licence-1``."""

    text: str


def module_views(entitlements: Entitlements, standing: Standing) -> list[ModuleView]:
    titles = {module.name: _(module.title) for module in entitlements.modules}
    return [
        ModuleView(
            name=state.module.name,
            title=_(state.module.title),
            summary=_(state.module.summary),
            bought=state.bought,
            switched_on=state.switched_on,
            in_use=state.in_use,
            requires=[titles.get(name, name) for name in state.module.requires],
            missing=list(state.missing),
        )
        for state in standing.states.values()
    ]


def licence_view(standing: Standing, seats_used: int | None = None) -> LicenceView:
    licence = standing.licence
    if licence is None:
        return LicenceView(standing="none")
    return LicenceView(
        standing=standing.kind,
        customer=licence.customer,
        modules=list(licence.modules),
        seats=licence.seats,
        seats_used=seats_used,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
    )
