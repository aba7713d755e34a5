-- Version 2: what is done to accounts and periods is a transaction of its own, with a key, and so in
-- the journal and in the seals. What was done before gets one now, recorded at its own instant, with
-- no request's digest. The book itself has a row: its version, its closings, the server of its seals.

CREATE TABLE ledger_book (
  id BIGINT NOT NULL,
  schema_version BIGINT NOT NULL,
  closings BIGINT NOT NULL,
  server TEXT NOT NULL,
  CONSTRAINT pk_ledger_book PRIMARY KEY (id),
  CONSTRAINT ck_ledger_book_one_row CHECK (id = 1)
);
-- Where seals go beyond the numbers that this server has come to, they were made on another.
INSERT INTO ledger_book (id, schema_version, closings, server)
SELECT 1, 2, count(*),
       CASE WHEN (SELECT max(horizon) FROM ledger_seal)
                 > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            THEN 'another' ELSE '' END
  FROM ledger_period;

ALTER TABLE ledger_shift RENAME TO ledger_backdated;
ALTER TABLE ledger_backdated RENAME CONSTRAINT pk_ledger_shift TO pk_ledger_backdated;
ALTER TABLE ledger_backdated RENAME CONSTRAINT fk_ledger_shift_account_id
  TO fk_ledger_backdated_account_id;
ALTER TABLE ledger_pair_mark RENAME TO ledger_pair_watermark;
ALTER TABLE ledger_pair_watermark RENAME CONSTRAINT pk_ledger_pair_mark TO pk_ledger_pair_watermark;
ALTER TABLE ledger_pair_watermark RENAME CONSTRAINT fk_ledger_pair_mark_account_id
  TO fk_ledger_pair_watermark_account_id;

ALTER TABLE ledger_checkpoint DROP COLUMN version;

INSERT INTO ledger_transaction (recorded_at, effective, action, kind, key, digest, memo, actor,
                                reference)
SELECT recorded_at, (recorded_at AT TIME ZONE 'Europe/London')::date, action, 'account',
       'ledger:event:' || id, decode(repeat('00', 32), 'hex'), reason, actor, ''
  FROM ledger_account_event ORDER BY id;
CREATE TABLE ledger_account_event_before AS
SELECT t.id AS transaction_id, e.account_id, e.status, a.name, e.floor, e.ceiling, e.soft_floor,
       e.soft_ceiling, e.version
  FROM ledger_account_event e
  JOIN ledger_account a ON a.id = e.account_id
  JOIN ledger_transaction t ON t.key = 'ledger:event:' || e.id;
DROP TABLE ledger_account_event;
CREATE TABLE ledger_account_event (
  transaction_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  status TEXT NOT NULL,
  name TEXT NOT NULL,
  floor BIGINT,
  ceiling BIGINT,
  soft_floor BIGINT,
  soft_ceiling BIGINT,
  version BIGINT NOT NULL,
  CONSTRAINT pk_ledger_account_event PRIMARY KEY (transaction_id),
  CONSTRAINT fk_ledger_account_event_transaction_id FOREIGN KEY(transaction_id)
    REFERENCES ledger_transaction (id),
  CONSTRAINT fk_ledger_account_event_account_id FOREIGN KEY(account_id)
    REFERENCES ledger_account (id)
);
CREATE INDEX ix_ledger_account_event_account_id
  ON ledger_account_event (account_id, transaction_id);
INSERT INTO ledger_account_event SELECT * FROM ledger_account_event_before;
DROP TABLE ledger_account_event_before;

INSERT INTO ledger_transaction (recorded_at, effective, action, kind, key, digest, memo, actor,
                                reference)
SELECT closed_at, (closed_at AT TIME ZONE 'Europe/London')::date, 'close_period', 'period',
       'ledger:period:' || ends_on, decode(repeat('00', 32), 'hex'), '', actor, ''
  FROM ledger_period ORDER BY ends_on;
ALTER TABLE ledger_period ADD COLUMN transaction_id BIGINT;
UPDATE ledger_period
   SET transaction_id = (SELECT id FROM ledger_transaction
                          WHERE key = 'ledger:period:' || ledger_period.ends_on);
ALTER TABLE ledger_period ALTER COLUMN transaction_id SET NOT NULL;
ALTER TABLE ledger_period ADD CONSTRAINT uq_ledger_period_transaction_id UNIQUE (transaction_id);
ALTER TABLE ledger_period ADD CONSTRAINT fk_ledger_period_transaction_id
  FOREIGN KEY (transaction_id) REFERENCES ledger_transaction (id);
ALTER TABLE ledger_period DROP COLUMN actor;
