"""透明日志: a Merkle log over everything that changes trust, in C2SP tile form, and what reads it again."""
