-- The guards of the book: the rules of PostgreSQL, and that each entry goes on from the one before.
-- SQLite has no statement triggers, so that some are CHECKs and a deferred foreign key of the tables;
-- and it lets INSERT OR REPLACE delete without asking, so replacing is refused before it happens.

-- Of an account only the name changes.
DROP TRIGGER IF EXISTS ledger_account_no_update;
CREATE TRIGGER ledger_account_no_update BEFORE UPDATE ON ledger_account
WHEN NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.opened_at <> OLD.opened_at
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_account_no_delete;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_account_no_replace;
CREATE TRIGGER ledger_account_no_replace BEFORE INSERT ON ledger_account
WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM ledger_account WHERE code = NEW.code)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

-- The book has one row, of which closings are counted.
DROP TRIGGER IF EXISTS ledger_book_no_insert;
CREATE TRIGGER ledger_book_no_insert BEFORE INSERT ON ledger_book
BEGIN
  SELECT RAISE(ABORT, 'ledger: a book is begun once');
END;

DROP TRIGGER IF EXISTS ledger_book_no_delete;
CREATE TRIGGER ledger_book_no_delete BEFORE DELETE ON ledger_book
BEGIN
  SELECT RAISE(ABORT, 'ledger: a book is begun once');
END;

DROP TRIGGER IF EXISTS ledger_book_counts;
CREATE TRIGGER ledger_book_counts BEFORE UPDATE ON ledger_book
WHEN NEW.id <> OLD.id OR NEW.schema_version <> OLD.schema_version
  OR NEW.closings < OLD.closings OR NEW.closings > OLD.closings + 1
BEGIN
  SELECT RAISE(ABORT, 'ledger: the book counts its closings one by one');
END;

