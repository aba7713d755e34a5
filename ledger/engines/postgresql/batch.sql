-- Many postings in one call. When every one of them passes and no key was used before, they are
-- written as one set, else one at a time and in order, so that the result is always what posting
-- them one by one would have given.

-- What the release before had: two functions, the one of this name with other parameters.
DO $$
DECLARE
  earlier regprocedure;
BEGIN
  FOR earlier IN SELECT oid FROM pg_proc
                  WHERE pronamespace = current_schema()::regnamespace
                    AND (proname = 'ledger_post_set'
                         OR (proname = 'ledger_post_many' AND NOT 'p_lines' = ANY (proargnames)))
  LOOP
    EXECUTE format('DROP FUNCTION %s', earlier);
  END LOOP;
END $$;

-- p_codes are in the order of their bytes, each once; p_digests are one after another, 32 bytes
-- each. Of every line, p_postings says which posting it belongs to, p_lines which of its lines it
-- is, and p_accounts which of p_codes its account is. What belongs to the accounts is kept in
-- arrays, and looked up there, so that there is nothing to be joined.
-- The answers are lists, a comma between two. Of every posting: its outcome, as in ledger_post;
-- number, recorded instant (microseconds since 1970) and effective date; when refused, which of
-- p_codes is concerned, and what there is and what is needed. Of every line: version and balance.
-- When an atomic batch is refused, o_failed is the posting that was, and the last of the lists.
CREATE OR REPLACE FUNCTION ledger_post_many(
  p_atomic boolean, p_keys text[], p_digests bytea, p_kinds text[], p_memos text[],
  p_effectives date[], p_actors text[], p_references text[], p_counts bigint[], p_codes text[],
  p_postings bigint[], p_lines bigint[], p_accounts bigint[], p_amounts bigint[],
  p_clock timestamptz, p_imported boolean,
  OUT o_outcomes text, OUT o_ids text, OUT o_recorded text, OUT o_effectives text,
  OUT o_versions text, OUT o_balances text,
  OUT o_accounts text, OUT o_haves text, OUT o_needs text, OUT o_failed bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_ids bigint[];
  v_places bigint[];
  v_known boolean;
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
  v_accounts bigint[];
  v_versions bigint[];
  v_balances bigint[];
  v_numbers bigint[];
  r record;
  v_end bigint := 0;
  v_none bigint[];
  v_outcomes text[];
  v_instants bigint[];
  v_days date[];
  v_concerned bigint[];
  v_haves bigint[];
  v_needs bigint[];
BEGIN
  -- The accounts in the order in which they are locked, where in it each of p_codes is, and whether
  -- all of those are known, and in the order in which they are looked up here.
  SELECT array_agg(id ORDER BY id), array_agg(place ORDER BY code COLLATE "C"),
         array_agg(code ORDER BY code COLLATE "C") = p_codes
    INTO v_ids, v_places, v_known
    FROM (SELECT id, code, row_number() OVER (ORDER BY id) AS place
            FROM ledger_account WHERE code = ANY (p_codes)) placed;
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

  <<as_a_set>>
  BEGIN
    v_today := (v_recorded AT TIME ZONE 'Europe/London')::date;
    SELECT coalesce(min(day), v_today), coalesce(max(day), v_today) INTO v_earliest, v_latest
      FROM unnest(p_effectives) AS e (day);
    -- A key used before is the first one, if the batch was posted before; else it will not be
    -- unique.
    EXIT as_a_set WHEN (v_known AND v_open) IS NOT TRUE
      OR v_recorded > clock_timestamp() + interval '1 second'
      OR EXISTS (SELECT FROM ledger_transaction WHERE key = p_keys[1])
      OR v_latest > v_today OR (v_earliest < v_today AND ledger_is_closed(v_earliest))
      OR (v_earliest < v_today AND NOT p_imported AND EXISTS (
            SELECT FROM unnest(p_postings, p_accounts) AS l (posting, account)
             WHERE p_effectives[posting] < (
                     SELECT (opened_at AT TIME ZONE 'Europe/London')::date FROM ledger_account
                      WHERE id = v_ids[v_places[account]])));

    -- What lets every single line pass lets every posting pass.
    SELECT bool_and(CASE WHEN amount < 0 THEN running >= v_floors[place]
                         ELSE running <= v_ceilings[place] END),
           array_agg(v_ids[place] ORDER BY line),
           array_agg(v_version[place] + nth ORDER BY line),
           array_agg(v_posted[place] + running ORDER BY line)
      INTO v_passes, v_accounts, v_versions, v_balances
      FROM (SELECT place, amount, line, row_number() OVER own AS nth,
                   (sum(amount) OVER own)::bigint AS running
              FROM (SELECT v_places[account] AS place, amount, line
                      FROM unnest(p_accounts, p_amounts) WITH ORDINALITY
                           AS l (account, amount, line)) l
            WINDOW own AS (PARTITION BY place ORDER BY line ROWS UNBOUNDED PRECEDING)) walked;
    EXIT as_a_set WHEN NOT v_passes;

    WITH header AS (
      INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                      actor, reference, entry_count)
      SELECT key, substr(p_digests, place::integer * 32 - 31, 32), 'post', kind, memo,
             coalesce(effective, v_today), v_recorded, actor, reference, lines
        FROM unnest(p_keys, p_kinds, p_memos, p_effectives, p_actors, p_references, p_counts)
             WITH ORDINALITY AS p (key, kind, memo, effective, actor, reference, lines, place)
       ORDER BY place
      RETURNING id),
    numbered AS MATERIALIZED (SELECT array_agg(id ORDER BY id) AS ids FROM header),
    written AS (
      INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,
                                recorded_at, line, entry_count)
      SELECT account, version, ids[posting], amount, balance, v_recorded, line,
             p_counts[posting]
        FROM numbered, unnest(p_postings, p_lines, v_accounts, p_amounts, v_versions, v_balances)
             AS l (posting, line, account, amount, version, balance))
    SELECT ids INTO v_numbers FROM numbered;
    UPDATE ledger_balance b
       SET posted = b.posted + moved.change, version = b.version + moved.lines,
           recorded_at = v_recorded
      FROM (SELECT account AS id, sum(amount)::bigint AS change, count(*) AS lines
              FROM unnest(v_accounts, p_amounts) AS l (account, amount) GROUP BY 1) moved
     WHERE b.account_id = moved.id;
    PERFORM ledger_note_backdated(id, day, v_today)
      FROM unnest(v_numbers, p_effectives) AS p (id, day) WHERE day <> v_today;
    o_outcomes := rtrim(repeat('done,', cardinality(p_keys)), ',');
    o_ids := array_to_string(v_numbers, ',');
    o_recorded := array_to_string(
      array_fill(ledger_microseconds(v_recorded), ARRAY[cardinality(p_keys)]), ',');
    o_effectives := array_to_string(p_effectives, ',', v_today::text);
    o_versions := array_to_string(v_versions, ',');
    o_balances := array_to_string(v_balances, ',');
    o_accounts := repeat(',', cardinality(p_keys) - 1);
    o_haves := o_accounts;
    o_needs := o_accounts;
    RETURN;
  EXCEPTION WHEN unique_violation THEN
    NULL;  -- another writer used one of the keys: it will be found out which
  END as_a_set;

  v_numbers := NULL;
  v_versions := NULL;
  v_balances := NULL;
  BEGIN
    FOR i IN 1..cardinality(p_keys) LOOP
      SELECT * INTO r FROM ledger_post(
        p_keys[i], substr(p_digests, i * 32 - 31, 32), p_kinds[i], p_memos[i], p_effectives[i],
        p_actors[i], p_references[i],
        ARRAY(SELECT p_codes[account]
                FROM unnest(p_accounts[v_end + 1 : v_end + p_counts[i]]) WITH ORDINALITY
                     AS l (account, line) ORDER BY line),
        p_amounts[v_end + 1 : v_end + p_counts[i]], NULL, NULL, NULL, p_clock, p_imported);
      v_end := v_end + p_counts[i];
      v_outcomes[i] := r.o_outcome;
      v_numbers[i] := r.o_id;
      v_instants[i] := ledger_microseconds(r.o_recorded);
      v_days[i] := r.o_effective;
      v_concerned[i] := array_position(p_codes, r.o_account);
      v_haves[i] := r.o_have;
      v_needs[i] := r.o_need;
      v_none := array_fill(NULL::bigint, ARRAY[p_counts[i]::integer]);
      v_versions := v_versions || coalesce(r.o_versions, v_none);
      v_balances := v_balances || coalesce(r.o_balances, v_none);
      IF p_atomic AND r.o_outcome NOT IN ('done', 'replayed') THEN
        o_failed := i;
        RAISE EXCEPTION 'ledger: batch refused' USING ERRCODE = 'LB001';
      END IF;
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'LB001' THEN
    NULL;  -- the postings before the refused one are undone; the answer says which it was
  END;
  o_outcomes := array_to_string(v_outcomes, ',');
  o_ids := array_to_string(v_numbers, ',', '');
  o_recorded := array_to_string(v_instants, ',', '');
  o_effectives := array_to_string(v_days, ',', '');
  o_versions := array_to_string(v_versions, ',', '');
  o_balances := array_to_string(v_balances, ',', '');
  o_accounts := array_to_string(v_concerned, ',', '');
  o_haves := array_to_string(v_haves, ',', '');
  o_needs := array_to_string(v_needs, ',', '');
END $$;
