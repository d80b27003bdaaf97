"""Why a calendar elsewhere could not be read, and what to do now."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_, _

#: word -> what happened, what now
WORDS: Final[dict[str, tuple[str, str]]] = {
    "address": (N_("网址不对"), N_("请核对网址，要以 https:// 开头。")),
    "private": (
        N_("网址指向内部网络"),
        N_("为安全起见不能读取。日历确在本单位内网时，请运维人员把 ZHIREN_PROVIDER_NETWORKS 设为 any。"),
    ),
    "unreachable": (N_("连不上对方的服务器"), N_("会自动再试。一直这样，请核对网址。")),
    "slow": (N_("对方的服务器太慢"), N_("会自动再试。")),
    "certificate": (N_("对方服务器的证书有问题"), N_("请联系日历服务商。")),
    "too_large": (N_("日历太大，超过 10 MB"), N_("请在对方那里归档旧日程，或另建一个日历。")),
    "refused": (N_("登录名或密码不对"), N_("很多服务要用“应用专用密码”，请在对方的帐号设置里新建一个，再填到这里。")),
    "missing": (N_("网址上没有日历"), N_("请在对方的日历设置里重新复制网址。")),
    "answer": (N_("对方的服务器回答有误"), N_("会自动再试。一直这样，请联系日历服务商。")),
    "no_calendar": (N_("这不是日历"), N_("请复制日历的订阅网址（ICS），不是网页的网址。")),
    "changed": (N_("日程在对方那里被改过"), N_("没有覆盖对方的改动，请自行核对。")),
}


class SourceFailed(Exception):
    """Reading or writing a calendar elsewhere failed; ``word`` is one of ``WORDS``. Never shown as it is."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def said(word: str) -> tuple[str, str]:
    """What happened and what now, in the reader's language."""
    happened, now = WORDS.get(word, WORDS["answer"])
    return _(happened), _(now)
