"""What acts, objects and fields are called. Modules add theirs with ``describe`` when they are imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zhiren.i18n import N_, _

#: an action's last part; the object follows, or stands where it says
VERBS: Final[dict[str, str]] = {
    "create": N_("新建"),
    "update": N_("修改"),
    "delete": N_("删除"),
    "close": N_("关闭"),
    "restore": N_("恢复"),
    "reveal": N_("查看{object}的敏感信息"),
    "read": N_("查看"),
    "export": N_("导出"),
    "import": N_("导入"),
    "commit": N_("确认导入"),
    "undo": N_("撤销"),
    "cancel": N_("取消"),
    "retry": N_("重试"),
    "start": N_("开始"),
    "calculate": N_("计算"),
    "review": N_("复核"),
    "publish": N_("发布"),
    "enable": N_("启用"),
    "disable": N_("停用"),
    "revoke": N_("撤回"),
    "verify": N_("校验"),
    "sign_out": N_("退出登录"),
}
#: the rest of it
OBJECTS: Final[dict[str, str]] = {
    "audit.event": N_("审计记录"),
    "audit.chain": N_("审计链"),
    "auth.token": N_("访问令牌"),
    "auth.user": N_("登录帐号"),
    "auth.users": N_("帐号名单"),
    "auth.role": N_("角色"),
    "auth.session": N_("登录会话"),
    "auth.password": N_("密码"),
    "auth.totp": N_("两步验证"),
    "jobs.job": N_("后台任务"),
}
#: actions that are not verb and object
ACTIONS: Final[dict[str, str]] = {
    "auth.login.succeed": N_("登录"),
    "auth.login.fail": N_("登录失败"),
    "auth.login.lock": N_("登录多次失败，帐号暂时锁定"),
    "auth.session.reauthenticate": N_("再次验证身份"),
    "auth.token.create": N_("新建访问令牌"),
    "auth.token.revoke": N_("撤销访问令牌"),
    "auth.session.revoke_all": N_("退出全部会话"),
    "auth.password.change": N_("修改密码"),
    "auth.password.reset_link": N_("生成重设密码链接"),
    "auth.totp.recovery_used": N_("用恢复码登录"),
    "auth.totp.recovery_codes": N_("生成恢复码"),
}
FIELDS: Final[dict[str, str]] = {
    "name": N_("姓名"),
    "roles": N_("角色"),
    "login": N_("登录名"),
    "password": N_("密码"),
    "active": N_("启用"),
    "employee_id": N_("员工"),
    "grants": N_("权限"),
}
KINDS: Final[dict[str, str]] = {
    "user": N_("用户"),
    "job": N_("后台任务"),
    "operator": N_("运营人员"),
    "system": N_("系统"),
    "guest": N_("外部人员"),
}
#: how recomputing the chain ended
CHAIN: Final[dict[str, str]] = {
    "intact": N_("完整"),
    "missing_link": N_("缺少一个链节"),
    "missing_event": N_("一条记录被删除"),
    "changed": N_("一条记录被改动"),
    "cut": N_("链的末尾被截断"),
    "unchained": N_("有记录不在链中"),
    "anchor": N_("与留存的校验值不符"),
}
#: roles of a customer's own are told by their codes
ROLES: Final[dict[str, str]] = {
    "admin": N_("系统管理员"),
    "hr": N_("人事"),
    "payroll": N_("薪酬"),
    "manager": N_("主管"),
    "employee": N_("员工"),
}


def describe(
    *,
    objects: Mapping[str, str] | None = None,
    actions: Mapping[str, str] | None = None,
    verbs: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
) -> None:
    """Adds Chinese source texts: ``objects`` by ``<module>.<object>``, ``actions`` whole, ``fields`` by their name,
    ``roles`` and kinds of guests by their code."""
    OBJECTS.update(objects or {})
    ACTIONS.update(actions or {})
    VERBS.update(verbs or {})
    FIELDS.update(fields or {})
    ROLES.update(roles or {})


def action_title(action: str) -> str:
    """In the reader's language; parts without a name stay as they are."""
    if action in ACTIONS:
        return _(ACTIONS[action])
    target, _dot, verb = action.rpartition(".")
    title, name = _(VERBS.get(verb, verb)), object_title(target)
    return title.replace("{object}", name) if "{object}" in title else title + _spaced(name)


def object_title(object_type: str) -> str:
    return _(OBJECTS[object_type]) if object_type in OBJECTS else object_type


def field_title(field: str) -> str:
    return _(FIELDS[field]) if field in FIELDS else field


def kind_title(kind: str) -> str:
    return _(KINDS.get(kind, kind))


def role_title(role: str) -> str:
    return _(ROLES.get(role, role))


def chain_title(outcome: str) -> str:
    return _(CHAIN.get(outcome, outcome))


def patterns(words: str) -> list[str]:
    """LIKE patterns of the actions whose title, in the reader's language, holds ``words``."""
    words = words.lower()
    found = [_literal(action) for action in ACTIONS if words in action_title(action).lower()]
    found += [f"%.{_literal(verb)}" for verb, title in VERBS.items() if words in _(title).lower()]
    found += [f"{_literal(target)}.%" for target, title in OBJECTS.items() if words in _(title).lower()]
    return found


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _spaced(text: str) -> str:
    """A name in Latin letters stands apart from what goes before it, and does not begin a sentence there."""
    return f" {text[:1].lower()}{text[1:]}" if text[:1].isascii() else text
