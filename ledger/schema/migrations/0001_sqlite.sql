-- Version 1: the tables as they were first made. (Guards are not versioned: ledger/schema/migrating.py.)

CREATE TABLE ledger_account (
  id INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  CONSTRAINT pk_ledger_account PRIMARY KEY (id),
  CONSTRAINT uq_ledger_account_code UNIQUE (code)
)
 STRICT;

CREATE TABLE ledger_entry (
  account_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  transaction_id INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  line INTEGER NOT NULL,
  entry_count INTEGER NOT NULL,
  CONSTRAINT pk_ledger_entry PRIMARY KEY (account_id, version),
  CONSTRAINT uq_ledger_entry_transaction_id_line UNIQUE (transaction_id, line),
  CONSTRAINT ck_ledger_entry_line CHECK (line BETWEEN 1 AND entry_count),
  CONSTRAINT ck_ledger_entry_amount CHECK (amount <> 0)
)
 STRICT;

CREATE TABLE ledger_period (
  ends_on TEXT NOT NULL,
  closed_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  CONSTRAINT pk_ledger_period PRIMARY KEY (ends_on)
)
 STRICT;

CREATE TABLE ledger_seal (
  number INTEGER NOT NULL,
  previous BLOB NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  horizon INTEGER NOT NULL,
  sealed_at INTEGER NOT NULL,
  hash BLOB NOT NULL,
  CONSTRAINT pk_ledger_seal PRIMARY KEY (number),
  CONSTRAINT uq_ledger_seal_hash UNIQUE (hash),
  CONSTRAINT ck_ledger_seal_counts CHECK (number >= 1 AND size >= 0)
)
 STRICT;

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
  CONSTRAINT ck_ledger_transaction_entry_count CHECK (CASE WHEN action IN ('hold', 'void', 'extend') THEN entry_count IS NULL ELSE entry_count IS NOT NULL AND entry_count BETWEEN 2 AND 10000 END),
  CONSTRAINT ck_ledger_transaction_action CHECK (action IN ('post', 'hold', 'settle', 'void', 'extend', 'reverse')),
  CONSTRAINT ck_ledger_transaction_reverses CHECK ((action = 'reverse') = (reverses_id IS NOT NULL)),
  CONSTRAINT ck_ledger_transaction_override CHECK ((override_actor IS NULL) = (override_reason IS NULL) AND override_actor <> '' AND override_reason <> ''),
  CONSTRAINT fk_ledger_transaction_last_line FOREIGN KEY(id, entry_count) REFERENCES ledger_entry (transaction_id, line) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk_ledger_transaction_reverses_id FOREIGN KEY(reverses_id) REFERENCES ledger_transaction (id)
)
 STRICT;

CREATE INDEX ix_ledger_transaction_effective ON ledger_transaction (effective, id);

CREATE INDEX ix_ledger_transaction_kind ON ledger_transaction (kind, id) WHERE kind <> 'transfer';

CREATE INDEX ix_ledger_transaction_reference ON ledger_transaction (reference, id) WHERE reference <> '';

CREATE INDEX ix_ledger_transaction_xid ON ledger_transaction (xid);

