"""The demonstration, put together: the hosted service, and the licences that anybody can sign.

``zhiren demo`` runs its processes with this composition; ``zhiren serve`` never does, and no setting can make it
(docs/decisions/0008-licences.md).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

from litestar import Litestar

from licensing import development
from licensing.document import Licence, sign
from ops import hosted, logs
from ops.hosted import Hosted, scheduled, seed
from zhiren.app import create_app
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.settings import Settings


def deployment(settings: Settings, database: Database | None = None) -> Hosted:
    return hosted.deployment(settings, database, licence_keys=(development.PUBLIC_KEY,))


def application() -> Litestar:
    settings = Settings.load(os.environ)
    logs.configure(settings)
    return create_app(deployment(settings))


def licence_for(tenant: TenantRef, *, modules: Sequence[str], seats: int, valid_from: date, valid_until: date) -> str:
    """A licence text for a customer of the demonstration, to be installed with ``licensing.service.install``."""
    licence = Licence(
        id=uuid4(),
        customer=tenant.name,
        tenant=tenant.id,
        modules=tuple(sorted(modules)),
        seats=seats,
        valid_from=valid_from,
        valid_until=valid_until,
        issued_at=datetime.now(UTC),
    )
    return sign(licence, development.PRIVATE_KEY)


__all__ = ["application", "deployment", "licence_for", "scheduled", "seed"]
