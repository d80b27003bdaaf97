"""How long a candidate's data are kept, by the customer's own setting (PIPL article 19: no longer than needed)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from modules.recruiting.repository import settings as queries
from zhiren.clock import today
from zhiren.context import Context

#: days after the last thing that happened, unless the customer says otherwise
DEFAULT_DAYS: Final = 730


async def until(ctx: Context) -> date:
    """The last day the data of somebody who acts today are kept."""
    data = await queries.settings(ctx.session)
    return today() + timedelta(days=int(data.get("keep_days", DEFAULT_DAYS)))
