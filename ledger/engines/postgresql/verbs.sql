-- The verbs of the book on PostgreSQL, each one call: lock the balance rows in the order of their
-- account, take the clock after the locks, decide, write. A refusal is returned, never raised, so
-- that the caller's transaction stays usable. A key used before goes before any refusal of today:
-- on the way to a refusal, or when the key turns out to be taken, the earlier result is looked up.
-- Every function answers outcome 'done', 'replayed', 'conflict', or the reason of the refusal.
-- What is recorded is later than anything its accounts have seen, but no more than a second later
-- than this server's clock: 'clock_ahead' names the account that has seen a later instant, that
-- instant, and the clock (microseconds since 1970).

-- The limits that count: an account's own, unless it has none or a person overrides them. No account
-- goes beyond 2^40 minutes, so that no sum of what it has, holds and is asked for leaves 64 bits.
CREATE OR REPLACE FUNCTION ledger_floor(p_floor bigint, p_overridden boolean DEFAULT false)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(CASE WHEN p_overridden THEN NULL ELSE p_floor END, -1099511627776)
$$;
CREATE OR REPLACE FUNCTION ledger_ceiling(p_ceiling bigint, p_overridden boolean DEFAULT false)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(CASE WHEN p_overridden THEN NULL ELSE p_ceiling END, 1099511627776)
$$;

-- An instant as a number: microseconds since 1970.
CREATE OR REPLACE FUNCTION ledger_microseconds(p_instant timestamptz)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (extract(epoch FROM p_instant) * 1000000)::bigint
$$;

