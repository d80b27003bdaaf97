"""The pages of recruiting: each room's ``route_handlers`` and places in the navigation."""

from __future__ import annotations

from typing import Any

from zhiren.modules import NavItem

route_handlers: tuple[Any, ...] = ()
#: section "招聘", orders 50 to 79; what everybody has stands without a section
NAVIGATION: tuple[NavItem, ...] = ()
