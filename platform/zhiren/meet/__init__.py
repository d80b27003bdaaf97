"""Meeting people by video, person to person: in the browser, on a phone or a PC, nothing to install.

A room above opens a room for its people with ``open_room``; the page is ``/meet/<id>``. Pictures and sound go from
browser to browser, through a TURN relay where there is no other way, and never through this program. What stands
beside the picture is a module's to say (``register_panel``). Nothing looks at faces or listens to voices.
"""

from zhiren.audit import describe
from zhiren.i18n import N_
from zhiren.meet.models import MODELS
from zhiren.meet.pages import route_handlers as _pages
from zhiren.meet.panels import register_panel
from zhiren.meet.runtime import Meet, make_meet
from zhiren.meet.schemas import Member, Recording, RoomView
from zhiren.meet.service.recording import erase_rooms, recordings
from zhiren.meet.service.rooms import change_room, close_room, open_room, rooms_about
from zhiren.meet.socket import signalling

route_handlers = (*_pages, signalling)

describe(
    objects={"meet.room": N_("视频面谈"), "meet.member": N_("面谈参加人"), "meet.recording": N_("面谈录像")},
    actions={
        "meet.member.admit": N_("让人进入视频面谈"),
        "meet.member.send_out": N_("请人回到等候室"),
        "meet.recording.consent": N_("同意被录像"),
        "meet.recording.decline": N_("不同意被录像"),
        "meet.recording.start": N_("开始录像"),
        "meet.recording.stop": N_("停止录像"),
        "meet.room.erase": N_("彻底删除视频面谈"),
        "meet.notes.create": N_("记面谈笔记"),
    },
)

__all__ = [
    "MODELS",
    "Meet",
    "Member",
    "Recording",
    "RoomView",
    "change_room",
    "close_room",
    "erase_rooms",
    "make_meet",
    "open_room",
    "recordings",
    "register_panel",
    "rooms_about",
    "route_handlers",
]
