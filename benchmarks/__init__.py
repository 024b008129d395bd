"""Benchmarks: what etrust costs beside the bare operation, measured in one run. ``python -m benchmarks [NAME …]``."""
