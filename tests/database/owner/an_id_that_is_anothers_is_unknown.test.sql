begin;
set local search_path = tap, pg_catalog;
select plan(56);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100), tests.make_wallet('bob', 100), tests.make_user('cleo');
create temporary table ids as
select
  tests.user_id('ada') as account, tests.hold('ada', 5) as hold, tests.charge('ada', 3) as charge,
  billing.create_recurring_grant(tests.user_id('ada'), 1, starts_at => '2031-01-01Z') as allowance;
insert into billing.accounts (lenser_id, name) values (tests.user_id('ada'), 'team');
alter table ids add team uuid, add generation uuid, add lot uuid;
update ids set lot = g.id from billing.grants as g where g.account_id = tests.user_id('ada');
update ids set team = a.id, generation = g.id from billing.accounts as a, ai.generations as g where a.name = 'team';

create temporary table calls (name text, kind text, statement text);
insert into calls values
('get_balance', 'account', 'select billing.get_balance(%L, owner => %L)'),
('get_balance of a time', 'account', $$select billing.get_balance(%L, '2030-01-15T12:00:00Z', %L)$$),
('grant_credits', 'account', 'select billing.grant_credits(%L, 1, owner => %L)'),
('authorize_credits', 'account', 'select billing.authorize_credits(%L, 1, owner => %L)'),
('charge_generation', 'account', $$select billing.charge_generation(%L, 'm', '{"input": 1}', owner => %L)$$),
('charge_generations', 'account', $$
  select billing.charge_generations(
    jsonb_build_array(jsonb_build_object('account', %L, 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'owner', %L))
  )
$$),
('set_member', 'account', $$select billing.set_member(%L, tests.user_id('cleo'), owner => %L)$$),
('remove_member', 'account', $$select billing.remove_member(%L, tests.user_id('cleo'), %L)$$),
('create_recurring_grant', 'account', 'select billing.create_recurring_grant(%L, 1, owner => %L)'),
('capture_hold', 'hold', 'select billing.capture_hold(%L, 1, owner => %L)'),
('release_hold', 'hold', 'select billing.release_hold(%L, %L)'),
('settle_charge', 'charge', 'select billing.settle_charge(%L, amount => 1, owner => %L)'),
('revoke_grant', 'lot', 'select billing.revoke_grant(%L, owner => %L)'),
('move_credits', 'account', 'select billing.move_credits(%L, tests.user_id(''cleo''), 1, from_owner => %L)'),
('refund_charge', 'charge', 'select billing.refund_charge(%L, 1, owner => %L)'),
('finish_generation', 'generation', 'select ai.finish_generation(%L, owner => %L)');
create function tests.answer(p_statement text, p_id uuid, p_owner uuid) returns text
language sql
return replace(tests.error_of(format(p_statement, p_id, p_owner))::text, p_id::text, 'the id');

-- In turn: nobody's id, Ada's of another owner, Ada's of no lenser at all.
select is(
  tests.answer(c.statement, (to_jsonb(i) ->> c.kind)::uuid, o.owner), tests.answer(c.statement, gen_random_uuid(), o.owner),
  format('%s of %s answers like an unknown id', c.name, o.name)
)
from ids as i, calls as c, (values (tests.user_id('bob'), 'another'), (gen_random_uuid(), 'nobody')) as o (owner, name)
order by c.name, o.name;
select is(
  tests.error_of(format(c.statement, (to_jsonb(i) ->> c.kind)::uuid, tests.user_id('bob'))) #>> '{detail,error}',
  'unknown_' || c.kind, c.name || ' says what is unknown'
)
from ids as i, calls as c
order by c.name;
-- The account of another, by name.
select is(
  tests.answer('select billing.get_balance(%L, owner => %L)', i.team, tests.user_id('bob')),
  tests.answer('select billing.get_balance(%L, owner => %L)', gen_random_uuid(), tests.user_id('bob')), 'nor is a shared account told of'
) from ids as i;
select is(billing.end_recurring_grant(i.allowance, tests.user_id('bob')), false, 'nor is an allowance ended') from ids as i;

-- And the owner's own are found; one who has no account yet gets it.
select lives_ok(format('select billing.grant_credits(%L, 1, owner => %L)', i.team, tests.user_id('ada')), 'a shared account')
from ids as i;
select is(billing.end_recurring_grant(i.allowance, tests.user_id('ada')), true, 'an allowance') from ids as i;
select is(
  billing.get_balance(tests.user_id('cleo'), owner => tests.user_id('cleo')) ->> 'available', '0', 'an account that is not made yet'
);
select is(
  billing.grant_credits(tests.user_id('cleo'), 1, owner => tests.user_id('cleo')) #>> '{balance,posted}', '1', 'and is made'
);
select is(
  (select array_agg(trim_scale(a.posted) order by a.posted) from billing.accounts as a), array[1, 1, 97, 100]::numeric[],
  'the others have changed nothing'
);
select is(
  (select array_agg(h.status::text) from billing.holds as h), array['open'], 'not the hold'
);

select * from finish();
rollback;