DROP TRIGGER IF EXISTS ledger_account_event_no_update;
CREATE TRIGGER ledger_account_event_no_update BEFORE UPDATE ON ledger_account_event
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_account_event_no_delete;
CREATE TRIGGER ledger_account_event_no_delete BEFORE DELETE ON ledger_account_event
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_account_event_no_replace;
CREATE TRIGGER ledger_account_event_no_replace BEFORE INSERT ON ledger_account_event
WHEN EXISTS (SELECT 1 FROM ledger_account_event WHERE transaction_id = NEW.transaction_id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_transaction_no_update;
CREATE TRIGGER ledger_transaction_no_update BEFORE UPDATE ON ledger_transaction
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_transaction_no_delete;
CREATE TRIGGER ledger_transaction_no_delete BEFORE DELETE ON ledger_transaction
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_transaction_no_replace;
CREATE TRIGGER ledger_transaction_no_replace BEFORE INSERT ON ledger_transaction
WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM ledger_transaction WHERE key = NEW.key)
  OR EXISTS (SELECT 1 FROM ledger_transaction WHERE reverses_id = NEW.reverses_id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_entry_no_update;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_entry_no_delete;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_entry_no_replace;
CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE (account_id = NEW.account_id AND version = NEW.version))
  OR EXISTS (SELECT 1 FROM ledger_entry WHERE (transaction_id = NEW.transaction_id AND line = NEW.line))
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_hold_no_update;
CREATE TRIGGER ledger_hold_no_update BEFORE UPDATE ON ledger_hold
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_hold_no_delete;
CREATE TRIGGER ledger_hold_no_delete BEFORE DELETE ON ledger_hold
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_hold_no_replace;
CREATE TRIGGER ledger_hold_no_replace BEFORE INSERT ON ledger_hold
WHEN EXISTS (SELECT 1 FROM ledger_hold WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_hold_part_no_update;
CREATE TRIGGER ledger_hold_part_no_update BEFORE UPDATE ON ledger_hold_part
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_hold_part_no_delete;
CREATE TRIGGER ledger_hold_part_no_delete BEFORE DELETE ON ledger_hold_part
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_hold_part_no_replace;
CREATE TRIGGER ledger_hold_part_no_replace BEFORE INSERT ON ledger_hold_part
WHEN EXISTS (SELECT 1 FROM ledger_hold_part WHERE (hold_id = NEW.hold_id AND part = NEW.part))
  OR EXISTS (SELECT 1 FROM ledger_hold_part WHERE transaction_id = NEW.transaction_id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_period_no_update;
CREATE TRIGGER ledger_period_no_update BEFORE UPDATE ON ledger_period
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_period_no_delete;
CREATE TRIGGER ledger_period_no_delete BEFORE DELETE ON ledger_period
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_period_no_replace;
CREATE TRIGGER ledger_period_no_replace BEFORE INSERT ON ledger_period
WHEN EXISTS (SELECT 1 FROM ledger_period
             WHERE ends_on = NEW.ends_on OR transaction_id = NEW.transaction_id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_checkpoint_no_update;
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_checkpoint_no_delete;
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_checkpoint_no_replace;
CREATE TRIGGER ledger_checkpoint_no_replace BEFORE INSERT ON ledger_checkpoint
WHEN EXISTS (SELECT 1 FROM ledger_checkpoint WHERE account_id = NEW.account_id AND ends_on = NEW.ends_on)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_seal_no_update;
CREATE TRIGGER ledger_seal_no_update BEFORE UPDATE ON ledger_seal
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_seal_no_delete;
CREATE TRIGGER ledger_seal_no_delete BEFORE DELETE ON ledger_seal
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_seal_no_replace;
CREATE TRIGGER ledger_seal_no_replace BEFORE INSERT ON ledger_seal
WHEN EXISTS (SELECT 1 FROM ledger_seal WHERE number = NEW.number OR hash = NEW.hash)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

DROP TRIGGER IF EXISTS ledger_seal_leaf_no_update;
CREATE TRIGGER ledger_seal_leaf_no_update BEFORE UPDATE ON ledger_seal_leaf
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_seal_leaf_no_delete;
CREATE TRIGGER ledger_seal_leaf_no_delete BEFORE DELETE ON ledger_seal_leaf
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never changed');
END;

DROP TRIGGER IF EXISTS ledger_seal_leaf_no_replace;
CREATE TRIGGER ledger_seal_leaf_no_replace BEFORE INSERT ON ledger_seal_leaf
WHEN EXISTS (SELECT 1 FROM ledger_seal_leaf WHERE transaction_id = NEW.transaction_id
  OR (seal_number = NEW.seal_number AND position = NEW.position))
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

-- Each seal follows on the one before.
DROP TRIGGER IF EXISTS ledger_seal_follows;
CREATE TRIGGER ledger_seal_follows BEFORE INSERT ON ledger_seal
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM ledger_seal)
  OR NEW.previous <> coalesce((SELECT hash FROM ledger_seal WHERE number = NEW.number - 1),
                              zeroblob(32))
BEGIN
  SELECT RAISE(ABORT, 'ledger: a seal follows on the one before');
END;

DROP TRIGGER IF EXISTS ledger_balance_no_delete;
CREATE TRIGGER ledger_balance_no_delete BEFORE DELETE ON ledger_balance
BEGIN
  SELECT RAISE(ABORT, 'ledger: a balance is never deleted');
END;

DROP TRIGGER IF EXISTS ledger_balance_no_replace;
CREATE TRIGGER ledger_balance_no_replace BEFORE INSERT ON ledger_balance
WHEN EXISTS (SELECT 1 FROM ledger_balance WHERE account_id = NEW.account_id)
BEGIN
  SELECT RAISE(ABORT, 'ledger: recorded rows are never replaced');
END;

-- A balance is born at zero and moves only with its version.
DROP TRIGGER IF EXISTS ledger_balance_born;
CREATE TRIGGER ledger_balance_born BEFORE INSERT ON ledger_balance
WHEN NEW.posted <> 0 OR NEW.held_out <> 0 OR NEW.held_in <> 0 OR NEW.version <> 0
BEGIN
  SELECT RAISE(ABORT, 'ledger: a balance begins at zero');
END;

DROP TRIGGER IF EXISTS ledger_balance_shape;
CREATE TRIGGER ledger_balance_shape BEFORE UPDATE ON ledger_balance
WHEN NEW.account_id <> OLD.account_id OR NEW.version < OLD.version
  OR NEW.recorded_at < OLD.recorded_at
  OR (NEW.version = OLD.version AND NEW.posted <> OLD.posted)
BEGIN
  SELECT RAISE(ABORT, 'ledger: a balance moves only with its entries');
END;

-- Nothing is recorded ahead of the clock, by more than a second.
DROP TRIGGER IF EXISTS ledger_balance_clock;
CREATE TRIGGER ledger_balance_clock BEFORE UPDATE ON ledger_balance
WHEN NEW.recorded_at > OLD.recorded_at AND NEW.recorded_at
  > (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) + 1000) * 1000 + 999
BEGIN
  SELECT RAISE(ABORT, 'ledger: a balance is not dated ahead of the clock');
END;

DROP TRIGGER IF EXISTS ledger_balance_clock_born;
CREATE TRIGGER ledger_balance_clock_born BEFORE INSERT ON ledger_balance
WHEN NEW.recorded_at
  > (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) + 1000) * 1000 + 999
BEGIN
  SELECT RAISE(ABORT, 'ledger: a balance is not dated ahead of the clock');
END;

