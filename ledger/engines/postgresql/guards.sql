-- The guards of the book: whatever writes to these tables, these rules hold. Within the functions
-- {book} is the schema of the tables, put in when they are installed: a name alone would be looked
-- up first among the temporary tables, where every writer can make one that says what is wanted.
-- Types are looked up there, too, but for those of SQL's own words (bigint, boolean, interval): so
-- date, text, timestamptz and record are named with pg_catalog.

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
  FOREACH name IN ARRAY ARRAY['ledger_account_event', 'ledger_transaction',
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

-- Of an account only the name changes. The book has one row, of which closings are counted.
CREATE OR REPLACE TRIGGER ledger_named BEFORE UPDATE ON ledger_account FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.opened_at <> OLD.opened_at)
  EXECUTE FUNCTION ledger_refuse('recorded_rows_are_never_changed');
CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger_account FOR EACH ROW
  EXECUTE FUNCTION ledger_refuse('recorded_rows_are_never_changed');
CREATE OR REPLACE TRIGGER ledger_untruncated BEFORE TRUNCATE ON ledger_account
  EXECUTE FUNCTION ledger_refuse('recorded_rows_are_never_changed');
CREATE OR REPLACE TRIGGER ledger_begun BEFORE INSERT ON ledger_book FOR EACH ROW
  EXECUTE FUNCTION ledger_refuse('a_book_is_begun_once');
CREATE OR REPLACE TRIGGER ledger_counts BEFORE UPDATE ON ledger_book FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.schema_version <> OLD.schema_version
        OR NEW.closings < OLD.closings OR NEW.closings > OLD.closings + 1)
  EXECUTE FUNCTION ledger_refuse('the_book_counts_its_closings_one_by_one');
CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger_book FOR EACH ROW
  EXECUTE FUNCTION ledger_refuse('a_book_is_begun_once');
CREATE OR REPLACE TRIGGER ledger_untruncated BEFORE TRUNCATE ON ledger_book
  EXECUTE FUNCTION ledger_refuse('a_book_is_begun_once');

-- A balance is born at zero, moves only with its version, and never goes.
CREATE OR REPLACE TRIGGER ledger_born BEFORE INSERT ON ledger_balance FOR EACH ROW
  WHEN (NEW.posted <> 0 OR NEW.held_out <> 0 OR NEW.held_in <> 0 OR NEW.version <> 0)
  EXECUTE FUNCTION ledger_refuse('a_balance_begins_at_zero');
CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger_balance FOR EACH ROW
  EXECUTE FUNCTION ledger_refuse('a_balance_is_never_deleted');
CREATE OR REPLACE TRIGGER ledger_untruncated BEFORE TRUNCATE ON ledger_balance
  EXECUTE FUNCTION ledger_refuse('a_balance_is_never_deleted');
-- Limits count holds. An account already beyond one may move back towards it, and an override
-- that names a person exempts the step to one version. On an account that is not open, only what
-- is held already moves. (What could be CHECK constraints stands here and below
-- in triggers, because PostgreSQL parses a CHECK, or the WHEN of a trigger, anew for every
-- statement, and the body of a function once a session.)
CREATE OR REPLACE FUNCTION ledger_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fault pg_catalog.text;
  overridden_by pg_catalog.text;
