"""Keys and algorithms: sign bytes, verify bytes."""
