"""Roles as data: seeded, copied, edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import UNSET

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.errors import BuiltinRole, GrantExceeded
from zhiren.auth.models import Role
from zhiren.auth.permissions import BUILTIN_ROLES, defaults, registry
from zhiren.auth.rules import exceeding, valid_role_code, widened
from zhiren.auth.schemas import RoleCreate, RoleUpdate
from zhiren.auth.service.accounts import keep_an_administrator
from zhiren.context import Context
from zhiren.errors import Conflict, InvalidInput, NotFound, PreconditionFailed
from zhiren.i18n import _
from zhiren.modules import Module, Permission


async def seed_roles(ctx: Context, modules: Iterable[Module]) -> None:
    """Makes the built-in roles, and brings their grants to what platform and modules declare. Safe to repeat."""
    wanted = defaults(registry(modules))
    present = await repository.roles_by_code(ctx.session, BUILTIN_ROLES)
    for code, title in BUILTIN_ROLES.items():
        role = present.get(code)
        if role is None:
            role = Role(code=code, title=title, builtin=True)
            ctx.session.add(role)
            await ctx.session.flush()
        if await repository.grants_of_role(ctx.session, role.id) != wanted[code]:
            await repository.replace_grants(ctx.session, role.id, wanted[code])


async def create_role(ctx: Context, permissions: Mapping[str, Permission], data: RoleCreate) -> Role:
    """Raises InvalidInput, Conflict (code taken), GrantExceeded."""
    if not valid_role_code(data.code):
        message = _("代码用小写字母、数字和下划线，字母开头，2 到 32 个")
        raise InvalidInput(message, fields={"code": message})
    if await repository.roles_by_code(ctx.session, [data.code]):
        message = _("代码“{code}”已被使用", code=data.code)
        raise Conflict(message, fields={"code": message})
    grants = _checked(permissions, data.grants)
    _refuse_exceeding(ctx, grants, held_by_actor=False)
    role = Role(code=data.code, title=data.title.strip(), description=data.description.strip())
    ctx.session.add(role)
    await ctx.session.flush()
    await repository.replace_grants(ctx.session, role.id, grants)
    record(
        ctx,
        "auth.role.create",
        object_type="auth.role",
        object_id=role.id,
        changes={"code": (None, role.code), "title": (None, role.title), "grants": (None, grants)},
    )
    return role


async def update_role(
    ctx: Context, permissions: Mapping[str, Permission], role_id: UUID, data: RoleUpdate, *, version: int | None = None
) -> Role:
    """Changes a role of the customer's own; holds from the next request of everybody who has it.

    Raises NotFound, BuiltinRole, PreconditionFailed, InvalidInput, GrantExceeded, LastAdministrator.
    """
    role = await _own_role(ctx, role_id)
    if version is not None and role.version != version:
        raise PreconditionFailed(_("这个角色刚被别人改过"), hint=_("请刷新后再改"))
    changes: dict[str, tuple[object, object]] = {}
    for field in ("title", "description"):
        value = getattr(data, field)
        if value is not UNSET and value.strip() != getattr(role, field):
            changes[field] = (getattr(role, field), value.strip())
            setattr(role, field, value.strip())
    if data.grants is not UNSET:
        old, new = await repository.grants_of_role(ctx.session, role.id), _checked(permissions, data.grants)
        if old != new:
            held = await repository.holds_role(ctx.session, ctx.actor.user_id, role.id)
            _refuse_exceeding(ctx, widened(old, new), held_by_actor=held)
            await repository.lock_roles(ctx.session)
            await repository.replace_grants(ctx.session, role.id, new)
            await keep_an_administrator(ctx)
            changes["grants"] = (old, new)
            role.version += 1
    if changes:
        record(ctx, "auth.role.update", object_type="auth.role", object_id=role.id, changes=changes)
    await ctx.session.flush()
    return role


async def delete_role(ctx: Context, role_id: UUID) -> None:
    """Raises NotFound, BuiltinRole, Conflict (somebody still has it)."""
    role = await _own_role(ctx, role_id)
    users = await repository.users_with_role(ctx.session, role.id)
    if users:
        raise Conflict(_("还有 {count} 个帐号在用这个角色", count=users), hint=_("请先给他们换角色"))
    record(ctx, "auth.role.delete", object_type="auth.role", object_id=role.id, changes={"code": (role.code, None)})
    await ctx.session.delete(role)
    await ctx.session.flush()


async def get_role(ctx: Context, role_id: UUID) -> Role:
    role = await ctx.session.get(Role, role_id)
    if role is None:
        raise NotFound(_("没有这个角色"))
    return role


async def _own_role(ctx: Context, role_id: UUID) -> Role:
    role = await get_role(ctx, role_id)
    if role.builtin:
        raise BuiltinRole(_("内置角色不能改"), hint=_("请复制一份再改"))
    return role


def _checked(permissions: Mapping[str, Permission], grants: Mapping[str, str]) -> dict[str, str]:
    for name in grants:
        if name not in permissions:
            raise InvalidInput(_("没有权限“{name}”", name=name[:100]), fields={"grants": _("没有这项权限")})
    return {name: scope if permissions[name].scoped else "all" for name, scope in grants.items()}


def _refuse_exceeding(ctx: Context, grants: Mapping[str, str], *, held_by_actor: bool) -> None:
    # whoever may grant anything may not widen a role of their own by it
    if ctx.actor.kind not in {"user", "guest"} or (ctx.actor.can("auth.roles.grant_any") and not held_by_actor):
        return
    # roots come with the assignment, so a "unit" grant is compared with none here
    over = exceeding(ctx.actor.grants, grants)
    if over:
        raise GrantExceeded(
            _("不能授予自己没有的权限：{names}", names="、".join(over)),
            hint=_("请另一位系统管理员来做"),
            params={"permissions": over},
        )
