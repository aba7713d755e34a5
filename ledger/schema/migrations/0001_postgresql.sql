-- Version 1: the tables as they were first made. (Guards are not versioned: ledger/schema/migrating.py.)

CREATE TABLE ledger_account (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_ledger_account PRIMARY KEY (id),
  CONSTRAINT uq_ledger_account_code UNIQUE (code)
);

CREATE TABLE ledger_entry (
  account_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  transaction_id BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  line SMALLINT NOT NULL,
  entry_count SMALLINT NOT NULL,
  CONSTRAINT pk_ledger_entry PRIMARY KEY (account_id, version),
  CONSTRAINT uq_ledger_entry_transaction_id_line UNIQUE (transaction_id, line)
);

CREATE TABLE ledger_period (
  ends_on DATE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  CONSTRAINT pk_ledger_period PRIMARY KEY (ends_on)
);

CREATE TABLE ledger_seal (
  number BIGINT NOT NULL,
  previous BYTEA NOT NULL,
  size BIGINT NOT NULL,
  root BYTEA NOT NULL,
  horizon BIGINT NOT NULL,
  sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  hash BYTEA NOT NULL,
  CONSTRAINT pk_ledger_seal PRIMARY KEY (number),
  CONSTRAINT uq_ledger_seal_hash UNIQUE (hash),
  CONSTRAINT ck_ledger_seal_counts CHECK (number >= 1 AND size >= 0)
);

CREATE TABLE ledger_transaction (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  reverses_id BIGINT,
  xid BIGINT DEFAULT (pg_current_xact_id()::text::bigint) NOT NULL,
  effective DATE NOT NULL,
  entry_count SMALLINT,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BYTEA NOT NULL,
  memo TEXT NOT NULL,
  actor TEXT NOT NULL,
  reference TEXT NOT NULL,
  override_actor TEXT,
  override_reason TEXT,
  CONSTRAINT pk_ledger_transaction PRIMARY KEY (id),
  CONSTRAINT uq_ledger_transaction_key UNIQUE (key),
  CONSTRAINT fk_ledger_transaction_reverses_id FOREIGN KEY(reverses_id) REFERENCES ledger_transaction (id)
);

CREATE INDEX ix_ledger_transaction_effective ON ledger_transaction (effective, id);

CREATE INDEX ix_ledger_transaction_kind ON ledger_transaction (kind, id) WHERE kind <> 'transfer';

CREATE INDEX ix_ledger_transaction_reference ON ledger_transaction (reference, id) WHERE reference <> '';

CREATE INDEX ix_ledger_transaction_xid ON ledger_transaction (xid);