CREATE UNIQUE INDEX uq_ledger_transaction_reverses_id ON ledger_transaction (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE ledger_account_event (
  id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  action TEXT NOT NULL,
  status TEXT NOT NULL,
  floor INTEGER,
  ceiling INTEGER,
  soft_floor INTEGER,
  soft_ceiling INTEGER,
  version INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  CONSTRAINT pk_ledger_account_event PRIMARY KEY (id),
  CONSTRAINT fk_ledger_account_event_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
)
 STRICT;

CREATE INDEX ix_ledger_account_event_account_id ON ledger_account_event (account_id);

CREATE TABLE ledger_balance (
  account_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  floor INTEGER,
  ceiling INTEGER,
  soft_floor INTEGER,
  soft_ceiling INTEGER,
  posted INTEGER NOT NULL,
  held_out INTEGER NOT NULL,
  held_in INTEGER NOT NULL,
  version INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  override_version INTEGER,
  CONSTRAINT pk_ledger_balance PRIMARY KEY (account_id),
  CONSTRAINT ck_ledger_balance_held CHECK (held_out >= 0 AND held_in >= 0),
  CONSTRAINT ck_ledger_balance_limits CHECK (floor <= ceiling),
  CONSTRAINT ck_ledger_balance_soft_limits CHECK (soft_floor <= soft_ceiling),
  CONSTRAINT ck_ledger_balance_status CHECK (status IN ('open', 'frozen', 'closed')),
  CONSTRAINT fk_ledger_balance_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT ck_ledger_balance_closed CHECK (status <> 'closed' OR (posted = 0 AND held_out = 0 AND held_in = 0))
)
 STRICT;

CREATE INDEX ix_ledger_balance_soft_limits ON ledger_balance (account_id) WHERE (soft_floor IS NOT NULL) OR (soft_ceiling IS NOT NULL);

CREATE TABLE ledger_checkpoint (
  account_id INTEGER NOT NULL,
  ends_on TEXT NOT NULL,
  version INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  CONSTRAINT pk_ledger_checkpoint PRIMARY KEY (ends_on, account_id),
  CONSTRAINT fk_ledger_checkpoint_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_checkpoint_ends_on FOREIGN KEY(ends_on) REFERENCES ledger_period (ends_on)
)
 STRICT;

CREATE TABLE ledger_hold (
  id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  expires_at INTEGER,
  CONSTRAINT pk_ledger_hold PRIMARY KEY (id),
  CONSTRAINT ck_ledger_hold_minutes CHECK (minutes > 0),
  CONSTRAINT ck_ledger_hold_two_accounts CHECK (source_id <> target_id),
  CONSTRAINT fk_ledger_hold_target_id FOREIGN KEY(target_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_hold_id FOREIGN KEY(id) REFERENCES ledger_transaction (id),
  CONSTRAINT fk_ledger_hold_source_id FOREIGN KEY(source_id) REFERENCES ledger_account (id)
)
 STRICT;

CREATE INDEX ix_ledger_hold_source_id ON ledger_hold (source_id);

CREATE INDEX ix_ledger_hold_target_id ON ledger_hold (target_id);

CREATE TABLE ledger_pair (
  account_id INTEGER NOT NULL,
  other_id INTEGER NOT NULL,
  given INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  CONSTRAINT pk_ledger_pair PRIMARY KEY (account_id, other_id),
  CONSTRAINT fk_ledger_pair_other_id FOREIGN KEY(other_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_pair_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
)
 STRICT;

CREATE TABLE ledger_pair_mark (
  account_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_ledger_pair_mark PRIMARY KEY (account_id),
  CONSTRAINT fk_ledger_pair_mark_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
)
 STRICT;

CREATE TABLE ledger_seal_leaf (
  transaction_id INTEGER NOT NULL,
  seal_number INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  CONSTRAINT pk_ledger_seal_leaf PRIMARY KEY (transaction_id),
  CONSTRAINT uq_ledger_seal_leaf_seal_number_position UNIQUE (seal_number, position),
  CONSTRAINT fk_ledger_seal_leaf_seal_number FOREIGN KEY(seal_number) REFERENCES ledger_seal (number)
)
 STRICT;

CREATE TABLE ledger_shift (
  account_id INTEGER NOT NULL,
  day TEXT NOT NULL,
  amount INTEGER NOT NULL,
  CONSTRAINT pk_ledger_shift PRIMARY KEY (account_id, day),
  CONSTRAINT fk_ledger_shift_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
)
 STRICT;

CREATE TABLE ledger_held (
  account_id INTEGER NOT NULL,
  hold_id INTEGER NOT NULL,
  side TEXT NOT NULL,
  minutes INTEGER NOT NULL,
  expires_at INTEGER,
  CONSTRAINT pk_ledger_held PRIMARY KEY (account_id, hold_id),
  CONSTRAINT ck_ledger_held_side CHECK (side IN ('out', 'in')),
  CONSTRAINT ck_ledger_held_minutes CHECK (minutes > 0),
  CONSTRAINT fk_ledger_held_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_held_hold_id FOREIGN KEY(hold_id) REFERENCES ledger_hold (id)
)
 STRICT;

CREATE INDEX ix_ledger_held_due ON ledger_held (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE ledger_hold_part (
  hold_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  transaction_id INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  remaining INTEGER NOT NULL,
  state TEXT NOT NULL,
  expires_at INTEGER,
  CONSTRAINT pk_ledger_hold_part PRIMARY KEY (hold_id, part),
  CONSTRAINT uq_ledger_hold_part_transaction_id UNIQUE (transaction_id),
  CONSTRAINT ck_ledger_hold_part_counts CHECK (part >= 1 AND settled >= 0 AND remaining >= 0),
  CONSTRAINT ck_ledger_hold_part_state CHECK (state IN ('open', 'settled', 'voided')),
  CONSTRAINT fk_ledger_hold_part_hold_id FOREIGN KEY(hold_id) REFERENCES ledger_hold (id),
  CONSTRAINT ck_ledger_hold_part_remaining CHECK ((state = 'open') = (remaining > 0)),
  CONSTRAINT fk_ledger_hold_part_transaction_id FOREIGN KEY(transaction_id) REFERENCES ledger_transaction (id)
)
 STRICT;
