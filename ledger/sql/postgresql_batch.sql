-- Many postings in one call. When every one of them passes and no key was used before, they are
-- written as one set, else one at a time and in order, so that the result is always what posting
-- them one by one would have given.

-- Lock and check everything first and write it as one set; o_ids stays null where something is in
-- the way. The lengths of the arrays are unknown when the plans are made; joined in nested loops,
-- a thousand would be compared with a thousand. Tables are reached by index, through = ANY.
CREATE OR REPLACE FUNCTION ledger_post_set(
  p_keys text[], p_digests bytea[], p_kinds text[], p_memos text[], p_effectives date[],
  p_actors text[], p_references text[], p_counts bigint[], p_postings bigint[], p_lines bigint[],
  p_codes text[], p_amounts bigint[], p_clock timestamptz,
  OUT o_ids bigint[], OUT o_effectives date[], OUT o_recorded timestamptz,
  OUT o_versions bigint[], OUT o_balances bigint[])
LANGUAGE plpgsql SET enable_nestloop = off SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_codes text[];
  v_accounts bigint[];
  v_today date;
  v_refused boolean;
BEGIN
  SELECT array_agg(id), array_agg(code) INTO v_accounts, v_codes
    FROM ledger_account WHERE code = ANY (p_codes);
  WITH locked AS MATERIALIZED (
    SELECT recorded_at FROM ledger_balance WHERE account_id = ANY (v_accounts)
     ORDER BY account_id FOR NO KEY UPDATE)
  SELECT greatest(least(p_clock, clock_timestamp()),
                  max(recorded_at) + interval '1 microsecond') INTO o_recorded FROM locked;
  v_today := (o_recorded AT TIME ZONE 'Europe/London')::date;

  SELECT EXISTS (SELECT FROM ledger_transaction WHERE key = ANY (p_keys))
      OR EXISTS (SELECT FROM unnest(p_effectives) AS e (day) WHERE day > v_today
                 OR day <= (SELECT max(ends_on) FROM ledger_period))
      OR EXISTS (
        SELECT FROM (
          SELECT l.code, l.posting, sum(l.amount) AS change,
                 sum(sum(l.amount)) OVER (PARTITION BY l.code ORDER BY l.posting) AS running
            FROM unnest(p_postings, p_codes, p_amounts) AS l (posting, code, amount)
           GROUP BY l.code, l.posting) m
          LEFT JOIN unnest(v_codes, v_accounts) AS a (code, id) ON a.code = m.code
          LEFT JOIN (SELECT * FROM ledger_balance WHERE account_id = ANY (v_accounts)) b
            ON b.account_id = a.id
         WHERE b.account_id IS NULL OR b.status <> 'open'
            OR (m.change < 0 AND b.posted - b.held_out + m.running < ledger_floor(b.floor))
            OR (m.change > 0 AND b.posted + b.held_in + m.running > ledger_ceiling(b.ceiling)))
    INTO v_refused;

  IF v_refused THEN
    RETURN;
  END IF;

  WITH given AS MATERIALIZED (
    SELECT * FROM unnest(p_keys, p_digests, p_kinds, p_memos, p_effectives, p_actors,
                         p_references, p_counts) WITH ORDINALITY
           AS p (key, digest, kind, memo, effective, actor, reference, lines, place)),
  header AS (
    INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at,
                                    actor, reference, entry_count)
    SELECT key, digest, 'post', kind, memo, coalesce(effective, v_today), o_recorded, actor,
           reference, lines
      FROM given ORDER BY place
    RETURNING id, key),
  placed AS MATERIALIZED (
    SELECT header.id, given.place, given.lines FROM header JOIN given ON given.key = header.key),
  line AS MATERIALIZED (
    SELECT b.account_id, b.version, b.posted, p.id, p.lines, l.line, l.amount, l.place
      FROM unnest(p_postings, p_lines, p_codes, p_amounts) WITH ORDINALITY
           AS l (posting, line, code, amount, place)
      JOIN placed p ON p.place = l.posting
      JOIN unnest(v_codes, v_accounts) AS a (code, id) ON a.code = l.code
      JOIN (SELECT * FROM ledger_balance WHERE account_id = ANY (v_accounts)) b
        ON b.account_id = a.id),
  written AS (
    INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,
                              recorded_at, line, entry_count)
    SELECT account_id, version + row_number() OVER w, id, amount,
           posted + sum(amount) OVER w, o_recorded, line, lines
      FROM line WINDOW w AS (PARTITION BY account_id ORDER BY place) ORDER BY place
    RETURNING version, balance, transaction_id, line),
  moved AS (
    UPDATE ledger_balance b
       SET posted = b.posted + m.change, version = b.version + m.lines,
           recorded_at = o_recorded
      FROM (SELECT account_id, sum(amount) AS change, count(*) AS lines FROM line
             GROUP BY account_id) m
     WHERE b.account_id = m.account_id AND b.account_id = ANY (v_accounts))
  SELECT (SELECT array_agg(id ORDER BY place) FROM placed),
         array_agg(version ORDER BY transaction_id, line),
         array_agg(balance ORDER BY transaction_id, line)
    INTO o_ids, o_versions, o_balances FROM written;
  SELECT array_agg(coalesce(day, v_today) ORDER BY place) INTO o_effectives
    FROM unnest(p_effectives) WITH ORDINALITY AS e (day, place);
  PERFORM ledger_note_shift(id, day, v_today)
    FROM unnest(o_ids, o_effectives) AS p (id, day) WHERE day <> v_today;
