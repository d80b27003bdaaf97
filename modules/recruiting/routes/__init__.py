"""The JSON API of recruiting, by room."""

from __future__ import annotations

from typing import Any

from modules.recruiting.routes import openings

route_handlers: tuple[Any, ...] = (*openings.route_handlers,)