-- The time of a book whose caller has a clock of its own: never later than the server's, nor before
-- the last close. Whoever posts into the past shares the book's row, which a close locks: it waits
-- for them and they for it, and nobody else does; and one whose snapshot is older than the close
-- fails on that row instead of passing it by.
CREATE OR REPLACE FUNCTION ledger_now(p_clock timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM ledger_book FOR SHARE;
  RETURN greatest(least(p_clock, clock_timestamp()),
                  (SELECT max(closed_at) + interval '1 microsecond' FROM ledger_period));
END $$;
CREATE OR REPLACE FUNCTION ledger_is_closed(p_day date) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM ledger_book FOR SHARE;
  RETURN EXISTS (SELECT FROM ledger_period WHERE ends_on >= p_day);
END $$;

-- Take expired holds off one locked account. The other side goes when its account is locked.
CREATE OR REPLACE FUNCTION ledger_release_due(p_account bigint, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_out bigint;
  v_in bigint;
BEGIN
  WITH gone AS (
    DELETE FROM ledger_held WHERE account_id = p_account AND expires_at <= p_now
    RETURNING side, minutes)
  SELECT sum(minutes) FILTER (WHERE side = 'out'), sum(minutes) FILTER (WHERE side = 'in')
    INTO v_out, v_in FROM gone;
  IF v_out IS NULL AND v_in IS NULL THEN
    RETURN false;
  END IF;
  UPDATE ledger_balance
     SET held_out = held_out - coalesce(v_out, 0), held_in = held_in - coalesce(v_in, 0),
         recorded_at = p_now
   WHERE account_id = p_account;
  RETURN true;
END $$;

-- The first of some accounts that was opened after a day, and the day (counted as from 1 January 1).
CREATE OR REPLACE FUNCTION ledger_opened_after(
  p_accounts bigint[], p_day date, OUT o_id bigint, OUT o_code text, OUT o_day bigint)
LANGUAGE sql AS $$
  SELECT id, code, (opened_at AT TIME ZONE 'Europe/London')::date - date '0001-01-01' + 1
    FROM ledger_account
   WHERE id = ANY (p_accounts) AND (opened_at AT TIME ZONE 'Europe/London')::date > p_day
   ORDER BY array_position(p_accounts, id) LIMIT 1
$$;

-- Note for the balance by effective date what was recorded on another day than it belongs to.
CREATE OR REPLACE FUNCTION ledger_note_backdated(p_transaction bigint, p_effective date, p_today date)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger_backdated AS s (account_id, day, amount)
  SELECT account_id, day, sum(amount) FROM (
    SELECT account_id, p_effective AS day, amount FROM ledger_entry
     WHERE transaction_id = p_transaction
    UNION ALL SELECT account_id, p_today, -amount FROM ledger_entry
     WHERE transaction_id = p_transaction) moved
  GROUP BY account_id, day ORDER BY account_id, day
  ON CONFLICT (account_id, day) DO UPDATE SET amount = s.amount + excluded.amount
$$;

-- Transfer minutes between two accounts, or hold them. This is what is done most, so it is lean:
-- plain variables instead of records, and what is usual is asked in one condition. The answer is
-- one text, words between spaces: the outcome; when done, the number, recorded instant
-- (microseconds since 1970), effective date, and each account's version and balance; when refused,
-- what concerns the refusal, at its place.
CREATE OR REPLACE FUNCTION ledger_move(
  p_hold boolean, p_key text, p_digest bytea, p_kind text, p_memo text, p_effective date,
  p_actor text, p_reference text, p_source text, p_target text, p_minutes bigint,
  p_expires timestamptz, p_clock timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_source bigint;
  s_status text;
  s_floor bigint;
  s_posted bigint;
  s_held bigint;
  s_version bigint;
  s_recorded timestamptz;
  v_target bigint;
  t_status text;
  t_ceiling bigint;
  t_posted bigint;
  t_held bigint;
  t_version bigint;
  t_recorded timestamptz;
  v_outcome text;
  v_recorded timestamptz;
  v_effective date;
  v_today date;
  v_id bigint;
  v_late bigint;
  v_first bigint;
BEGIN
  SELECT id INTO v_source FROM ledger_account WHERE code = p_source;
  SELECT id INTO v_target FROM ledger_account WHERE code = p_target;
  <<decide>>
  BEGIN
    -- The lower number first. Two lookups take less time than a join that is sorted.
    IF v_source < v_target THEN
      SELECT status, ledger_floor(floor), posted, held_out, version, recorded_at
        INTO s_status, s_floor, s_posted, s_held, s_version, s_recorded
        FROM ledger_balance WHERE account_id = v_source FOR NO KEY UPDATE;
      SELECT status, ledger_ceiling(ceiling), posted, held_in, version, recorded_at
        INTO t_status, t_ceiling, t_posted, t_held, t_version, t_recorded
        FROM ledger_balance WHERE account_id = v_target FOR NO KEY UPDATE;
    ELSIF v_source > v_target THEN
      SELECT status, ledger_ceiling(ceiling), posted, held_in, version, recorded_at
        INTO t_status, t_ceiling, t_posted, t_held, t_version, t_recorded
        FROM ledger_balance WHERE account_id = v_target FOR NO KEY UPDATE;
      SELECT status, ledger_floor(floor), posted, held_out, version, recorded_at
        INTO s_status, s_floor, s_posted, s_held, s_version, s_recorded
        FROM ledger_balance WHERE account_id = v_source FOR NO KEY UPDATE;
    ELSE
      v_outcome := 'unknown_account ' || CASE WHEN v_source IS NULL THEN 'source'
                                              ELSE 'target' END;
      EXIT decide;
    END IF;
    v_recorded := greatest(CASE WHEN p_clock IS NULL THEN clock_timestamp()
                                ELSE ledger_now(p_clock) END,
                           greatest(s_recorded, t_recorded) + interval '1 microsecond');
    v_today := (v_recorded AT TIME ZONE 'Europe/London')::date;
    v_effective := coalesce(p_effective, v_today);
    IF (s_status = 'open' AND t_status = 'open' AND v_effective = v_today AND p_expires IS NULL
        AND v_recorded <= clock_timestamp() + interval '1 second'
        AND s_posted - s_held - p_minutes >= s_floor
        AND t_posted + t_held + p_minutes <= t_ceiling) IS NOT TRUE THEN
      IF s_status <> 'open' THEN
        v_outcome := s_status || ' source'; EXIT decide;
      ELSIF t_status <> 'open' THEN
        v_outcome := t_status || ' target'; EXIT decide;
      ELSIF v_recorded > clock_timestamp() + interval '1 second' THEN
        v_outcome := concat_ws(' ', 'clock_ahead',
                               CASE WHEN s_recorded >= t_recorded THEN 'source' ELSE 'target' END,
                               ledger_microseconds(greatest(s_recorded, t_recorded)),
                               ledger_microseconds(clock_timestamp()));
        EXIT decide;
      ELSIF p_expires <= v_recorded THEN
        v_outcome := 'expiry'; EXIT decide;
      ELSIF v_effective > v_today THEN
        v_outcome := 'future'; EXIT decide;
      ELSIF v_effective <> v_today THEN
        IF ledger_is_closed(v_effective) THEN
          v_outcome := 'period_closed ' || v_effective; EXIT decide;
        END IF;
        SELECT o_id, o_day INTO v_late, v_first
          FROM ledger_opened_after(ARRAY[v_source, v_target], v_effective);
        IF v_late IS NOT NULL THEN
          v_outcome := concat_ws(' ', 'before_opening',
                                 CASE v_late WHEN v_source THEN 'source' ELSE 'target' END,
                                 v_first);
          EXIT decide;
        END IF;
      END IF;
      IF s_posted - s_held - p_minutes < s_floor THEN
        IF ledger_release_due(v_source, v_recorded) THEN
          SELECT held_out INTO s_held FROM ledger_balance WHERE account_id = v_source;
        END IF;
        IF s_posted - s_held - p_minutes < s_floor THEN
          v_outcome := 'floor source ' || s_posted - s_held - s_floor; EXIT decide;
        END IF;
      END IF;
      IF t_posted + t_held + p_minutes > t_ceiling THEN
        IF ledger_release_due(v_target, v_recorded) THEN
          SELECT held_in INTO t_held FROM ledger_balance WHERE account_id = v_target;
        END IF;
        IF t_posted + t_held + p_minutes > t_ceiling THEN
          v_outcome := 'ceiling target ' || t_ceiling - t_posted - t_held; EXIT decide;
        END IF;
      END IF;
    END IF;

    IF p_hold THEN
      INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                      actor, reference)
      VALUES (p_key, p_digest, 'hold', p_kind, p_memo, v_effective, v_recorded, p_actor,
              p_reference)
      ON CONFLICT (key) DO NOTHING RETURNING id INTO v_id;
      IF v_id IS NULL THEN
        EXIT decide;
      END IF;
      INSERT INTO ledger_hold (id, source_id, target_id, minutes, expires_at)
      VALUES (v_id, v_source, v_target, p_minutes, p_expires);
      INSERT INTO ledger_held (account_id, hold_id, side, minutes, expires_at)
      VALUES (v_source, v_id, 'out', p_minutes, p_expires),
             (v_target, v_id, 'in', p_minutes, p_expires);
      UPDATE ledger_balance
         SET held_out = held_out + CASE account_id WHEN v_source THEN p_minutes ELSE 0 END,
             held_in = held_in + CASE account_id WHEN v_target THEN p_minutes ELSE 0 END,
             recorded_at = v_recorded
       WHERE account_id IN (v_source, v_target);
    ELSE
      WITH header AS (
        INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                        actor, reference, entry_count)
        VALUES (p_key, p_digest, 'post', p_kind, p_memo, v_effective, v_recorded, p_actor,
                p_reference, 2)
        ON CONFLICT (key) DO NOTHING RETURNING id),
      written AS (
        INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,
                                  recorded_at, line, entry_count)
        SELECT l.account_id, l.version, header.id, l.amount, l.balance, v_recorded, l.line, 2
          FROM header, (VALUES
            (v_source, s_version + 1, -p_minutes, s_posted - p_minutes, 1),
            (v_target, t_version + 1, p_minutes, t_posted + p_minutes, 2)
          ) AS l (account_id, version, amount, balance, line))
      SELECT id INTO v_id FROM header;
      IF v_id IS NULL THEN
        EXIT decide;
      END IF;
      UPDATE ledger_balance
         SET posted = posted + CASE account_id WHEN v_source THEN -p_minutes ELSE p_minutes END,
             version = version + 1, recorded_at = v_recorded
       WHERE account_id IN (v_source, v_target);
      IF v_effective <> v_today THEN
        PERFORM ledger_note_backdated(v_id, v_effective, v_today);
      END IF;
    END IF;
    RETURN concat_ws(' ', 'done', v_id, ledger_microseconds(v_recorded),
                     v_effective, s_version + 1, s_posted - p_minutes, t_version + 1,
                     t_posted + p_minutes);
  END decide;

  RETURN coalesce((SELECT CASE WHEN digest = p_digest THEN 'replayed ' ELSE 'conflict ' END || id
                     FROM ledger_transaction WHERE key = p_key), v_outcome);
