"""Offers and onboarding."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {
    "recruiting.offer": N_("录用通知"),
    "recruiting.onboarding": N_("入职安排"),
    "recruiting.settings": N_("招聘设置"),
}
ACTIONS: Final = {
    "recruiting.offer.draft": N_("拟定录用通知"),
    "recruiting.offer.change": N_("修改录用通知"),
    "recruiting.offer.submit": N_("提交录用审批"),
    "recruiting.offer.approved": N_("录用审批通过"),
    "recruiting.offer.rejected": N_("录用审批驳回"),
    "recruiting.offer.send": N_("发出录用通知"),
    "recruiting.offer.accept": N_("候选人接受录用"),
    "recruiting.offer.decline": N_("候选人谢绝录用"),
    "recruiting.offer.ask": N_("候选人询问录用通知"),
    "recruiting.offer.withdraw": N_("作废录用通知"),
    "recruiting.offer.expire": N_("录用通知过期"),
    "recruiting.offer.read": N_("查看录用薪酬"),
    "recruiting.onboarding.begin": N_("生成入职安排"),
    "recruiting.onboarding.fill_in": N_("填写入职信息"),
    "recruiting.onboarding.hand_in": N_("上传入职材料"),
    "recruiting.onboarding.check": N_("确认入职任务"),
    "recruiting.onboarding.return": N_("退回入职材料"),
    "recruiting.onboarding.join": N_("办理入职"),
    "recruiting.onboarding.no_show": N_("标记未入职"),
    "recruiting.onboarding.postpone": N_("改入职日期"),
    "recruiting.signing.make": N_("生成签名证书"),
}
FIELDS: Final = {
    "package": N_("薪酬方案"),
    "certificate": N_("证书"),
    "start_on": N_("入职日期"),
    "emergency_name": N_("紧急联系人"),
    "emergency_mobile": N_("紧急联系人手机号"),
}
