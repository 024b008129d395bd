"""Who of another region calls, and how answers are signed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


class PartnerGate:
    """`rooms.gate`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