END $$;

-- Settle a hold (in whole or in part), void it, or extend it. A settlement may be levied: the
-- share of it, rounded down, goes to p_levy_to instead of the target, as a third line.
CREATE OR REPLACE FUNCTION ledger_resolve(
  p_action text, p_key text, p_digest bytea, p_kind text, p_memo text, p_effective date,
  p_actor text, p_reference text, p_hold bigint, p_minutes bigint, p_final boolean,
  p_expires timestamptz, p_levy_to text, p_share bigint, p_whole bigint, p_clock timestamptz,
  OUT o_outcome text, OUT o_id bigint, OUT o_effective date, OUT o_recorded timestamptz,
  OUT o_source_version bigint, OUT o_source_balance bigint,
  OUT o_target_version bigint, OUT o_target_balance bigint,
  OUT o_fund_version bigint, OUT o_fund_balance bigint,
  OUT o_source text, OUT o_target text, OUT o_minutes bigint, OUT o_levy bigint,
  OUT o_remaining bigint, OUT o_account text)
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  s record;
  t record;
  h record;
  f record;
  v_fund bigint;
  v_part bigint := 0;
  v_settled bigint := 0;
  v_expires timestamptz;
  v_state text;
  v_release bigint;
  v_lines smallint;
  v_today date;
  v_replay text;
