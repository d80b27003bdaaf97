"""People who log in: accounts, sessions, second factor, roles, permissions and the fields they unmask."""

from __future__ import annotations

from typing import Final

from zhiren.auth.authenticator import Authenticator
from zhiren.auth.models import MODELS
from zhiren.auth.permissions import BUILTIN_ROLES, PLATFORM, registry
from zhiren.i18n import N_
from zhiren.modules import NavItem

NAVIGATION: Final = (
    NavItem(N_("帐号"), "/admin/users", "auth.users.manage", icon="users", section=N_("管理"), order=800),
    NavItem(N_("角色与权限"), "/admin/roles", "auth.roles.manage", icon="shield-lock", section=N_("管理"), order=810),
)

__all__ = ["BUILTIN_ROLES", "MODELS", "NAVIGATION", "PLATFORM", "Authenticator", "registry"]
