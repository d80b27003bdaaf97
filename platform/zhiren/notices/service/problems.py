"""Why a message did not arrive: stable codes, and what people are told."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_, _

TITLES: Final[dict[str, str]] = {
    "notices.recipient_refused": N_("对方的服务器不收这个地址。"),
    "notices.message_refused": N_("对方的服务器拒收这封信。"),
    "notices.login_refused": N_("发送服务不认帐号或密码，请检查设置。"),
    "notices.unreachable": N_("发送服务连不上，稍后再试。"),
    "notices.busy": N_("发送服务暂时不收，稍后再试。"),
    "notices.no_answer": N_("试了三天仍没有发出。"),
    "notices.no_provider": N_("没有设置发送服务。"),
    "notices.bounced": N_("信被退回，地址可能不对。"),
    "notices.no_device": N_("没有可以推送的设备。"),
    "notices.unknown_person": N_("对方平台上没有这个人。"),
    "notices.expired": N_("发出前已过时。"),
    "notices.misconfigured": N_("发送服务的设置不对，请检查。"),
}


def title(code: str) -> str:
    """In the reader's language; nothing for no problem."""
    return _(TITLES.get(code, "没有发出")) if code else ""
