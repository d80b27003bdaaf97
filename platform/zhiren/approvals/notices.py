"""What approvals have to say."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_
from zhiren.notices import NoticeKind, register

WAITING: Final = "approvals.task.waiting"
REMINDED: Final = "approvals.task.reminded"
DECIDED: Final = "approvals.case.decided"

register(
    NoticeKind(
        name=WAITING,
        title=N_("待您审批"),
        subject=N_("待您审批：{what}"),
        body=N_("{name}，您好：\n\n{who} 提交了“{what}”，请您审批。\n\n链接只给您本人用，7 天内有效。"),
        short=N_("{who} 提交了“{what}”，请您审批"),
        channels=("inapp", "mail", "im", "push"),
        # the link signs in the person's name
        secret=True,
        action=N_("去审批"),
    ),
    NoticeKind(
        name=REMINDED,
        title=N_("提醒审批"),
        subject=N_("提醒：{what} 还等您审批"),
        body=N_("{name}，您好：\n\n{who} 提交的“{what}”还等您审批。\n\n链接只给您本人用，7 天内有效。"),
        short=N_("提醒：{who} 提交的“{what}”还等您审批"),
        channels=("inapp", "mail", "im", "push"),
        secret=True,
        action=N_("去审批"),
    ),
    NoticeKind(
        name=DECIDED,
        title=N_("审批结果"),
        subject=N_("{result}：{what}"),
        body=N_("{name}，您好：\n\n您提交的“{what}”{result}。"),
        short=N_("您提交的“{what}”{result}"),
        channels=("inapp", "mail", "im", "push"),
    ),
)
