"""Calls a region: the Python client of departments and partner regions (接口客户端)."""
