"""Every permission there is: the platform's own, and what each module declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from zhiren.modules import Module, Permission

#: Chinese source titles of the built-in roles
BUILTIN_ROLES: Final[Mapping[str, str]] = {
    "admin": "系统管理员",
    "hr": "人事",
    "payroll": "薪酬",
    "manager": "主管",
    "employee": "员工",
}

PLATFORM: Final[tuple[Permission, ...]] = (
    Permission("auth.users.manage", "管理登录帐号", defaults=(("admin", "all"),)),
    Permission("auth.roles.manage", "管理角色与权限", defaults=(("admin", "all"),)),
    # an administrator appoints the payroll officer without reading pay: the right to grant is apart from the right
    # itself, and nobody changes their own roles
    Permission("auth.roles.grant_any", "授予自己没有的权限", defaults=(("admin", "all"),)),
    Permission("audit.read", "查看审计记录", defaults=(("admin", "all"),)),
    Permission("licensing.manage", "管理授权与模块开关", defaults=(("admin", "all"),)),
    Permission("notices.settings", "管理通知的发送与文字", defaults=(("admin", "all"),)),
    Permission("calendar.rooms.manage", "管理会议室", defaults=(("admin", "all"), ("hr", "all"))),
    Permission("site.manage", "设置对外页面的外观", defaults=(("admin", "all"),)),
    Permission("approvals.flows", "设计审批流程", defaults=(("admin", "all"), ("hr", "all"))),
    Permission("jobs.read", "查看全部后台任务", defaults=(("admin", "all"),)),
    Permission(
        "field.pay.read",
        "查看薪酬字段",
        scoped=True,
        defaults=(("payroll", "all"), ("hr", "self"), ("employee", "self")),
    ),
    Permission("field.identity.read", "查看证件字段", scoped=True, defaults=(("hr", "all"), ("employee", "self"))),
    Permission(
        "field.contact.read",
        "查看联系方式字段",
        scoped=True,
        defaults=(("hr", "all"), ("manager", "direct_reports"), ("employee", "self")),
    ),
)


def registry(modules: Iterable[Module]) -> dict[str, Permission]:
    """All permissions by name. Raises ValueError when two declare the same name."""
    found: dict[str, Permission] = {}
    for permission in (*PLATFORM, *(p for module in modules for p in module.permissions)):
        if permission.name in found and found[permission.name] is not permission:
            raise ValueError(f"permission {permission.name!r} is declared twice")
        found[permission.name] = permission
    return found


def defaults(permissions: Mapping[str, Permission]) -> dict[str, dict[str, str]]:
    """Grants of the built-in roles: role code -> permission -> scope."""
    grants: dict[str, dict[str, str]] = {code: {} for code in BUILTIN_ROLES}
    for permission in permissions.values():
        for code, scope in permission.defaults:
            if code not in grants:
                raise ValueError(f"permission {permission.name!r} names an unknown role {code!r}")
            if scope != "none":
                grants[code][permission.name] = scope if permission.scoped else "all"
    return grants
