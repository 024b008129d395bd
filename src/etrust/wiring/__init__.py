"""The only place where settings become pool, keys, clock and rooms."""

from etrust.wiring.rooms import ROOMS, HolderView, Rooms, open_rooms

__all__ = ["ROOMS", "HolderView", "Rooms", "open_rooms"]