BEGIN
  -- Nearly always this is all there is to be asked.
  IF NEW.account_id = OLD.account_id AND NEW.version > OLD.version
     AND NEW.recorded_at > OLD.recorded_at
     AND NEW.recorded_at <= clock_timestamp() + interval '1 second'
     AND NEW.status = 'open' AND OLD.status = 'open'
     AND (NEW.floor IS NULL OR NEW.posted - NEW.held_out >= NEW.floor)
     AND (NEW.ceiling IS NULL OR NEW.posted + NEW.held_in <= NEW.ceiling)
     AND (NEW.floor > NEW.ceiling OR NEW.soft_floor > NEW.soft_ceiling
          OR NEW.held_out < 0 OR NEW.held_in < 0) IS NOT TRUE THEN
    RETURN NEW;
  END IF;
  fault := CASE
    WHEN NEW.account_id <> OLD.account_id OR NEW.version < OLD.version
         OR NEW.recorded_at < OLD.recorded_at
         OR (NEW.version = OLD.version AND NEW.posted <> OLD.posted)
      THEN 'a balance moves only with its entries'
    WHEN NEW.recorded_at > clock_timestamp() + interval '1 second'
         AND NEW.recorded_at IS DISTINCT FROM OLD.recorded_at
      THEN 'a balance is not dated ahead of the clock'
    WHEN OLD.status = 'closed' AND NEW.status <> 'closed'
      THEN 'a closed account never comes back'
    WHEN (OLD.status <> 'open' OR NEW.status <> 'open')
         AND (NEW.held_out > OLD.held_out OR NEW.held_in > OLD.held_in
              OR NEW.posted < OLD.posted - (OLD.held_out - NEW.held_out)
              OR NEW.posted > OLD.posted + (OLD.held_in - NEW.held_in))
      THEN 'only what is held already moves on an account that is not open'
    WHEN NEW.held_out < 0 OR NEW.held_in < 0
      THEN 'less than nothing cannot be held'
    WHEN NEW.floor > NEW.ceiling OR NEW.soft_floor > NEW.soft_ceiling
      THEN 'a floor is no higher than its ceiling'
    WHEN NEW.status NOT IN ('open', 'frozen')
         AND (NEW.status <> 'closed' OR NEW.posted <> 0 OR NEW.held_out <> 0 OR NEW.held_in <> 0)
      THEN 'an account is open or frozen, or closed with nothing on it'
    WHEN NEW.posted - NEW.held_out < NEW.floor
         AND NEW.posted - NEW.held_out < OLD.posted - OLD.held_out
      THEN 'balance below its floor'
    WHEN NEW.posted + NEW.held_in > NEW.ceiling
         AND NEW.posted + NEW.held_in > OLD.posted + OLD.held_in
      THEN 'balance above its ceiling' END;
  IF fault LIKE 'balance %' AND NEW.version > OLD.version
     AND NEW.override_version = NEW.version THEN
    SELECT override_actor INTO overridden_by FROM {book}.ledger_transaction WHERE id = (
      SELECT transaction_id FROM {book}.ledger_entry
       WHERE account_id = NEW.account_id AND version = NEW.version);
    IF overridden_by IS NOT NULL THEN
      fault := NULL;
    END IF;
  END IF;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION 'ledger: %', fault
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_moves BEFORE INSERT OR UPDATE ON ledger_balance FOR EACH ROW
  EXECUTE FUNCTION ledger_check_balance();

-- What the two guards below ask of a few rows one by one, they ask of many at once: that takes half
-- the time. (Whole tables are not read, whatever their size was guessed to be for the plan.)
-- Whether these transactions, in the order of their numbers, are there and count so many lines.
CREATE OR REPLACE FUNCTION ledger_have_counts(p_ids bigint[], p_counts bigint[])
RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN p_counts = (SELECT array_agg(t.entry_count::bigint ORDER BY t.id)
                       FROM {book}.ledger_transaction t WHERE t.id = ANY (p_ids));
END $$;

-- Whether these transactions, in the order of their numbers, have so many lines, on accounts that
-- exist, and the lines of each sum to zero.
CREATE OR REPLACE FUNCTION ledger_have_lines(p_ids bigint[], p_counts bigint[])
RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  counts bigint[];
  accounts bigint[];
BEGIN
  WITH line AS MATERIALIZED (
    SELECT e.transaction_id, e.account_id, e.amount FROM {book}.ledger_entry e
     WHERE e.transaction_id = ANY (p_ids))
  SELECT (SELECT array_agg(lines ORDER BY id)
            FROM (SELECT transaction_id AS id, count(*) AS lines FROM line
                   GROUP BY transaction_id HAVING sum(amount) = 0) balanced),
         (SELECT array_agg(DISTINCT account_id) FROM line)
    INTO counts, accounts;
  RETURN counts = p_counts AND cardinality(accounts) = (
    SELECT count(*) FROM {book}.ledger_balance b WHERE b.account_id = ANY (accounts));
END $$;

-- Each line has the header that counts it. (Subqueries here and below are scalar: those look up an
-- index, whatever is forbidden or guessed, where joins and others may read whole tables.)
CREATE OR REPLACE FUNCTION ledger_check_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sound boolean;
  fault pg_catalog.text;
