"""互通互认: licenses of other regions, asked for and given."""
