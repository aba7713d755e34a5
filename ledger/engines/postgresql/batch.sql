-- Many postings in one call. When every one of them passes and no key was used before, they are
-- written as one set, else one at a time and in order, so that the result is always what posting
-- them one by one would have given.

-- Lock and check everything first and write it as one set. p_accounts says of each line which of
-- p_codes its account is. What belongs to the accounts is kept in arrays, and looked up there, so
-- that there is nothing to be joined. The answer is a text, words between spaces: the recorded
-- instant (microseconds since 1970), today, and, between commas, the numbers of the transactions
-- and each line's version and balance; empty where something is in the way.
DROP FUNCTION IF EXISTS ledger_post_set(
  text[], bytea[], text[], text[], date[], text[], text[], bigint[], text[], bigint[], bigint[],
  bigint[], bigint[], timestamptz);  -- the release before had it with others
CREATE OR REPLACE FUNCTION ledger_post_set(
  p_keys text[], p_digests bytea[], p_kinds text[], p_memos text[], p_effectives date[],
  p_actors text[], p_references text[], p_counts bigint[], p_codes text[],
  p_postings bigint[], p_lines bigint[], p_accounts bigint[], p_amounts bigint[],
  p_clock timestamptz, p_imported boolean)
RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  v_ids bigint[];
  v_places bigint[];
  v_floors bigint[];
  v_ceilings bigint[];
  v_posted bigint[];
  v_version bigint[];
  v_open boolean;
  v_recorded timestamptz;
  v_today date;
  v_earliest date;
  v_latest date;
  v_passes boolean;
  v_versions bigint[];
  v_balances bigint[];
  v_numbers bigint[];
BEGIN
  -- The accounts in the order in which they are locked, and where in it each of p_codes is.
  SELECT array_agg(id ORDER BY id), array_agg(place ORDER BY given) INTO v_ids, v_places
    FROM (SELECT id, given, row_number() OVER (ORDER BY id) AS place
            FROM (SELECT (SELECT id FROM ledger_account a WHERE a.code = c.code) AS id, given
                    FROM unnest(p_codes) WITH ORDINALITY AS c (code, given)) known) placed;
  WITH locked AS MATERIALIZED (
    SELECT status, posted, version, recorded_at,
           ledger_floor(floor) - posted + held_out AS floor,
           ledger_ceiling(ceiling) - posted - held_in AS ceiling
      FROM ledger_balance WHERE account_id = ANY (v_ids)
     ORDER BY account_id FOR NO KEY UPDATE)
  SELECT array_agg(floor), array_agg(ceiling), array_agg(posted), array_agg(version),
         bool_and(status = 'open') AND count(*) = cardinality(p_codes),
         greatest(CASE WHEN p_clock IS NULL THEN clock_timestamp() ELSE ledger_now(p_clock) END,
                  max(recorded_at) + interval '1 microsecond')
    INTO v_floors, v_ceilings, v_posted, v_version, v_open, v_recorded FROM locked;
  v_today := (v_recorded AT TIME ZONE 'Europe/London')::date;
  SELECT min(day), max(day) INTO v_earliest, v_latest FROM unnest(p_effectives) AS e (day);
  -- A key used before is the first one, if the batch was posted before; else it will not be unique.
  IF v_open IS NOT TRUE OR v_recorded > clock_timestamp() + interval '1 second'
     OR EXISTS (SELECT FROM ledger_transaction WHERE key = p_keys[1])
     OR v_latest > v_today OR (v_earliest < v_today AND ledger_is_closed(v_earliest))
     OR (v_earliest < v_today AND NOT p_imported AND EXISTS (
           SELECT FROM unnest(p_postings, p_accounts) AS l (posting, account)
            WHERE p_effectives[posting] < (
                    SELECT (opened_at AT TIME ZONE 'Europe/London')::date FROM ledger_account
                     WHERE id = v_ids[v_places[account]]))) THEN
    RETURN '';
  END IF;

  -- What lets every single line pass lets every posting pass.
  SELECT bool_and(CASE WHEN amount < 0 THEN running >= v_floors[place]
                       ELSE running <= v_ceilings[place] END),
         array_agg(v_version[place] + nth ORDER BY line),
         array_agg(v_posted[place] + running ORDER BY line)
    INTO v_passes, v_versions, v_balances
    FROM (SELECT place, amount, line, row_number() OVER own AS nth,
                 (sum(amount) OVER own)::bigint AS running
            FROM (SELECT v_places[account] AS place, amount, line
                    FROM unnest(p_accounts, p_amounts) WITH ORDINALITY
                         AS l (account, amount, line)) l
          WINDOW own AS (PARTITION BY place ORDER BY line)) walked;
  IF NOT v_passes THEN
    RETURN '';
  END IF;

  WITH header AS (
    INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                    actor, reference, entry_count)
    SELECT key, digest, 'post', kind, memo, coalesce(effective, v_today), v_recorded, actor,
           reference, lines
      FROM unnest(p_keys, p_digests, p_kinds, p_memos, p_effectives, p_actors, p_references,
                  p_counts) WITH ORDINALITY
           AS p (key, digest, kind, memo, effective, actor, reference, lines, place)
     ORDER BY place
    RETURNING id),
  numbered AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM header),
  written AS (
    INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,
                              recorded_at, line, entry_count)
    SELECT v_ids[v_places[account]], version, ids[posting], amount, balance, v_recorded, line,
           p_counts[posting]
      FROM numbered, unnest(p_postings, p_lines, p_accounts, p_amounts, v_versions, v_balances)
           AS l (posting, line, account, amount, version, balance))
  SELECT ids INTO v_numbers FROM numbered;
  UPDATE ledger_balance b
     SET posted = b.posted + moved.change, version = b.version + moved.lines,
         recorded_at = v_recorded
    FROM (SELECT v_ids[v_places[account]] AS id, sum(amount) AS change, count(*) AS lines
            FROM unnest(p_accounts, p_amounts) AS l (account, amount) GROUP BY 1) moved
   WHERE b.account_id = moved.id;
  PERFORM ledger_note_backdated(id, day, v_today)
    FROM unnest(v_numbers, p_effectives) AS p (id, day) WHERE day <> v_today;
  RETURN concat_ws(' ', ledger_microseconds(v_recorded), v_today,
                   array_to_string(v_numbers, ','), array_to_string(v_versions, ','),
                   array_to_string(v_balances, ','));
