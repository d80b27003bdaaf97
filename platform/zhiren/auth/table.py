"""The list of log-ins: its columns, filters and order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zhiren.auth import repository
from zhiren.auth.models import User
from zhiren.auth.schemas import RoleOut, UserOut
from zhiren.i18n import N_, _
from zhiren.web.tables import Column, Filter, TableSpec

STATES: Final[dict[Any, tuple[str, str]]] = {"active": ("success", N_("在用")), "disabled": ("danger", N_("已停用"))}


def role_title(role: RoleOut) -> str:
    """Built-in roles speak the reader's language, the customer's own its."""
    return _(role.title) if role.builtin else role.title


def users_table(roles: Mapping[str, RoleOut]) -> TableSpec:
    """The table of ``select(User)``, its rows made into ``UserOut``. ``roles`` by code give the titles."""

    def titles(user: UserOut) -> str:
        return _("、").join(role_title(roles[held.role]) for held in user.roles)

    return TableSpec(
        name="auth.users",
        title=N_("帐号"),
        columns=(
            Column("name", N_("姓名"), User.name, main=True, search=True, href=_href),
            Column("login", N_("登录名"), User.login, search=True),
            Column("roles", N_("角色"), value=titles, sort=False),
            Column("second_factor", N_("两步验证"), User.totp_enabled_at, value=_second_factor),
            Column("last_login_at", N_("上次登录"), User.last_login_at, kind="datetime"),
            Column("status", N_("状态"), User.status, badges=STATES),
            Column("created_at", N_("建立于"), User.created_at, kind="datetime", shown=False),
        ),
        filters=(
            Filter("role", N_("角色"), apply=repository.holding),
            Filter("status", N_("状态"), User.status, choices=(("active", N_("在用")), ("disabled", N_("已停用")))),
            Filter(
                "second_factor",
                N_("两步验证"),
                choices=(("on", N_("已打开")), ("off", N_("未打开"))),
                apply=lambda value: (
                    User.totp_enabled_at.is_not(None) if value == "on" else User.totp_enabled_at.is_(None)
                ),
            ),
        ),
        order_by=(User.login, User.id),
        row_href=_href,
    )


def _second_factor(user: UserOut) -> str:
    return _("已打开") if user.second_factor else _("未打开")


def _href(user: Any) -> str:
    return f"/admin/users/{user.id}"