DROP TRIGGER IF EXISTS ledger_transaction_clock;
CREATE TRIGGER ledger_transaction_clock BEFORE INSERT ON ledger_transaction
WHEN NEW.recorded_at
  > (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) + 1000) * 1000 + 999
BEGIN
  SELECT RAISE(ABORT, 'ledger: a transaction is not recorded ahead of the clock');
END;

DROP TRIGGER IF EXISTS ledger_entry_clock;
CREATE TRIGGER ledger_entry_clock BEFORE INSERT ON ledger_entry
WHEN NEW.recorded_at
  > (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) + 1000) * 1000 + 999
BEGIN
  SELECT RAISE(ABORT, 'ledger: an entry is not recorded ahead of the clock');
END;

-- Limits count holds. An account already beyond one may move back towards it, and an override
-- that names a person exempts the step to one version.
DROP TRIGGER IF EXISTS ledger_balance_floor;
CREATE TRIGGER ledger_balance_floor BEFORE UPDATE ON ledger_balance
WHEN NEW.posted - NEW.held_out < NEW.floor
  AND NEW.posted - NEW.held_out < OLD.posted - OLD.held_out
  AND (NEW.override_version IS NOT NEW.version OR NEW.version = OLD.version
       OR (SELECT override_actor FROM ledger_transaction WHERE id = (
             SELECT transaction_id FROM ledger_entry
              WHERE account_id = NEW.account_id AND version = NEW.version)) IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ledger: balance below its floor');
END;

DROP TRIGGER IF EXISTS ledger_balance_ceiling;
CREATE TRIGGER ledger_balance_ceiling BEFORE UPDATE ON ledger_balance
WHEN NEW.posted + NEW.held_in > NEW.ceiling
  AND NEW.posted + NEW.held_in > OLD.posted + OLD.held_in
  AND (NEW.override_version IS NOT NEW.version OR NEW.version = OLD.version
       OR (SELECT override_actor FROM ledger_transaction WHERE id = (
             SELECT transaction_id FROM ledger_entry
              WHERE account_id = NEW.account_id AND version = NEW.version)) IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ledger: balance above its ceiling');
END;

-- On an account that is not open, only what is held already moves; and closing is for ever.
DROP TRIGGER IF EXISTS ledger_balance_not_open;
CREATE TRIGGER ledger_balance_not_open BEFORE UPDATE ON ledger_balance
WHEN (OLD.status <> 'open' OR NEW.status <> 'open')
  AND (NEW.held_out > OLD.held_out OR NEW.held_in > OLD.held_in
       OR NEW.posted < OLD.posted - (OLD.held_out - NEW.held_out)
       OR NEW.posted > OLD.posted + (OLD.held_in - NEW.held_in))
BEGIN
  SELECT RAISE(ABORT, 'ledger: only what is held already moves on an account that is not open');
END;

DROP TRIGGER IF EXISTS ledger_balance_closed;
CREATE TRIGGER ledger_balance_closed BEFORE UPDATE ON ledger_balance
WHEN OLD.status = 'closed' AND NEW.status <> 'closed'
BEGIN
  SELECT RAISE(ABORT, 'ledger: a closed account never comes back');
END;

-- The last line closes its transaction: all lines are there and they sum to zero.
DROP TRIGGER IF EXISTS ledger_entry_closing_line;
CREATE TRIGGER ledger_entry_closing_line AFTER INSERT ON ledger_entry
WHEN NEW.line = NEW.entry_count
BEGIN
  SELECT RAISE(ABORT, 'ledger: the lines of a transaction are not complete or do not sum to zero')
  WHERE (SELECT count(*) <> NEW.entry_count OR sum(amount) <> 0
         FROM ledger_entry WHERE transaction_id = NEW.transaction_id);
END;

-- A line belongs to an account and to a transaction of so many lines.
DROP TRIGGER IF EXISTS ledger_entry_belongs;
CREATE TRIGGER ledger_entry_belongs BEFORE INSERT ON ledger_entry
WHEN NOT EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.account_id)
  OR NOT EXISTS (SELECT 1 FROM ledger_transaction
                 WHERE id = NEW.transaction_id AND entry_count = NEW.entry_count)
BEGIN
  SELECT RAISE(ABORT, 'ledger: a line without its account or transaction');
END;

-- Each entry goes on from the one before on its account.
DROP TRIGGER IF EXISTS ledger_entry_chain;
CREATE TRIGGER ledger_entry_chain BEFORE INSERT ON ledger_entry
WHEN NEW.balance <> NEW.amount + CASE WHEN NEW.version = 1 THEN 0 ELSE coalesce(
       (SELECT balance FROM ledger_entry
        WHERE account_id = NEW.account_id AND version = NEW.version - 1),
       NEW.balance) END
  OR (NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM ledger_entry
      WHERE account_id = NEW.account_id AND version = NEW.version - 1))
