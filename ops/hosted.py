"""The hosted service, put together: many customers, each in a schema of its own. Read this to know what runs.

Everything that differs from the appliance is a part handed in here. Nothing is opened before it is used.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from redis.asyncio import Redis
from sqlalchemy import text

import licensing.cards
import licensing.pages
import licensing.routes
import zhiren.approvals.pages
import zhiren.approvals.pages.mine
import zhiren.approvals.routes
import zhiren.audit.pages
import zhiren.audit.routes
import zhiren.auth.pages
import zhiren.auth.routes
import zhiren.calendar.jobs
import zhiren.calendar.pages
import zhiren.jobs.pages
import zhiren.jobs.routes
import zhiren.meet
import zhiren.notices.pages
import zhiren.site.pages
from licensing import keys
from licensing.document import Verifier
from licensing.entitlements import Entitlements
from licensing.guards import Growth
from modules import payroll, records, recruiting
from modules.records import api as records_api
from ops import console, logs, memory
from tenants.registry import Registry
from zhiren import files, guests
from zhiren.app import Deployment, create_app
from zhiren.audit.sequencer import Sequencer
from zhiren.auth import NAVIGATION
from zhiren.auth.errors import ReauthenticationRequired
from zhiren.auth.policy import policy_of
from zhiren.auth.reauth import on_reauthentication
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.service import seed_roles
from zhiren.auth.service.sessions import forget_ended
from zhiren.context import Context
from zhiren.crypto import VaultKeyService
from zhiren.db import Database
from zhiren.guests import GuestRuntime
from zhiren.jobs import housekeeping
from zhiren.jobs.runtime import runtime_of
from zhiren.jobs.scheduler import Periodic, Service, Task
from zhiren.modules import Module
from zhiren.notices import periodic
from zhiren.parcels import make_parcels
from zhiren.settings import Settings
from zhiren.web.errors import UnknownHost
from zhiren.web.idempotency import forget_expired

MODULES: Sequence[Module] = (records.module, recruiting.module, payroll.module)

#: how often it is asked whose calendar elsewhere is due; each is read every quarter of an hour
CALENDARS_S = 60.0

#: of the platform's rooms and of the vendor's console; modules bring their own
ROUTES: Sequence[Any] = (
    *zhiren.auth.pages.HANDLERS,
    *zhiren.auth.routes.HANDLERS,
    *zhiren.approvals.pages.route_handlers,
    *zhiren.approvals.routes.route_handlers,
    *zhiren.audit.pages.route_handlers,
    *zhiren.audit.routes.route_handlers,
    *zhiren.calendar.pages.route_handlers,
    *zhiren.jobs.pages.route_handlers,
    *zhiren.jobs.routes.route_handlers,
    *zhiren.meet.route_handlers,
    *zhiren.notices.pages.HANDLERS,
    *licensing.pages.route_handlers,
    *licensing.routes.route_handlers,
    *zhiren.site.pages.HANDLERS,
    *console.HANDLERS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted(Deployment):
    """The web's parts, with what workers and the scheduler need besides."""

    settings: Settings
    database: Database
    tenants: Registry
    entitlements: Entitlements


def deployment(
    settings: Settings, database: Database | None = None, *, licence_keys: Sequence[str] = keys.PRODUCTION
) -> Hosted:
    """All parts for one process. Whose licences count is the caller's to say: only the demonstration says otherwise.

    A ``database`` that is handed in stays open when the application ends.
    """
    key_service = VaultKeyService(settings)
    data = database or Database(settings, key_service)
    entitlements = Entitlements(data, Verifier(licence_keys), MODULES, count_seats=records_api.headcount)
    auth = AuthRuntime(settings, MODULES)
    operators = console.Console(settings, data)
    meet = zhiren.meet.make_meet(settings)
    redis = Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)

    async def database_answers() -> None:
        async with data.control() as session:
            await session.execute(text("SELECT 1"))

    @asynccontextmanager
    async def open_parts(_app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await redis.aclose()
            if database is None:
                await data.close()
            await key_service.close()

    return Hosted(
        settings=settings,
        database=data,
        tenants=Registry(data, settings.base_domain),
        entitlements=entitlements,
        authenticator=auth,
        guests=GuestRuntime(secure=auth.secure, limiter=auth.limiter),
        modules=MODULES,
        permissions=auth.permissions,
        route_handlers=ROUTES,
        navigation=(
            *NAVIGATION,
            *zhiren.approvals.NAVIGATION,
            *zhiren.audit.pages.navigation,
            *zhiren.calendar.pages.navigation,
            *zhiren.jobs.pages.navigation,
            *zhiren.notices.pages.navigation,
            *licensing.pages.navigation,
            *zhiren.site.NAVIGATION,
        ),
        exception_handlers={ReauthenticationRequired: on_reauthentication, UnknownHost: console.on_unknown_host},
        guards=(auth.guard, Growth(entitlements)),
        home_cards=(
            zhiren.approvals.pages.mine.card,
            licensing.cards.reminder(entitlements),
        ),
        packages=("licensing", "tenants", "ops"),
        state={"console": operators, "meet": meet, "parcels": make_parcels(redis, settings)},
        checks={"postgresql": database_answers, "redis": redis.ping, "openbao": key_service.answers},
        lifespan=(auth.lifespan, operators.lifespan, meet.hub.lifespan, open_parts),
    )


def application() -> Litestar:
    """For the server's processes, whose settings are in the environment they were started with (``ops.run``)."""
    settings = Settings.load(os.environ)
    logs.configure(settings)
    app = create_app(deployment(settings))
    memory.settle()
    return app


def scheduled(parts: Hosted) -> Sequence[Task]:
    """What ``zhiren scheduler`` does besides relaying jobs."""
    runtime, chores = runtime_of(parts), chores_of(parts)
    return (
        Service("audit chain", Sequencer(parts.settings.database_sequencer_url, parts.tenants.active).run),
        Periodic(
            "waiting notices", periodic.WAITING_EVERY_S, lambda: periodic.set_waiting_going(runtime, parts.settings)
        ),
        Periodic("bounced mails", periodic.BOUNCES_EVERY_S, lambda: periodic.read_bounces(runtime, parts.settings)),
        Periodic("calendars", CALENDARS_S, lambda: zhiren.calendar.jobs.ask_due(runtime)),
        Periodic("housekeeping", housekeeping.EVERY_S, lambda: housekeeping.tidy(runtime, chores)),
        Periodic(
            "operators' sessions", housekeeping.EVERY_S, lambda: console.forget_ended(parts.database, parts.settings)
        ),
    )


def chores_of(parts: Hosted) -> dict[str, housekeeping.Chore]:
    """What is forgotten of each customer once it is over, by name."""
    policy = policy_of(parts.settings)
    modules = {f"{one.name}.{chore.__name__}": chore for one in parts.modules for chore in one.housekeeping}
    return {
        "auth": lambda ctx: forget_ended(ctx, policy),
        "web.idempotency": forget_expired,
        "guests": guests.forget_ended,
        "files": files.forget_expired,
        "approvals": zhiren.approvals.hourly,
        **modules,
    }


async def seed(ctx: Context) -> None:
    """Rows that every new customer starts with; safe to repeat."""
    await seed_roles(ctx, MODULES)


__all__ = ["MODULES", "Hosted", "application", "deployment", "scheduled", "seed"]