END $$;

CREATE OR REPLACE FUNCTION ledger_post_many(
  p_atomic boolean, p_keys text[], p_digests bytea[], p_kinds text[], p_memos text[],
  p_effectives date[], p_actors text[], p_references text[], p_counts bigint[],
  p_postings bigint[], p_lines bigint[], p_codes text[], p_amounts bigint[], p_clock timestamptz,
  OUT o_outcomes text[], OUT o_ids bigint[], OUT o_effectives date[], OUT o_recorded timestamptz[],
  OUT o_versions bigint[], OUT o_balances bigint[],
  OUT o_accounts text[], OUT o_haves bigint[], OUT o_needs bigint[], OUT o_failed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_number bigint := cardinality(p_keys);
  v_ends bigint := 0;
BEGIN
  BEGIN
    SELECT * INTO r FROM ledger_post_set(
      p_keys, p_digests, p_kinds, p_memos, p_effectives, p_actors, p_references, p_counts,
      p_postings, p_lines, p_codes, p_amounts, p_clock);
    IF r.o_ids IS NOT NULL THEN
      o_ids := r.o_ids; o_effectives := r.o_effectives;
      o_versions := r.o_versions; o_balances := r.o_balances;
      o_recorded := array_fill(r.o_recorded, ARRAY[v_number::int]);
      o_outcomes := array_fill('done'::text, ARRAY[v_number::int]);
      RETURN;
    END IF;
  EXCEPTION WHEN unique_violation THEN
    -- Somebody used one of the keys at this very moment: find out which, one at a time. The locks
    -- went with what was undone, so they are taken again, all of them in order.
    PERFORM 1 FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
      WHERE a.code = ANY (p_codes) ORDER BY b.account_id FOR NO KEY UPDATE OF b;
  END;

  BEGIN
    FOR i IN 1..v_number LOOP
      SELECT * INTO r FROM ledger_post(
        p_keys[i], p_digests[i], p_kinds[i], p_memos[i], p_effectives[i], p_actors[i],
        p_references[i], p_codes[v_ends + 1 : v_ends + p_counts[i]],
        p_amounts[v_ends + 1 : v_ends + p_counts[i]], NULL, NULL, NULL, p_clock);
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
