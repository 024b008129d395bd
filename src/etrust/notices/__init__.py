"""通知: who is to be told what, at least once and in order, and who has confirmed it."""
