"""Why a sealed value cannot be read or written now. What the user reads never says more than that."""

from __future__ import annotations

from zhiren.errors import KeyServiceUnavailable, ZhirenError
from zhiren.i18n import _


class TenantKeyDisabled(KeyServiceUnavailable):
    """The customer's key was switched off or destroyed: its sealed data is refused until the key is back."""

    code = "zhiren.tenant_key_disabled"
    status = 403


class SealBroken(ZhirenError):
    """A sealed value does not belong where it stands, or was changed: it is refused, never shown in part."""

    code = "zhiren.seal_broken"
    status = 500


def key_service_unavailable() -> KeyServiceUnavailable:
    return KeyServiceUnavailable(
        _("密钥服务暂时没有响应，加密的数据现在打不开。"),
        hint=_("没有任何数据丢失或改动。服务恢复后会自动继续，请稍后再试；若持续出现，请联系系统管理员。"),
    )


def tenant_key_disabled() -> TenantKeyDisabled:
    return TenantKeyDisabled(
        _("本单位的密钥已停用，加密的数据不能打开。"),
        hint=_("重新启用密钥后，数据会原样恢复。请联系系统管理员。"),
    )


def seal_broken() -> SealBroken:
    return SealBroken(
        _("这项加密数据没有通过校验，已拒绝显示。"),
        hint=_("数据可能被移动或改动过。请联系系统管理员，从备份核对这条记录。"),
    )
