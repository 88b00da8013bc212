from typing import Any

from django.db import migrations

# Returns the number of the entry, or why there is none: 0 when the key is taken, -1 when an account
# holds too little, -2 when one would hold too much. It raises nothing, so that whoever calls it in
# a transaction may go on in it; what it changed before it found out is changed back. Accounts are
# changed in the order of their ids, so that two entries never wait for each other in a ring;
# platform accounts keep no balance. Each row is looked up by itself: a join with the arrays would
# be planned for sizes that nobody knows.
POST = """
CREATE FUNCTION ledger_post(
    p_key text, p_kind text, p_about_kind text, p_about_id uuid, p_at timestamptz,
    p_holders text[], p_purposes text[], p_assets text[], p_amounts bigint[], p_fresh uuid[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n_entry bigint;
    n_answer integer;
    n_rest bigint;
    v_account uuid;
    v_accounts uuid[] := '{}';
    v_guarded uuid[] := '{}';
    v_moves bigint[] := '{}';
    v_done uuid[] := '{}';
    r record;
BEGIN
    PERFORM FROM ledger_entry WHERE key = p_key;
    IF FOUND THEN RETURN 0; END IF;
    FOR i IN 1 .. coalesce(array_length(p_holders, 1), 0) LOOP
        LOOP
            SELECT id INTO v_account FROM ledger_account
            WHERE holder = p_holders[i] AND purpose = p_purposes[i] AND asset = p_assets[i];
            EXIT WHEN FOUND;
            INSERT INTO ledger_account (id, holder, purpose, asset, balance)
            VALUES (p_fresh[i], p_holders[i], p_purposes[i], p_assets[i],
                CASE WHEN starts_with(p_holders[i], 'platform') THEN NULL ELSE 0 END)
            ON CONFLICT DO NOTHING;
        END LOOP;
        v_accounts := v_accounts || v_account;
        IF NOT starts_with(p_holders[i], 'platform') THEN
            v_guarded := v_guarded || v_account;
            v_moves := v_moves || p_amounts[i];
        END IF;
    END LOOP;
    FOR r IN SELECT id, amount FROM unnest(v_guarded, v_moves) AS leg(id, amount) ORDER BY id LOOP
        UPDATE ledger_account SET balance = balance + r.amount
        WHERE id = r.id AND abs(balance + r.amount) <= 1000000000000000000
            AND CASE purpose WHEN 'debt' THEN balance + r.amount <= 0
                ELSE balance + r.amount >= 0 END;
        IF FOUND THEN
            v_done := v_done || r.id;
        ELSE
            SELECT abs(balance + r.amount) INTO n_rest FROM ledger_account WHERE id = r.id;
            n_answer := CASE WHEN n_rest > 1000000000000000000 THEN -2 ELSE -1 END;
            EXIT;
        END IF;
    END LOOP;
    IF n_answer IS NULL THEN
        INSERT INTO ledger_entry (key, kind, about_kind, about_id, posted_at)
        VALUES (p_key, p_kind, p_about_kind, p_about_id, p_at)
        ON CONFLICT (key) DO NOTHING RETURNING id INTO n_entry;
        IF n_entry IS NOT NULL THEN
            INSERT INTO ledger_leg (entry_id, account_id, amount)
            SELECT n_entry, id, amount FROM unnest(v_accounts, p_amounts) AS leg(id, amount);
            RETURN n_entry;
        END IF;
        n_answer := 0;
    END IF;
    UPDATE ledger_account AS account SET balance = balance - leg.amount
    FROM unnest(v_guarded, v_moves) AS leg(id, amount)
    WHERE account.id = leg.id AND account.id = ANY (v_done);
    -- Whoever was before us at the accounts may have posted this very key.
    PERFORM FROM ledger_entry WHERE key = p_key;
    RETURN CASE WHEN FOUND THEN 0 ELSE n_answer END;
END $$
"""
# Each post leaves a dead version of its accounts' rows, and one hot person many of one row.
ACCOUNTS = """
ALTER TABLE ledger_account SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)
"""


def post_in_one_call(_apps: Any, schema: Any) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute(POST, params=None)
        schema.execute(ACCOUNTS, params=None)


def forget(_apps: Any, schema: Any) -> None:
    if schema.connection.vendor == "postgresql":
        schema.execute("DROP FUNCTION ledger_post", params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_days")]

    operations = [migrations.RunPython(post_in_one_call, forget)]