BEGIN
  <<decide>>
  BEGIN
    SELECT id, source_id, target_id, minutes, expires_at INTO h FROM ledger_hold WHERE id = p_hold;
    IF NOT FOUND THEN
      o_outcome := 'unknown_hold'; EXIT decide;
    END IF;
    IF p_levy_to IS NOT NULL THEN
      SELECT id INTO v_fund FROM ledger_account WHERE code = p_levy_to;
      IF NOT FOUND THEN
        o_outcome := 'unknown_account'; o_account := p_levy_to; EXIT decide;
      ELSIF v_fund IN (h.source_id, h.target_id) THEN
        o_outcome := 'levy_to'; o_account := p_levy_to; EXIT decide;
      END IF;
    END IF;
    FOR r IN
      SELECT a.code, b.account_id, b.status, b.ceiling, b.posted, b.held_in, b.version,
             b.recorded_at
        FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
       WHERE b.account_id IN (h.source_id, h.target_id, v_fund)
       ORDER BY b.account_id FOR NO KEY UPDATE OF b
    LOOP
      IF r.account_id = h.source_id THEN s := r;
      ELSIF r.account_id = h.target_id THEN t := r;
      ELSE f := r;
      END IF;
    END LOOP;
    o_recorded := greatest(CASE WHEN p_clock IS NULL THEN clock_timestamp()
                                ELSE ledger_now(p_clock) END,
                           s.recorded_at + interval '1 microsecond',
                           t.recorded_at + interval '1 microsecond');
    IF v_fund IS NOT NULL THEN
      o_recorded := greatest(o_recorded, f.recorded_at + interval '1 microsecond');
    END IF;
    o_remaining := h.minutes; v_expires := h.expires_at; v_state := 'open';
    SELECT part, settled, remaining, state, expires_at
      INTO r FROM ledger_hold_part WHERE hold_id = p_hold ORDER BY part DESC LIMIT 1;
    IF FOUND THEN
      v_part := r.part; v_settled := r.settled; o_remaining := r.remaining;
      v_state := r.state; v_expires := r.expires_at;
    END IF;
    o_minutes := CASE p_action WHEN 'settle' THEN coalesce(p_minutes, o_remaining) ELSE 0 END;
    o_levy := CASE WHEN v_fund IS NULL THEN 0 ELSE div(o_minutes::numeric * p_share, p_whole) END;
    v_today := (o_recorded AT TIME ZONE 'Europe/London')::date;
    o_effective := coalesce(p_effective, v_today);
    IF o_recorded > clock_timestamp() + interval '1 second' THEN
      SELECT a.code, ledger_microseconds(b.recorded_at), ledger_microseconds(clock_timestamp())
        INTO o_account, o_remaining, o_minutes
        FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
       WHERE b.account_id IN (h.source_id, h.target_id, v_fund)
       ORDER BY b.recorded_at DESC, b.account_id = h.source_id DESC, b.account_id = h.target_id DESC
       LIMIT 1;
      o_outcome := 'clock_ahead'; EXIT decide;
    ELSIF v_state <> 'open' THEN
      o_outcome := v_state; EXIT decide;
    ELSIF v_expires <= o_recorded THEN
      o_outcome := 'expired'; EXIT decide;
    ELSIF o_minutes > o_remaining THEN
      o_outcome := 'exceeds'; EXIT decide;
    ELSIF p_expires <= o_recorded THEN
      o_outcome := 'expiry'; EXIT decide;
    ELSIF o_effective <> v_today THEN
      IF o_effective > v_today THEN
        o_outcome := 'future'; EXIT decide;
      ELSIF ledger_is_closed(o_effective) THEN
        o_outcome := 'period_closed'; EXIT decide;
      END IF;
      SELECT o_code, o_day INTO r FROM ledger_opened_after(
        ARRAY[h.source_id, h.target_id, CASE WHEN o_levy > 0 THEN v_fund END], o_effective);
      IF r.o_code IS NOT NULL THEN
        o_outcome := 'before_opening'; o_account := r.o_code; o_remaining := r.o_day; EXIT decide;
      END IF;
    END IF;
    IF v_fund IS NOT NULL THEN
      IF o_levy > 0 AND f.status <> 'open' THEN
        o_outcome := f.status; o_account := p_levy_to; EXIT decide;
      ELSIF o_levy > 0 AND f.posted + f.held_in + o_levy > ledger_ceiling(f.ceiling) THEN
        IF ledger_release_due(v_fund, o_recorded) THEN
          SELECT held_in INTO f.held_in FROM ledger_balance WHERE account_id = v_fund;
        END IF;
        IF f.posted + f.held_in + o_levy > ledger_ceiling(f.ceiling) THEN
          o_outcome := 'ceiling'; o_account := p_levy_to; o_minutes := o_levy;
          o_remaining := ledger_ceiling(f.ceiling) - f.posted - f.held_in; EXIT decide;
        END IF;
      END IF;
    END IF;

    IF p_action = 'settle' THEN
      v_lines := CASE WHEN o_levy > 0 THEN 3 ELSE 2 END;
      o_source := s.code; o_source_version := s.version + 1;
      o_source_balance := s.posted - o_minutes;
      o_target := t.code; o_target_version := t.version + 1;
      o_target_balance := t.posted + o_minutes - o_levy;
      IF o_levy > 0 THEN
        o_fund_version := f.version + 1; o_fund_balance := f.posted + o_levy;
      END IF;
    END IF;
    WITH header AS (
      INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                      actor, reference, entry_count)
      VALUES (p_key, p_digest, p_action, p_kind, p_memo, o_effective, o_recorded, p_actor,
              p_reference, v_lines)
      ON CONFLICT (key) DO NOTHING RETURNING id),
    written AS (
      INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at,
                                line, entry_count)
      SELECT l.account_id, l.version, header.id, l.amount, l.balance, o_recorded, l.line, v_lines
        FROM header, (VALUES
          (s.account_id, o_source_version, -o_minutes, o_source_balance, 1),
          (t.account_id, o_target_version, o_minutes - o_levy, o_target_balance, 2),
          (v_fund, o_fund_version, o_levy, o_fund_balance, 3)
        ) AS l (account_id, version, amount, balance, line)
       WHERE l.line <= v_lines)
    SELECT id INTO o_id FROM header;
    IF o_id IS NULL THEN
      EXIT decide;
    END IF;
    o_outcome := 'done';
    v_settled := v_settled + o_minutes;
    v_release := CASE WHEN p_action = 'extend' THEN 0 WHEN p_final THEN o_remaining
                      ELSE o_minutes END;
    o_remaining := o_remaining - v_release;
    IF p_action = 'extend' THEN
      v_expires := p_expires;
    END IF;
    INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining, state,
                                  expires_at)
    VALUES (p_hold, v_part + 1, o_id, v_settled, o_remaining,
            CASE WHEN o_remaining > 0 THEN 'open' WHEN p_action = 'void' THEN 'voided'
                 ELSE 'settled' END, v_expires);
    IF o_remaining = 0 THEN
      DELETE FROM ledger_held
       WHERE hold_id = p_hold AND account_id IN (h.source_id, h.target_id);
    ELSE
      UPDATE ledger_held SET minutes = o_remaining, expires_at = v_expires
       WHERE hold_id = p_hold AND account_id IN (h.source_id, h.target_id);
    END IF;
    IF o_levy > 0 THEN
      UPDATE ledger_balance
         SET posted = o_fund_balance, version = o_fund_version, recorded_at = o_recorded
       WHERE account_id = v_fund;
    END IF;
    UPDATE ledger_balance
       SET posted = coalesce(CASE account_id WHEN s.account_id THEN o_source_balance
                                             ELSE o_target_balance END, posted),
           version = version + CASE p_action WHEN 'settle' THEN 1 ELSE 0 END,
           held_out = held_out - CASE account_id WHEN s.account_id THEN v_release ELSE 0 END,
           held_in = held_in - CASE account_id WHEN t.account_id THEN v_release ELSE 0 END,
           recorded_at = o_recorded
     WHERE account_id IN (s.account_id, t.account_id);
    IF o_effective <> v_today AND p_action = 'settle' THEN
      PERFORM ledger_note_backdated(o_id, o_effective, v_today);
    END IF;
    RETURN;
  END decide;

  SELECT id, CASE WHEN digest = p_digest THEN 'replayed' ELSE 'conflict' END
    INTO o_id, v_replay FROM ledger_transaction WHERE key = p_key;
  IF FOUND THEN
    o_outcome := v_replay;
  END IF;
