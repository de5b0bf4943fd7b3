begin;
set local search_path = tap, pg_catalog;
select plan(4);

-- Nothing but the key says whose an id is, and the key is id and owner. So every row of Ada's gets a double with the same
-- id under a lenser before her and one after her, with other contents; whoever asks by id alone finds one of those.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
insert into ai.features (key) values ('chat');
select tests.make_wallet('ada', null, 50, 20);
select tests.make_user('bob');
insert into billing.budgets (lenser_id, period, soft_limit, hard_limit) values (tests.user_id('ada'), 'month', 40, 1000);
create temporary table ids as
select
  billing.create_recurring_grant(tests.user_id('ada'), 3, '1 day', '2030-01-10T00:00:00Z', expires => false) as allowance;
select billing.grant_credits(tests.user_id('ada'), 100, priority => 1, idempotency_key => 'granted');
select billing.grant_credits(tests.user_id('ada'), 40, 'short', 0, '2030-01-15T18:00:00Z');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 30);
alter table ids add paid uuid, add later uuid, add taken_back uuid, add moved_to uuid;
select tests.make_wallet('cleo');
update ids set
  paid = (billing.grant_credits(tests.user_id('ada'), 25, 'paid', 2) ->> 'grant_id')::uuid,
  later = (billing.grant_credits(tests.user_id('ada'), 9, 'later', 2, starts_at => '2030-01-16Z') ->> 'grant_id')::uuid,
  taken_back = (billing.grant_credits(tests.user_id('ada'), 6, 'taken back', 2) ->> 'grant_id')::uuid;
select billing.revoke_grant(i.taken_back, 4) from ids as i;
alter table ids add open_hold uuid, add estimate uuid, add other_hold uuid, add old_hold uuid, add charge uuid, add generation uuid;
with made as (
  insert into ai.generations (lenser_id, model_id) values (tests.user_id('ada'), tests.model_id('m')) returning id
)

update ids set generation = made.id from made;
update ids set
  open_hold = tests.hold('ada', 5, '2 days'),
  other_hold = tests.hold('ada', 6, '2 days'),
  old_hold = tests.hold('ada', 4, '1 minute'),
  charge = tests.charge('ada', 12, p_key => 'charged', p_feature => 'chat'),
  estimate = (billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 3}', estimated => true) ->> 'charge_id')::uuid;
select billing.refund_charge(tests.charge('ada', 7, 'bob'), 2), billing.refund_charge(i.charge, 1) from ids as i;
select tests.hold('ada', 2, '2 days', 'bob');
select tests.freeze_clock('2030-01-15T13:00:00Z');
-- What was spent under this one is added up at the next charge.
insert into billing.budgets (lenser_id, model_id, period, hard_limit)
values (tests.user_id('ada'), tests.model_id('m'), 'month', 1000);

create function tests.owned() returns setof text
language sql
return unnest(array[
  'billing.accounts', 'billing.recurring_grants', 'billing.grants', 'billing.revocations', 'billing.holds', 'billing.charges',
  'billing.charge_costs', 'billing.ledger_entries', 'billing.idempotency_keys', 'billing.account_members',
  'billing.budgets', 'billing.budget_periods', 'billing.outbox', 'ai.generations'
]);
select set_eq(
  $$
  select c.oid::regclass::text
  from pg_catalog.pg_constraint as k
  inner join pg_catalog.pg_class as c on c.oid = k.conrelid and not c.relispartition
  inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = k.conkey[array_length(k.conkey, 1)]
  where
    k.contype = 'p' and a.attname = 'lenser_id'
    -- Of evaluations, which may be left out, test_owners.py reads each statement.
    and c.oid::regclass::text !~ '^execution\.|evaluation_requests$'
  $$,
  $$select tests.owned() union all values ('content.media_library'), ('media.objects'), ('lensers.entitlements')$$,
  'these are the tables of owners; no call takes the id of media, or of an entitlement'
);