BEGIN
  IF (SELECT count(*) FROM written) < 20 THEN
    sound := NOT EXISTS (
      SELECT FROM written w
       WHERE (w.amount <> 0 AND w.line BETWEEN 1 AND w.entry_count
              AND w.recorded_at <= clock_timestamp() + interval '1 second' AND w.entry_count =
              (SELECT t.entry_count FROM {book}.ledger_transaction t WHERE t.id = w.transaction_id))
             IS NOT TRUE);
  ELSE
    sound := (
      SELECT bool_and(numbered) AND max(latest) <= clock_timestamp() + interval '1 second'
             AND {book}.ledger_have_counts(array_agg(transaction_id ORDER BY transaction_id),
                                           array_agg(entry_count ORDER BY transaction_id))
        FROM (SELECT transaction_id, entry_count::bigint, max(recorded_at) AS latest,
                     bool_and((amount <> 0 AND line BETWEEN 1 AND entry_count) IS TRUE) AS numbered
                FROM written GROUP BY transaction_id, entry_count) headers);
  END IF;
  IF sound IS NOT TRUE THEN
    SELECT 'transaction ' || w.transaction_id || ' has no line ' || w.line || ' of '
           || w.entry_count || ' with ' || w.amount || ' at ' || w.recorded_at INTO fault
      FROM written w LEFT JOIN {book}.ledger_transaction t ON t.id = w.transaction_id
     ORDER BY t.entry_count IS DISTINCT FROM w.entry_count DESC,
              w.amount = 0 OR w.line NOT BETWEEN 1 AND w.entry_count DESC,
              w.recorded_at DESC LIMIT 1;
    RAISE EXCEPTION 'ledger: %', fault
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_lines AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_lines();

-- Each transaction is written with all its lines by one statement: when that ends, so many lines as
-- it counts are there, on accounts that exist, and they sum to zero. No line can follow: its number
-- is taken, or is not of that count. Nothing is recorded ahead of the clock. An effective date that is not today is no later than the day
-- of recording, and in no closed period; the lock is what a posting has already, and makes any
-- other writer wait for a close. Only what moved minutes can be reversed, and no reversal.
CREATE OR REPLACE FUNCTION ledger_check_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  r pg_catalog.record;
  usual boolean;
  fault pg_catalog.text;
  today pg_catalog.date;
BEGIN
  -- Nearly always this is all there is to be asked. (It names no variable of this function, so
  -- that its plan is made once, and not for the values at hand.)
  IF (SELECT count(*) FROM written) < 20 THEN
    usual := NOT EXISTS (
      SELECT FROM written w
       WHERE (w.reverses_id IS NULL AND w.override_actor IS NULL AND w.override_reason IS NULL
              AND w.effective = (w.recorded_at AT TIME ZONE 'Europe/London')::pg_catalog.date
              AND w.effective = (clock_timestamp() AT TIME ZONE 'Europe/London')::pg_catalog.date
              AND w.recorded_at <= clock_timestamp() + interval '1 second'
              AND CASE WHEN w.action IN ('post', 'settle')
                  THEN w.entry_count BETWEEN 2 AND 10000
                       AND (SELECT count((SELECT b.account_id FROM {book}.ledger_balance b
                                           WHERE b.account_id = e.account_id)) = w.entry_count
                                   AND sum(e.amount) = 0
                              FROM {book}.ledger_entry e WHERE e.transaction_id = w.id)
                  ELSE w.action IN ('hold', 'void', 'extend', 'open', 'limits', 'freeze',
                                    'unfreeze', 'close', 'rename', 'close_period')
                       AND w.entry_count IS NULL END)
             IS NOT TRUE);
  ELSE
    usual := (
      SELECT bool_and(ordinary) AND min(effective) = max(effective)
             AND min(effective) = (min(recorded_at) AT TIME ZONE 'Europe/London')::pg_catalog.date
             AND min(effective) = (max(recorded_at) AT TIME ZONE 'Europe/London')::pg_catalog.date
             AND min(effective) = (clock_timestamp() AT TIME ZONE 'Europe/London')::pg_catalog.date
             AND max(recorded_at) <= clock_timestamp() + interval '1 second'
             AND {book}.ledger_have_lines(array_agg(id ORDER BY id),
                                          array_agg(entry_count ORDER BY id))
        FROM (SELECT id, effective, recorded_at, entry_count::bigint,
                     (action IN ('post', 'settle') AND entry_count BETWEEN 2 AND 10000
                      AND reverses_id IS NULL AND override_actor IS NULL
                      AND override_reason IS NULL) IS TRUE AS ordinary
                FROM written) headers);
  END IF;
  IF usual THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM {book}.ledger_book FOR SHARE;
  today := (clock_timestamp() AT TIME ZONE 'Europe/London')::pg_catalog.date;
  FOR r IN SELECT w.*, (w.recorded_at AT TIME ZONE 'Europe/London')::pg_catalog.date AS recorded_on
             FROM written w LOOP
    fault := CASE
      WHEN CASE WHEN r.action IN ('hold', 'void', 'extend', 'open', 'limits', 'freeze', 'unfreeze',
                                  'close', 'rename', 'close_period') THEN r.entry_count IS NULL
                WHEN r.action IN ('post', 'settle', 'reverse') THEN
                  r.entry_count BETWEEN 2 AND 10000
                  AND (SELECT count((SELECT b.account_id FROM {book}.ledger_balance b
                                      WHERE b.account_id = e.account_id)) = r.entry_count
                              AND sum(e.amount) = 0
                         FROM {book}.ledger_entry e WHERE e.transaction_id = r.id)
                ELSE false END IS NOT TRUE
        THEN 'does not have the lines that belong to it'
      WHEN (r.override_actor IS NULL) <> (r.override_reason IS NULL)
           OR r.override_actor = '' OR r.override_reason = ''
        THEN 'overrides a limit without naming who and why'
      WHEN (r.action = 'reverse') <> (r.reverses_id IS NOT NULL)
           OR (r.action = 'reverse' AND NOT EXISTS (
                 SELECT FROM {book}.ledger_transaction WHERE id = r.reverses_id
                    AND entry_count = r.entry_count AND action <> 'reverse'))
        THEN 'reverses what cannot be reversed'
      WHEN r.recorded_at > clock_timestamp() + interval '1 second'
        THEN 'is recorded ahead of the clock'
      WHEN r.effective > r.recorded_on THEN 'is effective in the future'
      WHEN (r.effective <> r.recorded_on OR r.effective <> today)
           AND EXISTS (SELECT FROM {book}.ledger_period WHERE ends_on >= r.effective)
        THEN 'is effective in a closed period' END;
    IF fault IS NOT NULL THEN
      RAISE EXCEPTION 'ledger: transaction % %', r.id, fault
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ledger_transactions AFTER INSERT ON ledger_transaction
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transactions();

