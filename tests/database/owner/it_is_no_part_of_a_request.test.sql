begin;
set local search_path = tap, pg_catalog;
select plan(18);

-- A key stands for an effect on an account. The owner only says where that account is, so a caller that begins to name
-- it, between a request and its repetition, gets the first answer.
select tests.make_unit_price();
select tests.make_wallet('ada', 100), tests.make_wallet('bob', 100);
create temporary table ids as select tests.user_id('ada') as account, tests.charge('ada', 9) as charge;

create temporary table calls (name text, statement text);
insert into calls values
('grant_credits', $$select billing.grant_credits($1, 2, idempotency_key => $3, owner => $2)$$),
('authorize_credits', $$select billing.authorize_credits($1, 2, idempotency_key => $3, owner => $2)$$),
('charge_generation', $$select billing.charge_generation($1, 'm', '{"input": 2}', idempotency_key => $3, owner => $2)$$),
('charge_generations', $$
  select billing.charge_generations(jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
    'account', $1, 'model', 'm', 'usage', '{"input": 2}'::jsonb, 'idempotency_key', 'many ' || $3, 'owner', $2
  ))))
$$),
('create_recurring_grant', $$
  select to_jsonb(billing.create_recurring_grant($1, 2, starts_at => '2100-01-01Z', idempotency_key => $3, owner => $2))
$$),
('refund_charge', $$select billing.refund_charge($4, 2, idempotency_key => $3, owner => $2)$$),
('capture_hold', $$select billing.capture_hold($5, 2, owner => $2)$$);
create function tests.call(p_statement text, p_owner text, p_key text, p_hold uuid) returns jsonb
language plpgsql
as $$
declare
  v_answer jsonb;
begin
  execute p_statement into v_answer using tests.user_id('ada'), tests.user_id(p_owner), p_key, (select i.charge from ids as i), p_hold;
  return v_answer;
end;
$$;

create temporary table answers as
select
  c.name, o.number,
  tests.call(c.statement, o.first, o.number::text, h.hold) as first,
  tests.call(c.statement, o.second, o.number::text, h.hold) as second
from calls as c
cross join (values (1, null, 'ada'), (2, 'ada', null)) as o (number, first, second)
cross join lateral (select tests.hold('ada', 3) as hold where c.name is not null and o.number is not null) as h;
select is(a.second, a.first, format('%s, named %s', a.name, case a.number when 1 then 'later' else 'at first' end))
from answers as a order by a.name, a.number;

select is(
  (select count(*) from billing.charges), 1 + 2 + 2 + 2::bigint, 'each has one effect: the first, one by one, many, holds'
);
select is((select count(*) from billing.ledger_entries as e where e.kind = 'refund'), 2::bigint, 'refunds too');

-- Twins in one call, one of which names the owner.
select is(
  (
    select count(distinct a.value ->> 'charge_id')
    from jsonb_array_elements(billing.charge_generations(jsonb_build_array(
      jsonb_build_object('account', i.account, 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', 'twin'),
      jsonb_build_object(
        'account', i.account, 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', 'twin', 'owner', i.account
      )
    ))) as a
  ),
  1::bigint, 'twins are one charge'
) from ids as i;
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 3}', idempotency_key => '1', owner => tests.user_id('ada'))$$,
  'idempotency_conflict', 'PT409', 'another usage is another request, whoever is named'
);

select * from finish();
rollback;
