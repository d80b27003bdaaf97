"""What has ended is forgotten: every so often, for every customer, each chore in a transaction of its own."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.exc import OperationalError

from zhiren.context import Context
from zhiren.errors import Unavailable
from zhiren.jobs.runtime import Runtime

log = logging.getLogger(__name__)

EVERY_S = 3600.0
#: removes what is over for one customer, and says how many rows; must bear being done twice at once
Chore = Callable[[Context], Awaitable[int]]


async def tidy(runtime: Runtime, chores: Mapping[str, Chore]) -> Counter[str]:
    """Does every chore for every active customer; one that fails keeps no other from being done. Returns the rows
    removed by chore. Raises when the database or the key service is away: then nothing can be done."""
    removed: Counter[str] = Counter()
    for tenant in await runtime.tenants.active():
        for name, chore in chores.items():
            try:
                async with runtime.database.tenant(tenant) as ctx:
                    removed[name] += await chore(ctx)
            except (Unavailable, OperationalError):
                raise
            except Exception:
                log.exception("housekeeping: %s failed for %s", name, tenant.id)
    if removed.total():
        log.info("housekeeping: removed %s", ", ".join(f"{name} {n}" for name, n in sorted(removed.items()) if n))
    return removed