-- A period ends on a day that is over, after the period before it. The book's row, which counts the
-- closings, is shared by whoever posts into the past: so a close waits for them, and they for it,
-- and a posting whose snapshot is older than the close fails on the row instead of passing it by.
-- Who posts on the day itself is not concerned, and waits for nobody.
CREATE OR REPLACE FUNCTION ledger_check_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE {book}.ledger_book SET closings = closings + 1;
  IF NEW.closed_at > clock_timestamp() + interval '1 second'
     OR NEW.ends_on >= (NEW.closed_at AT TIME ZONE 'Europe/London')::pg_catalog.date
     OR EXISTS (SELECT FROM {book}.ledger_period
                 WHERE ends_on >= NEW.ends_on OR closed_at > NEW.closed_at) THEN
    RAISE EXCEPTION 'ledger: a period cannot be closed through % now', NEW.ends_on
      USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_closing BEFORE INSERT ON ledger_period FOR EACH ROW
  EXECUTE FUNCTION ledger_check_period();

-- Each part of a hold goes on from the one before, and nothing follows its end.
CREATE OR REPLACE FUNCTION ledger_check_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part_before bigint;
  settled_before bigint;
  remaining_before bigint;
  expires_before pg_catalog.timestamptz;
  recorded pg_catalog.timestamptz;
BEGIN
  SELECT part, settled, remaining, expires_at
    INTO part_before, settled_before, remaining_before, expires_before
    FROM {book}.ledger_hold_part WHERE hold_id = NEW.hold_id ORDER BY part DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT 0, 0, minutes, expires_at
      INTO part_before, settled_before, remaining_before, expires_before
      FROM {book}.ledger_hold WHERE id = NEW.hold_id;
  END IF;
  SELECT recorded_at INTO recorded FROM {book}.ledger_transaction WHERE id = NEW.transaction_id;
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
  IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM {book}.ledger_seal)
     OR NEW.previous <> coalesce((SELECT hash FROM {book}.ledger_seal
                                   WHERE number = NEW.number - 1), decode(repeat('00', 32), 'hex')) THEN
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