EXCEPTION WHEN unique_violation THEN
  RETURN '';  -- somebody used one of the keys: it will be found out which
END $$;

-- One at a time. All accounts are locked first, in order.
DROP FUNCTION IF EXISTS ledger_post_many(
  boolean, text[], bytea[], text[], text[], date[], text[], text[], bigint[], text[], bigint[],
  bigint[], timestamptz);  -- the release before had it with others
CREATE OR REPLACE FUNCTION ledger_post_many(
  p_atomic boolean, p_keys text[], p_digests bytea[], p_kinds text[], p_memos text[],
  p_effectives date[], p_actors text[], p_references text[], p_counts bigint[], p_codes text[],
  p_accounts bigint[], p_amounts bigint[], p_clock timestamptz, p_imported boolean,
  OUT o_outcomes text[], OUT o_ids bigint[], OUT o_effectives date[], OUT o_recorded timestamptz[],
  OUT o_versions bigint[], OUT o_balances bigint[],
  OUT o_accounts text[], OUT o_haves bigint[], OUT o_needs bigint[], OUT o_failed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_ends bigint := 0;
BEGIN
  PERFORM 1 FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
    WHERE a.code = ANY (p_codes) ORDER BY b.account_id FOR NO KEY UPDATE OF b;
  BEGIN
    FOR i IN 1..cardinality(p_keys) LOOP
      SELECT * INTO r FROM ledger_post(
        p_keys[i], p_digests[i], p_kinds[i], p_memos[i], p_effectives[i], p_actors[i],
        p_references[i],
        ARRAY(SELECT p_codes[account]
                FROM unnest(p_accounts[v_ends + 1 : v_ends + p_counts[i]]) WITH ORDINALITY
                     AS l (account, line) ORDER BY line),
        p_amounts[v_ends + 1 : v_ends + p_counts[i]], NULL, NULL, NULL, p_clock, p_imported);
      v_ends := v_ends + p_counts[i];
      o_outcomes[i] := r.o_outcome; o_ids[i] := r.o_id; o_effectives[i] := r.o_effective;
      o_recorded[i] := r.o_recorded; o_accounts[i] := r.o_account;
      o_haves[i] := r.o_have; o_needs[i] := r.o_need;
      o_versions := o_versions
        || coalesce(r.o_versions, array_fill(NULL::bigint, ARRAY[p_counts[i]::int]));
      o_balances := o_balances
        || coalesce(r.o_balances, array_fill(NULL::bigint, ARRAY[p_counts[i]::int]));
      IF p_atomic AND r.o_outcome NOT IN ('done', 'replayed') THEN
        o_failed := i;
        RAISE EXCEPTION 'ledger: batch refused' USING ERRCODE = 'LB001';
      END IF;
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'LB001' THEN
    NULL;  -- the postings before the refused one are undone; the answer says which it was
  END;
END $$;
