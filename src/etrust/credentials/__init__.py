"""The credential (CWT in COSE_Sign1), the code it travels in, and the pictures of that code."""
