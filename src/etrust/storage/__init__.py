"""The stores: PostgreSQL and Redis, configured or embedded. No word of the domain is spoken here."""
