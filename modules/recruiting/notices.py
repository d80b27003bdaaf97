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
        name="recruiting.interview.declined",
        title=N_("面试邀请被谢绝"),
        subject=N_("{who} 不能参加 {when} 的面试（{job}）"),
        body=N_("{name}，您好：\n\n{who} 在日历里谢绝了 {when} 的{round}（{candidate}，{job}）。请改时间或换人。"),
        channels=_COLLEAGUE,
        urgent=True,
        action=N_("打开面试"),
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

OFFERS: Final = (
    NoticeKind(
        name="recruiting.offer.sent",
        title=N_("录用通知（给候选人）"),
        subject=N_("{company} 录用通知：{job}"),
        body=N_("{name}，您好：\n\n恭喜！这是“{job}”的录用通知。请在 {until} 前打开链接查看并答复。"),
        short=N_("您收到“{job}”的录用通知，请在 {until} 前答复。"),
        channels=_CANDIDATE,
        action=N_("查看录用通知"),
    ),
    NoticeKind(
        name="recruiting.offer.withdrawn",
        title=N_("录用通知作废（给候选人）"),
        subject=N_("{company}：“{job}”的录用通知已撤回"),
        body=N_("{name}，您好：\n\n“{job}”的录用通知已撤回。如有疑问，请联系招聘负责人。"),
        channels=_CANDIDATE,
    ),
    NoticeKind(
        name="recruiting.offer.accepted",
        title=N_("候选人接受录用"),
        subject=N_("{candidate} 接受了录用（{job}）"),
        body=N_("{name}，您好：\n\n{candidate} 接受了“{job}”的录用通知，入职安排已生成。"),
        channels=_COLLEAGUE,
    ),
    NoticeKind(
        name="recruiting.offer.declined",
        title=N_("候选人谢绝录用"),
        subject=N_("{candidate} 谢绝了录用（{job}）"),
        body=N_("{name}，您好：\n\n{candidate} 谢绝了“{job}”的录用通知，原因见录用通知页面。"),
        channels=_COLLEAGUE,
    ),
    NoticeKind(
        name="recruiting.offer.asked",
        title=N_("候选人询问录用通知"),
        subject=N_("{candidate} 对录用通知有疑问（{job}）"),
        body=N_("{name}，您好：\n\n{candidate} 对“{job}”的录用通知提了问题，请尽快回复。"),
        channels=_COLLEAGUE,
    ),
    NoticeKind(
        name="recruiting.offer.expired",
        title=N_("录用通知过期"),
        subject=N_("{candidate} 的录用通知已过期（{job}）"),
        body=N_("{name}，您好：\n\n{candidate} 没有在有效期内答复“{job}”的录用通知。"),
        channels=_COLLEAGUE,
    ),
    NoticeKind(
        name="recruiting.onboarding.begin",
        title=N_("入职准备（给候选人）"),
        subject=N_("{company}：入职准备（{day} 入职）"),
        body=N_("{name}，您好：\n\n欢迎加入！您将于 {day} 入职，担任{job}。请打开链接填写入职信息、上传材料。"),
        short=N_("请填写入职信息并上传材料，{day} 入职。"),
        channels=_CANDIDATE,
        action=N_("去准备"),
    ),
    NoticeKind(
        name="recruiting.onboarding.returned",
        title=N_("入职材料退回（给候选人）"),
        subject=N_("{company}：请重新提交{task}"),
        body=N_("{name}，您好：\n\n{task}需要重新提交：{remark}"),
        short=N_("请重新提交{task}：{remark}"),
        channels=_CANDIDATE,
        action=N_("重新提交"),
    ),
    NoticeKind(
        name="recruiting.referral.due",
        title=N_("推荐奖金可以发放（给推荐人）"),
        subject=N_("您推荐的 {candidate}：{milestone}，奖金可以发放了"),
        body=N_("{name}，您好：\n\n您推荐的 {candidate}（{job}）已{milestone}，推荐奖金可以发放了。谢谢您的推荐！"),
        channels=_COLLEAGUE,
        optional=True,
        action=N_("查看推荐"),
    ),
)