create function tests.make_double(p_lenser uuid) returns void
language plpgsql
as $$
declare
  v_table text;
  v_columns text;
begin
  insert into lensers.profiles (id) values (p_lenser);
  for v_table in select tests.owned() loop
    select string_agg(quote_ident(a.attname), ', ') into v_columns
    from pg_catalog.pg_attribute as a
    where a.attrelid = v_table::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
    execute format(
      'insert into %1$s (%2$s) select %2$s from (
        select (jsonb_populate_record(o, tests.doubled(to_jsonb(o), $1))).* from %1$s as o where o.lenser_id = $2
      ) as d', v_table, v_columns
    ) using p_lenser, tests.user_id('ada');
  end loop;
end;
$$;
create function tests.doubled(p_row jsonb, p_lenser uuid) returns jsonb
language sql
return p_row
  || jsonb_build_object('lenser_id', p_lenser)
  || case when p_row ->> 'spender_id' = tests.user_id('ada')::text then jsonb_build_object('spender_id', p_lenser) else '{}' end
  || case
    -- An account that could pay nothing, and lots that burn first.
    when p_row ? 'overdraft_limit'
      then '{"overdraft_limit": 0, "posted": 1, "reserved": 0, "upcoming": 0, "low_balance_mark": 1}'::jsonb
    when p_row ? 'remaining' then '{"priority": 0, "amount": 5000, "remaining": 4000, "revoked": 0, "expired": 0}'
    when p_row ? 'from_lot' then '{"owed": 77}'
    when p_row ? 'lots' then '{"amount": 9}'
    when p_row ? 'priced_at' then '{"credits": 99}'
    when p_row ? 'balance_after' then '{"amount": 3, "balance_after": 2, "effective_at": "2030-01-15T11:00:00Z"}'
    when p_row ? 'response' then '{"request": {}, "response": {}}'
    when p_row ? 'member_id' then '{"spent": 25, "spend_limit": 25}'
    when p_row ? 'starts_on' then '{"spent": 1}'
    when p_row ? 'months' then '{"amount": 1000}'
    else '{}'
  end;

create function tests.lower_overdraft(p_lenser uuid, p_limit numeric) returns jsonb
language sql
begin atomic
  update billing.accounts as a set overdraft_limit = p_limit where a.id = p_lenser and a.lenser_id = p_lenser
  returning to_jsonb(a.overdraft_limit);
end;

create function tests.doubles() returns text
language plpgsql
as $$
declare
  v_table text;
  v_rows text;
  v_all text := '';
begin
  for v_table in select tests.owned() loop
    execute format(
      'select string_agg(o::text, e''\n'' order by o::text) from %s as o where o.lenser_id::text ~ ''^(0000|ffff)''', v_table
    ) into v_rows;
    v_all := v_all || v_table || coalesce(v_rows, ' none');
  end loop;
  return v_all;
end;
$$;

-- What Ada's calls answer, ids left out, and what is left at the end; all of it is taken back.
create function tests.play(p_owner uuid) returns table (step bigint, answer text)
language plpgsql
as $$
declare
  v ids := (select i from ids as i);
  v_ada uuid := tests.user_id('ada');
  v_answers jsonb := '[]';
  v_answer jsonb;
  v_call text;
  v_doubles text := tests.doubles();