BEGIN
  SELECT RAISE(ABORT, 'ledger: an entry goes on from the one before');
END;

-- An effective date is in the past or today, and in no closed period. Today is London's: an hour
-- later than UTC from the last Sunday of March to that of October, at 01:00 UTC. (It has been so since
-- 1996; SQLite knows no time zones, so before that an hour in winter is let through.)
DROP TRIGGER IF EXISTS ledger_transaction_effective;
CREATE TRIGGER ledger_transaction_effective BEFORE INSERT ON ledger_transaction
WHEN NEW.effective <> date(NEW.effective)
  OR NEW.effective > date(NEW.recorded_at / 1000000 + 3600, 'unixepoch')
  OR (NEW.effective > date(NEW.recorded_at / 1000000, 'unixepoch')
      AND NEW.recorded_at >= 820454400000000
      AND datetime(NEW.recorded_at / 1000000, 'unixepoch') NOT BETWEEN
            datetime(strftime('%Y-04-01 01:00', NEW.recorded_at / 1000000, 'unixepoch'),
                     'weekday 0', '-7 days')
        AND datetime(strftime('%Y-11-01 00:59:59', NEW.recorded_at / 1000000, 'unixepoch'),
                     'weekday 0', '-7 days'))
  OR EXISTS (SELECT 1 FROM ledger_period WHERE ends_on >= NEW.effective)
BEGIN
  SELECT RAISE(ABORT, 'ledger: effective date in the future or in a closed period');
END;

-- A period ends on a day that is over in London, after the period before it; the book counts it.
DROP TRIGGER IF EXISTS ledger_period_closing;
CREATE TRIGGER ledger_period_closing BEFORE INSERT ON ledger_period
WHEN NEW.ends_on <> date(NEW.ends_on)
  OR NEW.closed_at > CAST((julianday('now') - 2440587.5) * 864e8 + 1e6 AS INTEGER)
  OR NEW.ends_on >= date(NEW.closed_at / 1000000 + 3600, 'unixepoch')
  OR (NEW.ends_on >= date(NEW.closed_at / 1000000, 'unixepoch')
      AND NEW.closed_at >= 820454400000000
      AND datetime(NEW.closed_at / 1000000, 'unixepoch') NOT BETWEEN
            datetime(strftime('%Y-04-01 01:00', NEW.closed_at / 1000000, 'unixepoch'),
                     'weekday 0', '-7 days')
        AND datetime(strftime('%Y-11-01 00:59:59', NEW.closed_at / 1000000, 'unixepoch'),
                     'weekday 0', '-7 days'))
  OR EXISTS (SELECT 1 FROM ledger_period
             WHERE ends_on >= NEW.ends_on OR closed_at > NEW.closed_at)
BEGIN
  SELECT RAISE(ABORT, 'ledger: a period cannot be closed so');
END;

DROP TRIGGER IF EXISTS ledger_period_counted;
CREATE TRIGGER ledger_period_counted AFTER INSERT ON ledger_period
BEGIN
  UPDATE ledger_book SET closings = closings + 1;
END;

-- Only something that moved minutes can be reversed, and a reversal cannot.
DROP TRIGGER IF EXISTS ledger_transaction_reversal;
CREATE TRIGGER ledger_transaction_reversal BEFORE INSERT ON ledger_transaction
WHEN NEW.reverses_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.reverses_id
                  AND entry_count = NEW.entry_count AND action <> 'reverse')
BEGIN
  SELECT RAISE(ABORT, 'ledger: the transaction cannot be reversed');
END;

-- Each part of a hold goes on from the one before, and nothing follows its end.
DROP TRIGGER IF EXISTS ledger_hold_part_goes_on;
CREATE TRIGGER ledger_hold_part_goes_on BEFORE INSERT ON ledger_hold_part
WHEN NOT EXISTS (
  SELECT 1 FROM (
    SELECT part, settled, remaining, expires_at FROM ledger_hold_part
     WHERE hold_id = NEW.hold_id
    UNION ALL SELECT 0, 0, minutes, expires_at FROM ledger_hold WHERE id = NEW.hold_id
    ORDER BY 1 DESC LIMIT 1) AS was
  WHERE NEW.part = was.part + 1 AND was.remaining > 0 AND NEW.settled >= was.settled
    AND NEW.settled + NEW.remaining <= was.settled + was.remaining
    AND (was.expires_at IS NULL OR was.expires_at > (
      SELECT recorded_at FROM ledger_transaction WHERE id = NEW.transaction_id)))
BEGIN
  SELECT RAISE(ABORT, 'ledger: the hold cannot be resolved so');
END;
