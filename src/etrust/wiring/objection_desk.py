"""Objections at work."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


class ObjectionDesk:
    """`rooms.objections`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def keep(self) -> None:
        """Work in the background of a server, until cancelled."""
