"""Background work of recruiting, by room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules.recruiting.jobs import answers, chores, intake, mail
from modules.recruiting.service import sourcing
from modules.recruiting.service.intake import forget_unclaimed
from modules.recruiting.service.mailing import ask_for_an_hour

JOBS: tuple[Any, ...] = (
    intake.read,
    mail.fetch,
)
EVENT_HANDLERS: tuple[tuple[str, Callable[..., Any]], ...] = answers.EVENT_HANDLERS
#: done every hour for every customer: what is over is forgotten, what is due is reminded of
HOUSEKEEPING: tuple[Callable[..., Any], ...] = (*chores.HOUSEKEEPING, sourcing.wake, forget_unclaimed, ask_for_an_hour)
