"""Anything presented in, verdict out."""
