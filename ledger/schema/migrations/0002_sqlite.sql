-- Version 2: what is done to accounts and periods is a transaction of its own, with a key, and so in
-- the journal and in the seals. What was done before gets one now, recorded at its own instant, with
-- no request's digest. The book itself has a row: its version, its closings, the server of its seals.

CREATE TABLE ledger_book (
  id INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  closings INTEGER NOT NULL,
  server TEXT NOT NULL,
  CONSTRAINT pk_ledger_book PRIMARY KEY (id),
  CONSTRAINT ck_ledger_book_one_row CHECK (id = 1)
) STRICT;
INSERT INTO ledger_book (id, schema_version, closings, server)
SELECT 1, 2, count(*), '' FROM ledger_period;

CREATE TABLE ledger_backdated (
  account_id INTEGER NOT NULL,
  day TEXT NOT NULL,
  amount INTEGER NOT NULL,
  CONSTRAINT pk_ledger_backdated PRIMARY KEY (account_id, day),
  CONSTRAINT fk_ledger_backdated_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
) STRICT;
INSERT INTO ledger_backdated SELECT account_id, day, amount FROM ledger_shift;
DROP TABLE ledger_shift;

CREATE TABLE ledger_pair_watermark (
  account_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_ledger_pair_watermark PRIMARY KEY (account_id),
  CONSTRAINT fk_ledger_pair_watermark_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
) STRICT;
INSERT INTO ledger_pair_watermark SELECT account_id, version FROM ledger_pair_mark;
DROP TABLE ledger_pair_mark;

