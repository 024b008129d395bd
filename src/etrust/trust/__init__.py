"""Whom to believe: certificates, and the region's signed list of bodies and keys."""
