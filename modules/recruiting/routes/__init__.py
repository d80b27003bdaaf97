"""The JSON API of recruiting, by room."""

from __future__ import annotations

from typing import Any

from modules.recruiting.routes import openings, pipeline

route_handlers: tuple[Any, ...] = (*openings.route_handlers, *pipeline.route_handlers)