CREATE TABLE ledger_transaction_before AS SELECT * FROM ledger_transaction;
DROP TABLE ledger_transaction;
CREATE TABLE ledger_transaction (
  id INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  reverses_id INTEGER,
  xid INTEGER DEFAULT 0 NOT NULL,
  effective TEXT NOT NULL,
  entry_count INTEGER,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  "key" TEXT NOT NULL,
  digest BLOB NOT NULL,
  memo TEXT NOT NULL,
  actor TEXT NOT NULL,
  reference TEXT NOT NULL,
  override_actor TEXT,
  override_reason TEXT,
  CONSTRAINT pk_ledger_transaction PRIMARY KEY (id),
  CONSTRAINT uq_ledger_transaction_key UNIQUE ("key"),
  CONSTRAINT fk_ledger_transaction_reverses_id FOREIGN KEY(reverses_id) REFERENCES ledger_transaction (id),
  CONSTRAINT ck_ledger_transaction_action CHECK (action IN ('post', 'settle', 'reverse', 'hold', 'void', 'extend', 'open', 'limits', 'freeze', 'unfreeze', 'close', 'rename', 'close_period')),
  CONSTRAINT ck_ledger_transaction_entry_count CHECK (CASE WHEN action IN ('post', 'settle', 'reverse') THEN entry_count IS NOT NULL AND entry_count BETWEEN 2 AND 10000 ELSE entry_count IS NULL END),
  CONSTRAINT ck_ledger_transaction_reverses CHECK ((action = 'reverse') = (reverses_id IS NOT NULL)),
  CONSTRAINT ck_ledger_transaction_override CHECK ((override_actor IS NULL) = (override_reason IS NULL) AND override_actor <> '' AND override_reason <> ''),
  CONSTRAINT fk_ledger_transaction_last_line FOREIGN KEY(id, entry_count) REFERENCES ledger_entry (transaction_id, line) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX ix_ledger_transaction_effective ON ledger_transaction (effective, id);
CREATE INDEX ix_ledger_transaction_kind ON ledger_transaction (kind, id) WHERE kind <> 'transfer';
CREATE INDEX ix_ledger_transaction_reference ON ledger_transaction (reference, id) WHERE reference <> '';
CREATE UNIQUE INDEX uq_ledger_transaction_reverses_id ON ledger_transaction (reverses_id) WHERE reverses_id IS NOT NULL;
INSERT INTO ledger_transaction
SELECT id, recorded_at, reverses_id, xid, effective, entry_count, action, kind, key, digest, memo,
       actor, reference, override_actor, override_reason
  FROM ledger_transaction_before ORDER BY id;
DROP TABLE ledger_transaction_before;

INSERT INTO ledger_transaction (recorded_at, effective, action, kind, key, digest, memo, actor,
                                reference)
SELECT recorded_at, ledger_day(recorded_at), action, 'account', 'ledger:event:' || id,
       zeroblob(32), reason, actor, ''
  FROM ledger_account_event ORDER BY id;
CREATE TABLE ledger_account_event_before AS
SELECT t.id AS transaction_id, e.account_id, e.status, a.name, e.floor, e.ceiling, e.soft_floor,
       e.soft_ceiling, e.version
  FROM ledger_account_event e
  JOIN ledger_account a ON a.id = e.account_id
  JOIN ledger_transaction t ON t.key = 'ledger:event:' || e.id;
DROP TABLE ledger_account_event;
CREATE TABLE ledger_account_event (
  transaction_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  name TEXT NOT NULL,
  floor INTEGER,
  ceiling INTEGER,
  soft_floor INTEGER,
  soft_ceiling INTEGER,
  version INTEGER NOT NULL,
  CONSTRAINT pk_ledger_account_event PRIMARY KEY (transaction_id),
  CONSTRAINT fk_ledger_account_event_transaction_id FOREIGN KEY(transaction_id) REFERENCES ledger_transaction (id),
  CONSTRAINT fk_ledger_account_event_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
) STRICT;
CREATE INDEX ix_ledger_account_event_account_id ON ledger_account_event (account_id, transaction_id);
INSERT INTO ledger_account_event SELECT * FROM ledger_account_event_before;
DROP TABLE ledger_account_event_before;

INSERT INTO ledger_transaction (recorded_at, effective, action, kind, key, digest, memo, actor,
                                reference)
SELECT closed_at, ledger_day(closed_at), 'close_period', 'period', 'ledger:period:' || ends_on,
       zeroblob(32), '', actor, ''
  FROM ledger_period ORDER BY ends_on;
CREATE TABLE ledger_period_before AS
SELECT p.ends_on, p.closed_at, t.id AS transaction_id
  FROM ledger_period p JOIN ledger_transaction t ON t.key = 'ledger:period:' || p.ends_on;
DROP TABLE ledger_period;
CREATE TABLE ledger_period (
  ends_on TEXT NOT NULL,
  closed_at INTEGER NOT NULL,
  transaction_id INTEGER NOT NULL,
  CONSTRAINT pk_ledger_period PRIMARY KEY (ends_on),
  CONSTRAINT uq_ledger_period_transaction_id UNIQUE (transaction_id),
  CONSTRAINT fk_ledger_period_transaction_id FOREIGN KEY(transaction_id) REFERENCES ledger_transaction (id)
) STRICT;
INSERT INTO ledger_period SELECT ends_on, closed_at, transaction_id FROM ledger_period_before;
DROP TABLE ledger_period_before;

CREATE TABLE ledger_checkpoint_before AS SELECT account_id, ends_on, balance FROM ledger_checkpoint;
DROP TABLE ledger_checkpoint;
CREATE TABLE ledger_checkpoint (
  account_id INTEGER NOT NULL,
  ends_on TEXT NOT NULL,
  balance INTEGER NOT NULL,
  CONSTRAINT pk_ledger_checkpoint PRIMARY KEY (ends_on, account_id),
  CONSTRAINT fk_ledger_checkpoint_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_checkpoint_ends_on FOREIGN KEY(ends_on) REFERENCES ledger_period (ends_on)
) STRICT;
INSERT INTO ledger_checkpoint SELECT account_id, ends_on, balance FROM ledger_checkpoint_before;
DROP TABLE ledger_checkpoint_before;
