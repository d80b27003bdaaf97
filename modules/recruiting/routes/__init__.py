"""The JSON API of recruiting, by room."""

from __future__ import annotations

from typing import Any

route_handlers: tuple[Any, ...] = ()