END $$;

-- Post lines to any number of accounts; also a reversal (of p_reverses). That and what is imported
-- may be effective before an account was opened.
DROP FUNCTION IF EXISTS ledger_post(text, bytea, text, text, date, text, text, text[], bigint[],
                                    bigint, text, text, timestamptz);  -- the release before had it with others
CREATE OR REPLACE FUNCTION ledger_post(
  p_key text, p_digest bytea, p_kind text, p_memo text, p_effective date, p_actor text,
  p_reference text, p_codes text[], p_amounts bigint[], p_reverses bigint,
  p_override_actor text, p_override_reason text, p_clock timestamptz, p_imported boolean,
  OUT o_outcome text, OUT o_id bigint, OUT o_effective date, OUT o_recorded timestamptz,
  OUT o_versions bigint[], OUT o_balances bigint[],
  OUT o_account text, OUT o_have bigint, OUT o_need bigint)
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_replay text;
  v_today date;
  v_ahead boolean;
  v_override boolean := p_override_actor IS NOT NULL;
BEGIN
  PERFORM 1 FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
    WHERE a.code = ANY (p_codes) ORDER BY b.account_id FOR NO KEY UPDATE OF b;
  <<decide>>
  BEGIN
    SELECT greatest(CASE WHEN p_clock IS NULL THEN clock_timestamp() ELSE ledger_now(p_clock) END,
                    max(b.recorded_at) + interval '1 microsecond') INTO o_recorded
      FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
     WHERE a.code = ANY (p_codes);
    v_today := (o_recorded AT TIME ZONE 'Europe/London')::date;
    v_ahead := o_recorded > clock_timestamp() + interval '1 second';
    o_effective := coalesce(p_effective, v_today);
    FOR attempt IN 1..2 LOOP
      SELECT * INTO r FROM (
        SELECT l.code, b.account_id, b.status, l.change,
               b.posted - b.held_out - ledger_floor(b.floor, v_override) AS available,
               ledger_ceiling(b.ceiling, v_override) - b.posted - b.held_in AS room,
               CASE WHEN b.account_id IS NULL THEN 1 WHEN b.status <> 'open' THEN 2
                    WHEN l.change < 0 AND b.posted - b.held_out + l.change
                         < ledger_floor(b.floor, v_override) THEN 3
                    WHEN l.change > 0 AND b.posted + b.held_in + l.change
                         > ledger_ceiling(b.ceiling, v_override) THEN 4
                    ELSE 9 END AS fault,
               l.place
          FROM (SELECT code, sum(amount) AS change, min(place) AS place
                  FROM unnest(p_codes, p_amounts) WITH ORDINALITY AS u (code, amount, place)
                 GROUP BY code) l
          LEFT JOIN ledger_account a ON a.code = l.code
          LEFT JOIN ledger_balance b ON b.account_id = a.id) checked
       WHERE fault < 9 ORDER BY fault, place LIMIT 1;
      EXIT WHEN NOT FOUND OR r.fault < 3 OR v_ahead OR attempt = 2;
      -- Before a limit refuses: holds that have expired meanwhile do not count.
      PERFORM ledger_release_due(b.account_id, o_recorded)
        FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
       WHERE a.code = ANY (p_codes);
    END LOOP;
    o_account := r.code;
    IF r.fault = 1 THEN
      o_outcome := 'unknown_account'; EXIT decide;
    ELSIF r.fault = 2 THEN
      o_outcome := r.status; EXIT decide;
    ELSIF v_ahead THEN
      SELECT a.code, ledger_microseconds(b.recorded_at), ledger_microseconds(clock_timestamp())
        INTO o_account, o_have, o_need
        FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
       WHERE a.code = ANY (p_codes)
       ORDER BY b.recorded_at DESC, array_position(p_codes, a.code) LIMIT 1;
      o_outcome := 'clock_ahead'; EXIT decide;
    ELSIF o_effective <> v_today THEN
      IF o_effective > v_today THEN
        o_outcome := 'future'; EXIT decide;
      ELSIF ledger_is_closed(o_effective) THEN
        o_outcome := 'period_closed'; EXIT decide;
      END IF;
      IF NOT p_imported AND p_reverses IS NULL THEN
        SELECT l.o_code, l.o_day INTO o_account, o_have FROM ledger_opened_after(
          ARRAY(SELECT a.id FROM unnest(p_codes) WITH ORDINALITY AS u (code, place)
                  JOIN ledger_account a ON a.code = u.code ORDER BY place), o_effective) l;
        IF o_account IS NOT NULL THEN
          o_outcome := 'before_opening'; EXIT decide;
        END IF;
        o_account := r.code;
      END IF;
    END IF;
    IF p_reverses IS NOT NULL THEN
      SELECT id INTO o_have FROM ledger_transaction WHERE reverses_id = p_reverses;
      IF FOUND THEN
        o_outcome := 'reversed'; EXIT decide;
      END IF;
    END IF;
    IF r.fault = 3 THEN
      o_outcome := 'floor'; o_have := r.available; o_need := -r.change; EXIT decide;
    ELSIF r.fault = 4 THEN
      o_outcome := 'ceiling'; o_have := r.room; o_need := r.change; EXIT decide;
    END IF;

    WITH header AS (
      INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                      actor, reference, entry_count, reverses_id, override_actor,
                                      override_reason)
      VALUES (p_key, p_digest, CASE WHEN p_reverses IS NULL THEN 'post' ELSE 'reverse' END, p_kind,
              p_memo, o_effective, o_recorded, p_actor, p_reference, cardinality(p_codes),
              p_reverses, p_override_actor, p_override_reason)
      ON CONFLICT (key) DO NOTHING RETURNING id),
    written AS (
      INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at,
                                line, entry_count)
      SELECT b.account_id, b.version + row_number() OVER w, header.id, l.amount,
             b.posted + sum(l.amount) OVER w, o_recorded, l.place, cardinality(p_codes)
        FROM unnest(p_codes, p_amounts) WITH ORDINALITY AS l (code, amount, place)
        JOIN ledger_account a ON a.code = l.code
        JOIN ledger_balance b ON b.account_id = a.id, header
      WINDOW w AS (PARTITION BY b.account_id ORDER BY l.place)
       ORDER BY l.place
      RETURNING line, version, balance)
    SELECT (SELECT id FROM header), array_agg(version ORDER BY line),
           array_agg(balance ORDER BY line)
      INTO o_id, o_versions, o_balances FROM written;
    IF o_id IS NULL THEN
      EXIT decide;
    END IF;
    o_outcome := 'done';
    UPDATE ledger_balance b
       SET posted = b.posted + moved.change, version = b.version + moved.lines,
           recorded_at = o_recorded,
           override_version = CASE WHEN v_override THEN b.version + moved.lines
                                   ELSE b.override_version END
      FROM (SELECT a.id, sum(l.amount) AS change, count(*) AS lines
              FROM unnest(p_codes, p_amounts) AS l (code, amount)
              JOIN ledger_account a ON a.code = l.code GROUP BY a.id) moved
     WHERE b.account_id = moved.id;
    IF o_effective <> v_today THEN
      PERFORM ledger_note_backdated(o_id, o_effective, v_today);
    END IF;
    RETURN;
  END decide;

  SELECT id, CASE WHEN digest = p_digest THEN 'replayed' ELSE 'conflict' END
    INTO o_id, v_replay FROM ledger_transaction WHERE key = p_key;
  IF FOUND THEN
    o_outcome := v_replay;
  END IF;
END $$;
