"""What workers and relays need of their surroundings."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from zhiren.context import Context, TenantRef
from zhiren.helpers import Helpers
from zhiren.modules import Module

if TYPE_CHECKING:
    from zhiren.db import Database
    from zhiren.settings import Settings

#: jobs of one customer that are with Redis or a worker at a time: a busy customer leaves room for the others
TENANT_LIMIT = 3

EventHandler = Callable[[Context, Mapping[str, Any]], Awaitable[None]]


class Tenants(Protocol):
    """Which customers there are. Both answers come from the database or a cache of a few seconds."""

    async def by_id(self, tenant_id: str) -> TenantRef:
        """The customer, if it is served now. Raises a ZhirenError: unknown, suspended, not ready."""
        ...

    async def active(self) -> Sequence[TenantRef]: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    database: Database
    tenants: Tenants
    #: event name -> handler name -> handler
    handlers: Mapping[str, Mapping[str, EventHandler]] = field(default_factory=dict)
    #: a holder that says nothing for so long has died
    lease_s: float = 15.0
    #: a hint that no worker took up by then must have been lost
    resend_s: float = 10.0
    #: of the installation; where a test runs jobs that ask for none, there are none
    settings: Settings | None = None
    #: do a job's long calculations
    helpers: Helpers = field(default_factory=Helpers)
    #: set when this process has been told to end
    stopping: threading.Event = field(default_factory=threading.Event)


class Deployment(Protocol):
    """The parts of a composition that work in the background (``zhiren.app.Deployment`` is one)."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Database: ...

    @property
    def tenants(self) -> Tenants: ...

    @property
    def modules(self) -> Sequence[Module]: ...


def runtime_of(deployment: Deployment) -> Runtime:
    return Runtime(
        deployment.database, deployment.tenants, event_handlers(deployment.modules), settings=deployment.settings
    )


def event_handlers(modules: Iterable[Module]) -> dict[str, dict[str, EventHandler]]:
    """Handlers by event and by a name that stays the same from release to release."""
    found: dict[str, dict[str, EventHandler]] = {}
    for module in modules:
        for event, handler in module.event_handlers:
            name = f"{module.name}.{handler.__name__}"
            if name in found.setdefault(event, {}):
                raise ValueError(f"two handlers of {event!r} are named {name!r}")
            found[event][name] = handler
    return found
