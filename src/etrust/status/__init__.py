"""Whether a license is in force: status lists (IETF Token Status List), the history behind them, and live answers."""
