-- Version 3: the frozen accounts, of which there are few among many, are found without reading the others.

CREATE INDEX ix_ledger_balance_frozen ON ledger_balance (account_id) WHERE status = 'frozen';

UPDATE ledger_book SET schema_version = 3;
