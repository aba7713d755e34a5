"""PostgreSQL: each verb is one call of a function in the database."""
