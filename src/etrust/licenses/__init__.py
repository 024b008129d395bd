"""Licenses (证照): their types, issuing, and life."""