CREATE UNIQUE INDEX uq_ledger_transaction_reverses_id ON ledger_transaction (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE ledger_account_event (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  account_id BIGINT NOT NULL,
  action TEXT NOT NULL,
  status TEXT NOT NULL,
  floor BIGINT,
  ceiling BIGINT,
  soft_floor BIGINT,
  soft_ceiling BIGINT,
  version BIGINT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_ledger_account_event PRIMARY KEY (id),
  CONSTRAINT fk_ledger_account_event_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
);

CREATE INDEX ix_ledger_account_event_account_id ON ledger_account_event (account_id);

CREATE TABLE ledger_balance (
  account_id BIGINT NOT NULL,
  status TEXT NOT NULL,
  floor BIGINT,
  ceiling BIGINT,
  soft_floor BIGINT,
  soft_ceiling BIGINT,
  posted BIGINT NOT NULL,
  held_out BIGINT NOT NULL,
  held_in BIGINT NOT NULL,
  version BIGINT NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  override_version BIGINT,
  CONSTRAINT pk_ledger_balance PRIMARY KEY (account_id),
  CONSTRAINT fk_ledger_balance_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
)
 WITH (fillfactor = 50);

CREATE INDEX ix_ledger_balance_soft_limits ON ledger_balance (account_id) WHERE (soft_floor IS NOT NULL) OR (soft_ceiling IS NOT NULL);

CREATE TABLE ledger_checkpoint (
  account_id BIGINT NOT NULL,
  ends_on DATE NOT NULL,
  version BIGINT NOT NULL,
  balance BIGINT NOT NULL,
  CONSTRAINT pk_ledger_checkpoint PRIMARY KEY (ends_on, account_id),
  CONSTRAINT fk_ledger_checkpoint_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_checkpoint_ends_on FOREIGN KEY(ends_on) REFERENCES ledger_period (ends_on)
);

CREATE TABLE ledger_hold (
  id BIGINT NOT NULL,
  source_id BIGINT NOT NULL,
  target_id BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_ledger_hold PRIMARY KEY (id),
  CONSTRAINT ck_ledger_hold_minutes CHECK (minutes > 0),
  CONSTRAINT ck_ledger_hold_two_accounts CHECK (source_id <> target_id),
  CONSTRAINT fk_ledger_hold_target_id FOREIGN KEY(target_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_hold_id FOREIGN KEY(id) REFERENCES ledger_transaction (id),
  CONSTRAINT fk_ledger_hold_source_id FOREIGN KEY(source_id) REFERENCES ledger_account (id)
);

CREATE INDEX ix_ledger_hold_source_id ON ledger_hold (source_id);

CREATE INDEX ix_ledger_hold_target_id ON ledger_hold (target_id);

CREATE TABLE ledger_pair (
  account_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  given BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  CONSTRAINT pk_ledger_pair PRIMARY KEY (account_id, other_id),
  CONSTRAINT fk_ledger_pair_other_id FOREIGN KEY(other_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_pair_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
);

CREATE TABLE ledger_pair_mark (
  account_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  CONSTRAINT pk_ledger_pair_mark PRIMARY KEY (account_id),
  CONSTRAINT fk_ledger_pair_mark_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
);

CREATE TABLE ledger_seal_leaf (
  transaction_id BIGINT NOT NULL,
  seal_number BIGINT NOT NULL,
  position BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  CONSTRAINT pk_ledger_seal_leaf PRIMARY KEY (transaction_id),
  CONSTRAINT uq_ledger_seal_leaf_seal_number_position UNIQUE (seal_number, position),
  CONSTRAINT fk_ledger_seal_leaf_seal_number FOREIGN KEY(seal_number) REFERENCES ledger_seal (number)
);

CREATE TABLE ledger_shift (
  account_id BIGINT NOT NULL,
  day DATE NOT NULL,
  amount BIGINT NOT NULL,
  CONSTRAINT pk_ledger_shift PRIMARY KEY (account_id, day),
  CONSTRAINT fk_ledger_shift_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id)
);

CREATE TABLE ledger_held (
  account_id BIGINT NOT NULL,
  hold_id BIGINT NOT NULL,
  side TEXT NOT NULL,
  minutes BIGINT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_ledger_held PRIMARY KEY (account_id, hold_id),
  CONSTRAINT ck_ledger_held_side CHECK (side IN ('out', 'in')),
  CONSTRAINT ck_ledger_held_minutes CHECK (minutes > 0),
  CONSTRAINT fk_ledger_held_account_id FOREIGN KEY(account_id) REFERENCES ledger_account (id),
  CONSTRAINT fk_ledger_held_hold_id FOREIGN KEY(hold_id) REFERENCES ledger_hold (id)
);

CREATE INDEX ix_ledger_held_due ON ledger_held (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE ledger_hold_part (
  hold_id BIGINT NOT NULL,
  part SMALLINT NOT NULL,
  transaction_id BIGINT NOT NULL,
  settled BIGINT NOT NULL,
  remaining BIGINT NOT NULL,
  state TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_ledger_hold_part PRIMARY KEY (hold_id, part),
  CONSTRAINT uq_ledger_hold_part_transaction_id UNIQUE (transaction_id),
  CONSTRAINT ck_ledger_hold_part_counts CHECK (part >= 1 AND settled >= 0 AND remaining >= 0),
  CONSTRAINT ck_ledger_hold_part_state CHECK (state IN ('open', 'settled', 'voided')),
  CONSTRAINT fk_ledger_hold_part_hold_id FOREIGN KEY(hold_id) REFERENCES ledger_hold (id),
  CONSTRAINT ck_ledger_hold_part_remaining CHECK ((state = 'open') = (remaining > 0)),
  CONSTRAINT fk_ledger_hold_part_transaction_id FOREIGN KEY(transaction_id) REFERENCES ledger_transaction (id)
);
