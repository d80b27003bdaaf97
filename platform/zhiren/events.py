"""Domain events: what one module tells the others, after the fact.

``emit`` writes the event into the caller's transaction. After the commit each handler that a module declared for it
(``Module.event_handlers``) runs in a job of its own, so that one handler's fault hurts neither caller nor others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zhiren.context import Context
from zhiren.jobs import repository

#: an event names rows by their ids
MAX_PAYLOAD_BYTES = 65_536


async def emit(ctx: Context, event: str, payload: Mapping[str, Any]) -> None:
    """Tell that ``event`` ("records.employee.changed") happened; ``payload`` holds ids, never personal data.

    Handlers are called at least once, as ``handler(ctx, payload)``, in a transaction of their own.
    """
    values = dict(payload)
    if len(json.dumps(values)) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{event}: an event names rows by ids, in at most {MAX_PAYLOAD_BYTES} bytes; emit several")
    await repository.insert_event(ctx.session, event, values)
    await repository.notify(ctx.session, ctx.tenant.id)
