"""The module contract: what a module declares about itself, and all that a composition imports of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zhiren.context import ScopeKind


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that roles may grant. ``title`` is the Chinese source text; ``scoped`` says a data scope applies."""

    name: str
    title: str
    scoped: bool = False
    #: grants the built-in roles start with: role code -> scope
    defaults: tuple[tuple[str, ScopeKind], ...] = ()


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the navigation, shown to whom ``permission`` is granted while the module is on."""

    title: str
    path: str
    permission: str
    icon: str = ""
    section: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Module:
    """One module. ``title`` and ``summary`` are Chinese source texts for gettext; ``package`` finds templates and
    catalogues. ``requires`` names modules that must be on for this one to be on."""

    name: str
    title: str
    summary: str
    version: str
    package: str
    requires: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    navigation: tuple[NavItem, ...] = ()
    route_handlers: Sequence[Any] = ()
    #: functions made with ``zhiren.jobs.job``
    jobs: Sequence[Any] = ()
    #: (event name, async handler(ctx, payload)); called in a job of its own after commit
    event_handlers: Sequence[tuple[str, Callable[..., Any]]] = ()
    #: async functions (ctx) -> rows removed, done every hour for every customer: what is over is forgotten
    housekeeping: Sequence[Callable[..., Any]] = ()
    #: tables are always there, whatever was bought: importing this list registers them
    models: Sequence[type] = ()
