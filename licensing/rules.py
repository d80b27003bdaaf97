"""What follows from a licence, the switches and the day: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from licensing.document import Licence
from zhiren.modules import Module

GRACE: Final = timedelta(days=30)
#: seats are warned about when full, and refused beyond this share
SEATS_TOLERANCE_PERCENT: Final = 110
#: days before the end from which the administrator is reminded
REMIND: Final = timedelta(days=30)

Standing = Literal["none", "future", "valid", "ending", "grace", "ended"]


def standing(licence: Licence | None, today: date) -> Standing:
    """Where ``today`` lies in the licence's life. Only ``none`` and ``future`` switch anything off."""
    if licence is None:
        return "none"
    if today < licence.valid_from:
        return "future"
    if today > licence.valid_until + GRACE:
        return "ended"
    if today > licence.valid_until:
        return "grace"
    return "ending" if today > licence.valid_until - REMIND else "valid"


@dataclass(frozen=True, slots=True)
class ModuleState:
    """One module for one customer. ``missing`` names required modules that are not in use."""

    module: Module
    bought: bool
    switched_on: bool
    missing: tuple[str, ...] = ()

    @property
    def in_use(self) -> bool:
        return self.bought and self.switched_on and not self.missing


def module_states(
    modules: Sequence[Module], licence: Licence | None, switches: Mapping[str, bool], today: date
) -> dict[str, ModuleState]:
    """Each module: bought ∧ switched on ∧ what it requires in use."""
    bought = (
        frozenset(licence.modules) if licence and standing(licence, today) not in ("none", "future") else frozenset()
    )
    states: dict[str, ModuleState] = {}
    waiting = {module.name: module for module in modules}
    while waiting:
        ready = [module for module in waiting.values() if not set(module.requires) & waiting.keys()]
        if not ready:
            raise ValueError(f"modules require each other in a circle: {sorted(waiting)}")
        for module in ready:
            del waiting[module.name]
            missing = tuple(name for name in module.requires if name not in states or not states[name].in_use)
            states[module.name] = ModuleState(module, module.name in bought, switches.get(module.name, True), missing)
    return {module.name: states[module.name] for module in modules}


def in_use(states: Iterable[ModuleState]) -> frozenset[str]:
    return frozenset(state.module.name for state in states if state.in_use)


def dependants_in_use(states: Mapping[str, ModuleState], name: str) -> list[ModuleState]:
    """Modules in use that require ``name``."""
    return [state for state in states.values() if state.in_use and name in state.module.requires]


def most(seats: int) -> int:
    """The largest number of people that is not refused."""
    return seats * SEATS_TOLERANCE_PERCENT // 100


Fullness = Literal["free", "full", "over"]


def fullness(used: int, seats: int, adding: int = 0) -> Fullness:
    """``full`` warns, ``over`` refuses: more than 110 % of the seats after ``adding`` people."""
    if (used + adding) * 100 > seats * SEATS_TOLERANCE_PERCENT:
        return "over"
    return "full" if used + adding >= seats else "free"
