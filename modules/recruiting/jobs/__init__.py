"""Background work of recruiting, by room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules.recruiting.jobs import chores
from modules.recruiting.service import sourcing

JOBS: tuple[Any, ...] = ()
EVENT_HANDLERS: tuple[tuple[str, Callable[..., Any]], ...] = ()
#: done every hour for every customer: what is over is forgotten, what is due is reminded of
HOUSEKEEPING: tuple[Callable[..., Any], ...] = (*chores.HOUSEKEEPING, sourcing.wake)
