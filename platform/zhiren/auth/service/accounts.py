"""Accounts: made, changed, switched off, given roles, helped back in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.errors import GrantExceeded, LastAdministrator, LinkExpired, LoginTaken
from zhiren.auth.models import Recovery, Role, User, UserRole
from zhiren.auth.passwords import hash_password
from zhiren.auth.policy import DEFAULT_POLICY, Policy
from zhiren.auth.rules import exceeding, fold_login, valid_login
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.schemas import RoleAssignment, UserCreate, UserUpdate
from zhiren.auth.service import login as login_service
from zhiren.auth.service import second_factor, tries
from zhiren.auth.service.sessions import as_user, revoke_sessions
from zhiren.auth.tokens import new_token, token_hash
from zhiren.context import Context
from zhiren.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed
from zhiren.i18n import _

#: holding all of these for everyone makes an administrator, of whom one always remains
ADMINISTRATOR = ("auth.users.manage", "auth.roles.manage", "auth.roles.grant_any")

#: no password fits this
_NO_PASSWORD = "!"  # noqa: S105


async def create_user(
    ctx: Context,
    *,
    login: str,
    name: str,
    password: str,
    roles: Sequence[str | RoleAssignment],
    employee_id: UUID | None = None,
    must_change_password: bool = False,
) -> User:
    """Makes a log-in with roles, for programs: what a person may hand out is ``add_user``'s to check.

    The password is taken as it is. Raises LoginTaken, InvalidInput.
    """
    return await _insert(
        ctx,
        login=login,
        name=name,
        password_hash=await hash_password(password),
        roles=roles,
        employee_id=employee_id,
        must_change_password=must_change_password,
    )


async def add_user(ctx: Context, data: UserCreate, *, policy: Policy = DEFAULT_POLICY) -> tuple[User, str]:
    """Makes a log-in for somebody, and the secret of the link by which they choose their password.

    Raises LoginTaken, InvalidInput, GrantExceeded.
    """
    user = await _insert(
        ctx,
        login=data.login,
        name=data.name,
        password_hash=_NO_PASSWORD,
        roles=(),
        employee_id=data.employee_id,
        must_change_password=True,
    )
    await _assign(ctx, user, data.roles)
    return user, await reset_link(ctx, user.id, policy=policy)


async def update_user(ctx: Context, user_id: UUID, data: UserUpdate, *, version: int | None = None) -> User:
    """Changes name, state, language, employee or roles. Raises NotFound, PreconditionFailed, GrantExceeded,
    LastAdministrator."""
    user = await get_user(ctx, user_id)
    if version is not None and user.version != version:
        raise PreconditionFailed(_("这个帐号刚被别人改过"), hint=_("请刷新后再改"))
    changes: dict[str, tuple[object, object]] = {}
    for field, value in data.changed().items():
        old = getattr(user, field)
        if old != value:
            changes[field] = (old, value)
            setattr(user, field, value)
    if "status" in changes:
        if user.id == ctx.actor.user_id:
            raise Forbidden(_("不能停用自己的帐号"), hint=_("请另一位系统管理员来做"))
        if user.status == "disabled":
            await revoke_sessions(ctx, user.id, reason="disabled")
    if changes:
        record(ctx, "auth.user.update", object_type="auth.user", object_id=user.id, changes=changes)
    if data.roles is not None:
        await _assign(ctx, user, data.roles)
    await ctx.session.flush()
    if "status" in changes or data.roles is not None:
        await keep_an_administrator(ctx)
    return user


async def get_user(ctx: Context, user_id: UUID) -> User:
    user = await repository.user_by_id(ctx.session, user_id)
    if user is None:
        raise NotFound(_("没有这个帐号"))
    return user


async def reset_link(ctx: Context, user_id: UUID, *, policy: Policy = DEFAULT_POLICY) -> str:
    """The secret of a link that sets a new password once, within ``policy.reset_link_s``. Earlier links are void,
    and a lock is lifted. Whoever may not give a person's roles may not become that person either: GrantExceeded."""
    user = await get_user(ctx, user_id)
    if user.id != ctx.actor.user_id:
        held = await repository.assignments(ctx.session, user.id)
        await _refuse_exceeding(ctx, user, {role.code: (role, units) for role, units in held})
    secret = new_token()
    link = Recovery(
        user_id=user.id,
        kind="link",
        secret_hash=token_hash(secret),
        expires_at=datetime.now(UTC) + timedelta(seconds=policy.reset_link_s),
    )
    await repository.replace_recovery(ctx.session, user.id, "link", [link])
    await unlock(ctx, user)
    record(ctx, "auth.password.reset_link", object_type="auth.user", object_id=user.id)
    return secret


async def link_owner(ctx: Context, secret: str) -> User:
    """Whose link this is. Raises LinkExpired."""
    user = await repository.recovery_owner(ctx.session, token_hash(secret))
    if user is None:
        raise LinkExpired(_("这个链接已失效"), hint=_("链接只能用一次，24 小时内有效；请系统管理员再发一个"))
    return user


async def use_link(ctx: Context, auth: AuthRuntime, secret: str, password: str) -> User:
    """Sets the password by a link, ends every session, and uses the link up. Raises LinkExpired, WeakPassword."""
    user = await link_owner(ctx, secret)
    await login_service.set_password(as_user(ctx, user), auth, user, password, workers=auth.doors)
    if await repository.take_recovery(ctx.session, token_hash(secret), kind="link") is None:
        raise LinkExpired(_("这个链接已失效"))
    await revoke_sessions(as_user(ctx, user), user.id, reason="password")
    return user


