"""Signed license faces, PDF and OFD: made, renewed and judged; the only room that knows pyHanko."""
