-- The guards of the book: whatever writes to these tables, these rules hold.

CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger: %', replace(TG_ARGV[0], '_', ' ')
    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$;

-- Posted facts never change.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['ledger_account', 'ledger_account_event', 'ledger_transaction',
                              'ledger_entry', 'ledger_hold', 'ledger_hold_part', 'ledger_period',
                              'ledger_checkpoint', 'ledger_seal', 'ledger_seal_leaf']
  LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER ledger_immutable BEFORE UPDATE OR DELETE ON %I
         FOR EACH ROW EXECUTE FUNCTION ledger_refuse(''recorded_rows_are_never_changed'')', name);
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER ledger_untruncated BEFORE TRUNCATE ON %I
         EXECUTE FUNCTION ledger_refuse(''recorded_rows_are_never_changed'')', name);
  END LOOP;
END $$;

-- A balance is born at zero, moves only with its version, and never goes.
CREATE OR REPLACE TRIGGER ledger_born BEFORE INSERT ON ledger_balance FOR EACH ROW
  WHEN (NEW.posted <> 0 OR NEW.held_out <> 0 OR NEW.held_in <> 0 OR NEW.version <> 0)
  EXECUTE FUNCTION ledger_refuse('a_balance_begins_at_zero');
CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger_balance FOR EACH ROW
  EXECUTE FUNCTION ledger_refuse('a_balance_is_never_deleted');
CREATE OR REPLACE TRIGGER ledger_untruncated BEFORE TRUNCATE ON ledger_balance
  EXECUTE FUNCTION ledger_refuse('a_balance_is_never_deleted');
-- Limits count holds. An account already beyond one may move back towards it, and an override
-- that names a person exempts one version. (One function, because the WHEN clauses of separate
-- triggers are read anew for every statement.)
CREATE OR REPLACE FUNCTION ledger_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault text;
BEGIN
  fault := CASE
    WHEN NEW.account_id <> OLD.account_id OR NEW.version < OLD.version
         OR NEW.recorded_at < OLD.recorded_at
         OR (NEW.version = OLD.version AND NEW.posted <> OLD.posted)
      THEN 'a balance moves only with its entries'
    WHEN NEW.posted - NEW.held_out < NEW.floor
         AND NEW.posted - NEW.held_out < OLD.posted - OLD.held_out
         AND NEW.override_version IS DISTINCT FROM NEW.version
      THEN 'balance below its floor'
    WHEN NEW.posted + NEW.held_in > NEW.ceiling
         AND NEW.posted + NEW.held_in > OLD.posted + OLD.held_in
         AND NEW.override_version IS DISTINCT FROM NEW.version
      THEN 'balance above its ceiling' END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'ledger: %', fault
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_moves BEFORE UPDATE ON ledger_balance FOR EACH ROW
  EXECUTE FUNCTION ledger_check_balance();

-- Each line belongs to an account and to a transaction of so many lines, and the last line closes
-- its transaction: all lines are there and they sum to zero. Checked once for all lines that a
-- statement writes. (The subqueries are scalar, because others may be hashed: whole tables read.)
CREATE OR REPLACE FUNCTION ledger_check_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault text;
BEGIN
  SELECT 'ledger: transaction ' || w.transaction_id || ' has no line ' || w.line || ' of '
         || w.entry_count || ' on account ' || w.account_id
    INTO fault FROM written w
   WHERE (SELECT b.account_id FROM ledger_balance b WHERE b.account_id = w.account_id) IS NULL
      OR (SELECT t.entry_count FROM ledger_transaction t WHERE t.id = w.transaction_id)
         IS DISTINCT FROM w.entry_count
      OR (w.line = w.entry_count
          AND (SELECT count(*) = w.entry_count AND sum(e.amount) = 0
                 FROM ledger_entry e WHERE e.transaction_id = w.transaction_id) IS NOT TRUE)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', fault
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_lines AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_lines();

