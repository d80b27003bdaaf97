"""The calendar: bookings of people and rooms, invitations (iTIP), people's calendars elsewhere, free times in common.

What other rooms use::

    booking = await calendar.put_entry(ctx, user_ids=panel, about=("recruiting.interview", id), starts_at=…, ends_at=…,
                                       title=…, uid=…, room_id=…)
    part = calendar.invitation(Event(uid=booking.uid, sequence=booking.sequence, …), "REQUEST")
    slots = calendar.free(await calendar.busy(ctx, panel, start, end), within, duration_min=45)
"""

from zhiren.audit import describe
from zhiren.calendar.errors import EntryNotFound, RoomOff, Taken, UnreadableReply
from zhiren.calendar.itip import invitation, read_reply
from zhiren.calendar.jobs import fetch as _fetch  # noqa: F401 - declares the jobs
from zhiren.calendar.models import MODELS
from zhiren.calendar.rules import common, free, merge, without, working
from zhiren.calendar.schemas import Applied, Attendee, Booking, Event, FreeDay, Hours, Interval, Reply, RoomView
from zhiren.calendar.service.entries import (
    ANSWERED,
    answer,
    answer_about,
    apply_reply,
    busy,
    cancel_entry,
    forget,
    hear,
    proposals,
    put_entry,
)
from zhiren.calendar.service.people import find_free, hours_of
from zhiren.calendar.service.rooms import rooms
from zhiren.i18n import N_
from zhiren.notices import replies

replies.register(hear)

describe(
    objects={
        "calendar.room": N_("会议室"),
        "calendar.entry": N_("日程"),
        "calendar.source": N_("外部日历"),
        "calendar.feed": N_("日历订阅链接"),
        "calendar.hours": N_("工作时间"),
    },
    actions={
        "calendar.entry.book": N_("安排日程"),
        "calendar.entry.answer": N_("答复日程邀请"),
        "calendar.entry.write": N_("写入个人日历"),
        "calendar.entry.erase": N_("从个人日历移除"),
        "calendar.entry.forget": N_("删除日程里的个人信息"),
        "calendar.source.fetch": N_("读取外部日历"),
    },
    fields={
        "starts_at": N_("开始时间"),
        "ends_at": N_("结束时间"),
        "people": N_("人员"),
        "room": N_("会议室"),
        "room_name": N_("名称"),
        "place": N_("位置"),
        "seats": N_("可坐人数"),
        "answer": N_("答复"),
        "hours": N_("工作时间"),
        "write_back": N_("写入个人日历"),
        "url": N_("网址"),
    },
)

__all__ = [
    "ANSWERED",
    "MODELS",
    "Applied",
    "Attendee",
    "Booking",
    "EntryNotFound",
    "Event",
    "FreeDay",
    "Hours",
    "Interval",
    "Reply",
    "RoomOff",
    "RoomView",
    "Taken",
    "UnreadableReply",
    "answer",
    "answer_about",
    "apply_reply",
    "busy",
    "cancel_entry",
    "common",
    "find_free",
    "forget",
    "free",
    "hear",
    "hours_of",
    "invitation",
    "merge",
    "proposals",
    "put_entry",
    "read_reply",
    "rooms",
    "without",
    "working",
]
