"""How fast the ledger is, beside a bare function, another Python ledger and a plain ORM."""
