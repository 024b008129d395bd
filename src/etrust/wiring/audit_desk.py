"""The audit trail for those who read it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


class AuditDesk:
    """`rooms.audit`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
