"""What recruiting tells candidates, interviewers and colleagues."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_
from zhiren.notices import NoticeKind

_CANDIDATE: Final = ("mail", "sms")
_COLLEAGUE: Final = ("inapp", "mail", "im", "push")

INTERVIEWS: Final = (
    NoticeKind(
        name="recruiting.interview.choose",
        title=N_("请候选人选面试时间"),
        subject=N_("{company}：请选择“{job}”的面试时间"),
        body=N_(
            "{name}，您好：\n\n感谢应聘“{job}”。请在 {until} 前选一个方便的面试时间"
            "（{round}，约 {minutes} 分钟）。\n\n{message}"
        ),
        short=N_("请选择“{job}”的面试时间，{until} 前有效。"),
        channels=_CANDIDATE,
        action=N_("选择时间"),
    ),
    NoticeKind(
        name="recruiting.interview.booked",
        title=N_("面试已定（给候选人）"),
        subject=N_("{company}：面试定在 {when}（{job}）"),
        body=N_("{name}，您好：\n\n“{job}”的{round}定在 {when}，约 {minutes} 分钟。\n\n地点：{place}\n\n{message}"),
        short=N_("“{job}”面试：{when}，{place}。"),
        channels=_CANDIDATE,
        urgent=True,
        action=N_("查看面试"),
    ),
    NoticeKind(
        name="recruiting.interview.cancelled",
        title=N_("面试取消（给候选人）"),
        subject=N_("{company}：{when} 的面试已取消（{job}）"),
        body=N_("{name}，您好：\n\n“{job}”原定 {when} 的{round}已取消。{message}"),
        short=N_("“{job}”{when} 的面试已取消。"),
        channels=_CANDIDATE,
        urgent=True,
        action=N_("查看进度"),
    ),
    NoticeKind(
        name="recruiting.interview.reminder",
        title=N_("面试提醒"),
        subject=N_("提醒：{when} 面试（{job}）"),
        body=N_("{name}，您好：\n\n“{job}”的{round}在 {when} 开始。\n\n地点：{place}"),
        short=N_("提醒：{when} 面试“{job}”，{place}。"),
        channels=("inapp", *_CANDIDATE, "im", "push"),
        urgent=True,
        action=N_("查看面试"),
    ),
    NoticeKind(
        name="recruiting.interview.panel",
        title=N_("面试安排（给面试官）"),
        subject=N_("面试安排：{candidate}，{job}，{when}"),
        body=N_(
            "{name}，您好：\n\n请面试 {candidate}（{job}，{round}）。\n\n"
            "时间：{when}，约 {minutes} 分钟\n\n地点：{place}"
        ),
        short=N_("面试 {candidate}（{job}）：{when}。"),
        channels=_COLLEAGUE,
        urgent=True,
        action=N_("打开面试"),
    ),
    NoticeKind(
        name="recruiting.interview.panel_cancelled",
        title=N_("面试取消（给面试官）"),
        subject=N_("面试取消：{candidate}，{job}，{when}"),
        body=N_("{name}，您好：\n\n{when} 对 {candidate}（{job}）的面试已取消。"),
        channels=_COLLEAGUE,
        urgent=True,
    ),
    NoticeKind(
        name="recruiting.interview.scorecard",
        title=N_("请填面试评价"),
        subject=N_("请评价 {candidate}（{job}）"),
        body=N_("{name}，您好：\n\n您面试过 {candidate}（{job}，{round}）。请趁记忆清楚写下评价。"),
        channels=_COLLEAGUE,
        action=N_("写评价"),
    ),
)
