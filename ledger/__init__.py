"""Double-entry accounting of one unit, whole minutes of time credit, on PostgreSQL and SQLite."""
