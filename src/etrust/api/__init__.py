"""JSON over HTTP: one handler file per room."""