async def reset_second_factor(ctx: Context, user_id: UUID) -> None:
    """For a lost phone without recovery codes. Ends the person's sessions."""
    user = await get_user(ctx, user_id)
    if user.id == ctx.actor.user_id:
        raise Forbidden(_("请在“我的帐号”里关闭自己的两步验证"))
    held = await repository.assignments(ctx.session, user.id)
    await _refuse_exceeding(ctx, user, {role.code: (role, units) for role, units in held})
    await second_factor.disable(ctx, user, reason="administrator")
    await revoke_sessions(ctx, user.id, reason="totp")


async def unlock_user(ctx: Context, user_id: UUID) -> None:
    """Lifts a lock by hand."""
    user = await get_user(ctx, user_id)
    await unlock(ctx, user)
    record(ctx, "auth.login.unlock", object_type="auth.user", object_id=user.id)


async def locked_until(ctx: Context, user: User) -> datetime | None:
    """Until when the log-in is locked; None when it is not."""
    found = await repository.attempt(ctx.session, tries.subject_of("login", user.login))
    until = found.locked_until if found else None
    return until if until and until > datetime.now(UTC) else None


async def unlock(ctx: Context, user: User) -> None:
    subjects = [tries.subject_of("login", user.login), tries.subject_of("code", user.id)]
    await repository.clear_failures(ctx.session, subjects)


async def keep_an_administrator(ctx: Context) -> None:
    """Raises LastAdministrator when the change at hand would leave nobody who can manage people and roles."""
    if not await repository.administrator_remains(ctx.session, ADMINISTRATOR):
        raise LastAdministrator(_("至少要留一位系统管理员"), hint=_("请先让另一位同事担任系统管理员，再做这项改动"))


async def _insert(
    ctx: Context,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: Sequence[str | RoleAssignment],
    employee_id: UUID | None,
    must_change_password: bool,
) -> User:
    folded, name = fold_login(login), name.strip()
    if not valid_login(folded):
        message = _("登录名用 2 到 64 个字母、数字、汉字或 . _ - @ +")
        raise InvalidInput(message, fields={"login": message})
    if not 1 <= len(name) <= 100:
        raise InvalidInput(_("请填写姓名"), fields={"name": _("请填写姓名")})
    if await repository.user_by_login(ctx.session, folded) is not None:
        message = _("登录名“{login}”已被使用", login=folded)
        raise LoginTaken(message, hint=_("请换一个"), fields={"login": message})
    user = User(
        login=folded,
        name=name,
        employee_id=employee_id,
        password_hash=password_hash,
        password_changed_at=None if must_change_password else datetime.now(UTC),
        must_change_password=must_change_password,
    )
    ctx.session.add(user)
    await ctx.session.flush()
    assignments = [RoleAssignment(role) if isinstance(role, str) else role for role in roles]
    known = await _known_roles(ctx, assignments)
    await repository.replace_assignments(
        ctx.session,
        user.id,
        [UserRole(user_id=user.id, role_id=known[a.role].id, unit_ids=list(a.unit_ids)) for a in assignments],
    )
    record(
        ctx,
        "auth.user.create",
        object_type="auth.user",
        object_id=user.id,
        changes={"login": (None, folded), "name": (None, name), "roles": (None, [a.role for a in assignments])},
    )
    return user


async def _assign(ctx: Context, user: User, assignments: Sequence[RoleAssignment]) -> None:
    """Gives a person exactly these roles, checking what is new or wider against the giver."""
    if ctx.actor.kind == "user" and user.id == ctx.actor.user_id:
        raise Forbidden(_("不能改自己的角色"), hint=_("请另一位系统管理员来做"))
    known = await _known_roles(ctx, assignments)
    held = {role.code: frozenset(units) for role, units in await repository.assignments(ctx.session, user.id)}
    wanted = {a.role: frozenset(a.unit_ids) for a in assignments}
    if held == wanted:
        return
    given = {
        code: (known[code], units)
        for code, units in wanted.items()
        if not units <= held.get(code, frozenset()) or code not in held
    }
    await _refuse_exceeding(ctx, user, given)
    await repository.lock_roles(ctx.session)
    await repository.replace_assignments(
        ctx.session,
        user.id,
        [UserRole(user_id=user.id, role_id=known[code].id, unit_ids=sorted(units)) for code, units in wanted.items()],
    )
    record(
        ctx,
        "auth.user.roles",
        object_type="auth.user",
        object_id=user.id,
        changes={"roles": (_described(held), _described(wanted))},
    )


async def _refuse_exceeding(ctx: Context, user: User, given: dict[str, tuple[Role, frozenset[UUID]]]) -> None:
    if ctx.actor.kind not in {"user", "guest"} or ctx.actor.can("auth.roles.grant_any"):
        return
    for role, units in given.values():
        over = exceeding(ctx.actor.grants, await repository.grants_of_role(ctx.session, role.id), units)
        if over:
            raise GrantExceeded(
                _("角色“{role}”含有您自己没有的权限", role=_(role.title)),
                hint=_("请系统管理员来做"),
                params={"permissions": over, "user_id": str(user.id)},
            )


async def _known_roles(ctx: Context, assignments: Sequence[RoleAssignment]) -> dict[str, Role]:
    known = await repository.roles_by_code(ctx.session, [a.role for a in assignments])
    for assignment in assignments:
        if assignment.role not in known:
            raise InvalidInput(_("没有角色“{role}”", role=assignment.role), fields={"roles": _("没有这个角色")})
    return known


def _described(assignments: dict[str, frozenset[UUID]]) -> list[str]:
    return [f"{code}{sorted(map(str, units)) if units else ''}" for code, units in sorted(assignments.items())]
