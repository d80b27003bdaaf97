"""Logging in, step by step: password, second factor, new password where one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.errors import LoginRefused, WeakPassword
from zhiren.auth.models import Session, User
from zhiren.auth.passwords import PasswordWorkers, check_password, outdated
from zhiren.auth.rules import fold_login
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.service import second_factor, tries
from zhiren.auth.service.sessions import Stage, as_user, open_session, revoke_sessions
from zhiren.auth.tokens import new_token, token_hash
from zhiren.context import Context
from zhiren.i18n import _


@dataclass(frozen=True, slots=True)
class SignIn:
    """How far a log-in has come. ``token`` goes into the cookie, a new one at every step (session fixation)."""

    token: str
    stage: Stage
    user: User


async def sign_in(ctx: Context, auth: AuthRuntime, *, login: str, password: str, old_token: str = "") -> SignIn:
    """The first step. Raises LoginRefused, LoginLocked, TooManyAttempts, LoginBusy; failures are to be committed."""
    folded = fold_login(login)
    subject = tries.subject_of("login", folded)
    await tries.admit(ctx, auth, subject)
    async with auth.doors.slot():
        user = await repository.user_by_login(ctx.session, folded)
        await tries.refuse_locked(ctx, subject)
        active = user is not None and user.status == "active"
        # a stranger and a disabled account take as long as a real check
        fits = await auth.doors.verify(user.password_hash if user is not None and active else None, password)
        if user is None or not fits:
            user_id = user.id if user is not None else None
            await tries.failed(ctx, auth, subject, action="auth.login.fail", user_id=user_id)
            raise LoginRefused(_("登录名或密码不对"), hint=_("请核对后再试；忘了密码，请联系人事或系统管理员"))
        if outdated(user.password_hash):
            user.password_hash = await auth.doors.hash(password)
    if old_token:
        await repository.end_session_by_token(ctx.session, token_hash(old_token))
    if user.totp_enabled_at is not None:
        # the count of failures stands until the whole log-in has succeeded
        return SignIn(await open_session(ctx, user, stage="second_factor", policy=auth.policy), "second_factor", user)
    return await _advance(ctx, auth, user)


async def give_code(ctx: Context, auth: AuthRuntime, *, token: str, code: str) -> SignIn:
    """The second step: a code of the app, or a recovery code."""
    pending, user = await pending_step(ctx, auth, token, "second_factor")
    await second_factor.verify(ctx, auth, user, code)
    await ctx.session.delete(pending)
    return await _advance(ctx, auth, user)


async def give_new_password(ctx: Context, auth: AuthRuntime, *, token: str, password: str) -> SignIn:
    """The last step of a first log-in: the password somebody else chose is replaced."""
    pending, user = await pending_step(ctx, auth, token, "new_password")
    await set_password(as_user(ctx, user), auth, user, password, workers=auth.doors)
    await ctx.session.delete(pending)
    return await _advance(ctx, auth, user)


async def pending_step(ctx: Context, auth: AuthRuntime, token: str, stage: Stage) -> tuple[Session, User]:
    """The half-finished log-in of ``token``. Raises LoginRefused when there is none at this stage (any more)."""
    pending = None
    if token:
        pending = await repository.session_by_token(ctx.session, token_hash(token), idle_s=auth.policy.idle_s)
    user = await repository.user_by_id(ctx.session, pending.user_id) if pending and pending.stage == stage else None
    if pending is None or user is None:
        raise LoginRefused(_("登录已超时"), hint=_("请重新输入登录名和密码"))
    return pending, user


async def reauthenticate(ctx: Context, auth: AuthRuntime, *, password: str, code: str) -> str:
    """Confirms the person before a sensitive act; returns the session's new token.

    Raises LoginRefused, SecondFactorRefused, LoginLocked, TooManyAttempts; failures are to be committed.
    """
    user = await own_user(ctx)
    await verify_own_password(ctx, auth, user, password)
    if user.totp_enabled_at is not None:
        await second_factor.verify(ctx, auth, user, code)
    record(ctx, "auth.session.reauthenticate", object_type="auth.user", object_id=user.id)
    return await _renew(ctx)


async def change_password(ctx: Context, auth: AuthRuntime, *, current: str, password: str, again: str) -> str:
    """Replaces one's own password; every other session ends, and this one goes on with the token returned.

    Raises WeakPassword, LoginRefused (the current one is wrong), LoginLocked, TooManyAttempts.
    """
    user = await own_user(ctx)
    if password != again:
        message = _("两次输入的密码不一样")
        raise WeakPassword(message, fields={"again": message})
    await verify_own_password(ctx, auth, user, current, field="current_password")
    await set_password(ctx, auth, user, password, workers=auth.inside)
    await revoke_sessions(ctx, user.id, keep=ctx.actor.session_id, reason="password")
    return await _renew(ctx)


async def disable_own_second_factor(ctx: Context, auth: AuthRuntime, *, password: str, code: str) -> None:
    """Turns one's own TOTP off. Raises WeakPassword when the password alone would then be too short."""
    user = await own_user(ctx)
    if user.totp_enabled_at is None:
        return
    await verify_own_password(ctx, auth, user, password)
    await second_factor.verify(ctx, auth, user, code)
    if len(password) < auth.policy.password_min:
        message = _("没有两步验证时，密码至少要 {count} 个字符", count=auth.policy.password_min)
        raise WeakPassword(message, hint=_("请先换一个长一点的密码，再关闭两步验证"), fields={"password": message})
    await second_factor.disable(ctx, user)


