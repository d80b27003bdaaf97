"""Expected refusals of the calendar."""

from __future__ import annotations

from zhiren.errors import Conflict, InvalidInput, NotFound


class Taken(Conflict):
    """Somebody, or the room, is booked at that time. ``params["holders"]`` names their ids."""

    code = "calendar.taken"


class RoomOff(Conflict):
    code = "calendar.room_off"


class RoomNameTaken(Conflict):
    code = "calendar.room_name_taken"


class UnreadableReply(InvalidInput):
    """A mail that claims to answer an invitation and cannot be read as one."""

    code = "calendar.unreadable_reply"


class SourceRefused(InvalidInput):
    """A calendar elsewhere that cannot be read; the hint says what to do."""

    code = "calendar.source_refused"


class EntryNotFound(NotFound):
    code = "calendar.entry_not_found"