begin
  begin
    foreach v_call in array array[
      'select billing.get_balance($1, owner => $2)',
      $c$select billing.get_balance($1, '2030-01-15T12:00:30Z', $2)$c$,
      $c$select billing.get_balance($1, '2030-01-15T11:30:00Z', $2)$c$,
      $c$select billing.grant_credits($1, 100, priority => 1, idempotency_key => 'granted', owner => $2)$c$,
      $c$select billing.grant_credits($1, 1, 'extra', idempotency_key => 'more', owner => $2)$c$,
      $c$select billing.charge_generation($1, 'm', '{"input": 12}', feature => 'chat', idempotency_key => 'charged', owner => $2)$c$,
      $c$select billing.charge_generation($1, 'm', '{"input": 2}', generation => $3.generation, idempotency_key => 'k', owner => $2)$c$,
      $c$select billing.charge_generation($1, 'm', '{"input": 2}', generation => $3.generation, idempotency_key => 'k', owner => $2)$c$,
      $c$select billing.charge_generation($1, 'm', '{"input": 3}', lenser => tests.user_id('bob'), owner => $2)$c$,
      $c$select billing.charge_generations(jsonb_build_array(
        jsonb_build_object('account', $1, 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', 'k', 'owner', $2)
      ))$c$,
      $c$select billing.charge_generations(jsonb_build_array(
        jsonb_build_object('account', $1, 'model', 'm', 'usage', '{"input": 1.5}'::jsonb, 'idempotency_key', 'b', 'owner', $2),
        jsonb_build_object('account', $1, 'model', 'm', 'usage', '{"input": 12}'::jsonb, 'feature', 'chat',
          'idempotency_key', 'charged', 'owner', $2),
        jsonb_build_object('account', $1, 'model', 'm', 'usage', '{"input": 2}'::jsonb, 'lenser', tests.user_id('bob'),
          'owner', $2)
      ))$c$,
      $c$select billing.authorize_credits($1, 124, expires_in => '1 day', owner => $2)$c$,
      $c$select billing.authorize_credits($1, 15, lenser => tests.user_id('bob'), owner => $2)$c$,
      $c$select billing.authorize_credits($1, 1, lenser => tests.user_id('bob'), owner => $2)$c$,
      $c$select billing.authorize_credits($1, 3, lenser => tests.user_id('bob'), owner => $2)$c$,
      'select tests.lower_overdraft($1, 12)',
      'select billing.capture_hold($3.open_hold, 6, owner => $2)',
      'select billing.capture_hold($3.open_hold, 6, owner => $2)',
      'select billing.capture_hold($3.old_hold, owner => $2)',
      'select billing.release_hold($3.other_hold, $2)',
      'select billing.release_hold($3.other_hold, $2)',
      $c$select billing.refund_charge($3.charge, 4, idempotency_key => 'back', owner => $2)$c$,
      $c$select billing.refund_charge($3.charge, 4, idempotency_key => 'back', owner => $2)$c$,
      $c$select to_jsonb(billing.set_member($1, tests.user_id('bob'), 31, $2)::text)$c$,
      $c$select to_jsonb(ai.finish_generation($3.generation, output => 'Done.', owner => $2)::text)$c$,
      'select billing.settle_charge($3.estimate, amount => 5, owner => $2)',
      'select billing.settle_charge($3.estimate, amount => 5, owner => $2)',
      $c$select billing.move_credits($1, tests.user_id('cleo'), 15, idempotency_key => 'move', from_owner => $2)$c$,
      $c$select billing.move_credits($1, tests.user_id('cleo'), 15, idempotency_key => 'move', from_owner => $2)$c$,
      $c$select billing.revoke_grant($3.paid, 8, idempotency_key => 'part', owner => $2)$c$,
      $c$select billing.revoke_grant($3.paid, 8, idempotency_key => 'part', owner => $2)$c$,
      'select billing.revoke_grant($3.paid, owner => $2)',
      'select billing.revoke_grant($3.taken_back, owner => $2)',
      -- Lots and holds end, allowances are due.
      $c$select to_jsonb(tests.freeze_clock('2030-01-17T13:30:00Z')::text)$c$,
      'select billing.get_balance($1, owner => $2)',
      $c$select billing.get_balance($1, '2030-01-16T13:30:00Z', $2)$c$,
      $c$select billing.refund_charge($3.charge, extend_to => '2030-02-01Z', owner => $2)$c$,
      $c$select billing.refund_charge($3.charge, owner => $2)$c$,
      $c$select to_jsonb(billing.create_recurring_grant($1, 2, starts_at => '2029-12-16Z', owner => $2) is not null)$c$,
      'select to_jsonb(billing.end_recurring_grant($3.allowance, $2))',
      'select to_jsonb(billing.end_recurring_grant($3.allowance, $2))',
      $c$select to_jsonb(billing.remove_member($1, tests.user_id('bob'), $2))$c$,
      $c$select to_jsonb(billing.remove_member($1, tests.user_id('bob'), $2))$c$,
      $c$select to_jsonb(billing.set_member($1, tests.user_id('bob'), 3, $2)::text)$c$,
      'select tests.lower_overdraft($1, 10)',
      $c$select billing.grant_credits($1, 1, 'last', owner => $2)$c$,
      'select billing.get_balance($1, owner => $2)'
    ] loop
      begin
        execute v_call into v_answer using v_ada, p_owner, v;
      exception when others then
        v_answer := to_jsonb(sqlerrm);
      end;
      v_answers := v_answers || jsonb_build_array(v_answer);
    end loop;
    v_answers := v_answers || (
      select jsonb_agg(to_jsonb(concat_ws(' ', e.kind, e.amount, e.balance_after, e.effective_at)) order by e.number)
      from billing.ledger_entries as e
      where e.account_id = v_ada and e.lenser_id = v_ada
    ) || (
      select jsonb_agg(concat_ws(' ', g.source, g.remaining, g.reserved, g.expires_at) order by concat_ws(' ', g.source, g.remaining, g.reserved, g.expires_at))
      from billing.grants as g
      where g.account_id = v_ada and g.lenser_id = v_ada
    ) || (
      select jsonb_agg(concat_ws(' ', h.status, h.amount, h.ended_at) order by concat_ws(' ', h.status, h.amount, h.ended_at))
      from billing.holds as h
      where h.account_id = v_ada and h.lenser_id = v_ada
    ) || (
      select to_jsonb(a) - 'created_at' from billing.accounts as a where a.id = v_ada and a.lenser_id = v_ada
    ) || (
      select jsonb_agg(p.spent) from billing.budget_periods as p where p.lenser_id = v_ada
    ) || (
      select jsonb_agg(m.spent) from billing.account_members as m where m.lenser_id = v_ada
    ) || (
      select jsonb_agg(concat_ws(' ', o.topic, o.payload - 'budget') order by o.topic)
      from billing.outbox as o
      where o.lenser_id = v_ada
    ) || (
      select jsonb_agg(concat_ws(' ', g.status, g.output, g.usage) order by g.output, g.usage)
      from ai.generations as g
      where g.lenser_id = v_ada
    );
    v_answers := v_answers || to_jsonb(case when tests.doubles() = v_doubles then 'no double has changed' else 'a double has changed' end);
    v_answers := regexp_replace(v_answers::text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '…', 'g');
    raise exception 'taken back' using errcode = 'RB000';
  exception when sqlstate 'RB000' then
    perform tests.freeze_clock('2030-01-15T13:00:00Z');
  end;
  return query
  select a.ordinality, a.value from jsonb_array_elements_text(v_answers) with ordinality as a order by a.ordinality;
end;
$$;

create temporary table alone as select * from tests.play(tests.user_id('ada'));
select results_eq(
  $$select step, answer::jsonb #>> '{balance,available}' from alone where step in (5, 9, 17)$$,
  $$values (5::bigint, '136'), (9, '131'), (17, '-13.5')$$,
  'the calls do what they are made for'
);
select results_eq(
  $$select * from tests.play(null)$$, 'select * from alone', 'with the owner looked up, they do the same'
);

select tests.make_double('00000000-0000-7000-8000-000000000001'), tests.make_double('ffffffff-ffff-7fff-bfff-fffffffffffe');
select results_eq(
  $$select * from tests.play(tests.user_id('ada'))$$, 'select * from alone',
  'with doubles of every row, Ada''s answers are the same, and the doubles are what they were'
);

select * from finish();
rollback;