async def own_user(ctx: Context) -> User:
    user = await repository.user_by_id(ctx.session, ctx.actor.user_id) if ctx.actor.user_id else None
    if user is None:
        raise LoginRefused(_("请先登录"))
    return user


async def verify_own_password(
    ctx: Context, auth: AuthRuntime, user: User, password: str, *, field: str = "password"
) -> None:
    """Raises LoginRefused when the password is not the signed-in person's; counts against the log-in."""
    subject = tries.subject_of("login", user.login)
    await tries.admit(ctx, auth, subject)
    await tries.refuse_locked(ctx, subject)
    async with auth.inside.slot():
        fits = await auth.inside.verify(user.password_hash, password)
    if not fits:
        await tries.failed(ctx, auth, subject, action="auth.login.fail", user_id=user.id)
        raise LoginRefused(_("密码不对"), fields={field: _("密码不对")})
    await repository.clear_failures(ctx.session, [subject])


async def set_password(ctx: Context, auth: AuthRuntime, user: User, password: str, *, workers: PasswordWorkers) -> None:
    """Gives a person a password of their choice. Raises WeakPassword."""
    check_password(
        password,
        known=(user.login, user.name, ctx.tenant.slug, ctx.tenant.name),
        second_factor=user.totp_enabled_at is not None,
        policy=auth.policy,
    )
    async with workers.slot():
        user.password_hash = await workers.hash(password)
    user.password_changed_at = datetime.now(UTC)
    user.must_change_password = False
    record(ctx, "auth.password.change", object_type="auth.user", object_id=user.id, fields=["password"])


async def _renew(ctx: Context) -> str:
    """A new token for this session, which counts as just authenticated."""
    found = await ctx.session.get(Session, ctx.actor.session_id) if ctx.actor.session_id else None
    if found is None:
        raise LoginRefused(_("登录已超时"))
    token = new_token()
    found.token_hash, found.authenticated_at = token_hash(token), datetime.now(UTC)
    return token


async def _advance(ctx: Context, auth: AuthRuntime, user: User) -> SignIn:
    stage: Stage = "new_password" if user.must_change_password else "full"
    token = await open_session(ctx, user, stage=stage, policy=auth.policy)
    if stage == "full":
        await repository.clear_failures(
            ctx.session, [tries.subject_of("login", user.login), tries.subject_of("code", user.id)]
        )
        await repository.note_login(ctx.session, user.id)
        record(as_user(ctx, user), "auth.login.succeed", object_type="auth.user", object_id=user.id)
    return SignIn(token, stage, user)