-- An effective date that is not today is no later than the day of recording, and in no closed
-- period. The lock is what a posting has already; here it makes any other writer wait for a close.
CREATE OR REPLACE FUNCTION ledger_check_effective() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE ledger_balance IN ROW SHARE MODE;
  IF NEW.effective > (NEW.recorded_at AT TIME ZONE 'Europe/London')::date THEN
    RAISE EXCEPTION 'ledger: effective date % is in the future', NEW.effective
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  ELSIF EXISTS (SELECT FROM ledger_period WHERE ends_on >= NEW.effective) THEN
    RAISE EXCEPTION 'ledger: effective date % is in a closed period', NEW.effective
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_effective BEFORE INSERT ON ledger_transaction FOR EACH ROW
  WHEN (NEW.effective <> (NEW.recorded_at AT TIME ZONE 'Europe/London')::date
        OR NEW.effective <> (clock_timestamp() AT TIME ZONE 'Europe/London')::date)
  EXECUTE FUNCTION ledger_check_effective();

-- A period ends on a day that is over, after the period before it. The lock waits for every
-- transaction that has posted and stops those that have not. Every account then has seen the close:
-- whatever is recorded later on it is later than the close, so its day lies in no closed period;
-- and a posting whose snapshot is older than the close fails on the row instead of passing it by.
CREATE OR REPLACE FUNCTION ledger_check_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE ledger_balance IN EXCLUSIVE MODE;
  IF NEW.closed_at > clock_timestamp()
     OR NEW.ends_on >= (NEW.closed_at AT TIME ZONE 'Europe/London')::date
     OR EXISTS (SELECT FROM ledger_period
                 WHERE ends_on >= NEW.ends_on OR closed_at > NEW.closed_at) THEN
    RAISE EXCEPTION 'ledger: a period cannot be closed through % now', NEW.ends_on
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  UPDATE ledger_balance SET recorded_at = greatest(recorded_at, NEW.closed_at);
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_closing BEFORE INSERT ON ledger_period FOR EACH ROW
  EXECUTE FUNCTION ledger_check_period();

-- Only something that moved minutes can be reversed, and a reversal cannot.
CREATE OR REPLACE FUNCTION ledger_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_transaction WHERE id = NEW.reverses_id
                 AND entry_count = NEW.entry_count AND action <> 'reverse') THEN
    RAISE EXCEPTION 'ledger: transaction % cannot be reversed', NEW.reverses_id
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_reversal BEFORE INSERT ON ledger_transaction FOR EACH ROW
  WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_check_reversal();

-- Each part of a hold goes on from the one before, and nothing follows its end.
CREATE OR REPLACE FUNCTION ledger_check_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part_before bigint;
  settled_before bigint;
  remaining_before bigint;
  expires_before timestamptz;
  recorded timestamptz;
BEGIN
  SELECT part, settled, remaining, expires_at
    INTO part_before, settled_before, remaining_before, expires_before
    FROM ledger_hold_part WHERE hold_id = NEW.hold_id ORDER BY part DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT 0, 0, minutes, expires_at
      INTO part_before, settled_before, remaining_before, expires_before
      FROM ledger_hold WHERE id = NEW.hold_id;
  END IF;
  SELECT recorded_at INTO recorded FROM ledger_transaction WHERE id = NEW.transaction_id;
  IF NEW.part <> part_before + 1 OR remaining_before = 0 OR NEW.settled < settled_before
     OR NEW.settled + NEW.remaining > settled_before + remaining_before
     OR expires_before <= recorded THEN
    RAISE EXCEPTION 'ledger: hold % cannot be resolved so', NEW.hold_id
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_part BEFORE INSERT ON ledger_hold_part FOR EACH ROW
  EXECUTE FUNCTION ledger_check_part();

-- Each seal follows on the one before.
CREATE OR REPLACE FUNCTION ledger_check_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM ledger_seal)
     OR NEW.previous <> coalesce((SELECT hash FROM ledger_seal WHERE number = NEW.number - 1),
                                 decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'ledger: seal % does not follow on the one before', NEW.number
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_follows BEFORE INSERT ON ledger_seal FOR EACH ROW
  EXECUTE FUNCTION ledger_check_seal();

-- The guards hold for replication roles and for whoever switches ordinary triggers off.
DO $$
DECLARE
  guard record;
BEGIN
  FOR guard IN SELECT c.relname AS name, t.tgname AS trigger FROM pg_trigger t
               JOIN pg_class c ON c.oid = t.tgrelid
               WHERE c.relname LIKE 'ledger\_%' AND c.relnamespace = current_schema()::regnamespace
                 AND NOT t.tgisinternal
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', guard.name, guard.trigger);
  END LOOP;
END $$;
