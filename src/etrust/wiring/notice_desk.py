"""Tells whoever is to be told, and takes in what others tell."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


class NoticeDesk:
    """`rooms.notices`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def keep(self) -> None:
        """Work in the background of a server, until cancelled."""
