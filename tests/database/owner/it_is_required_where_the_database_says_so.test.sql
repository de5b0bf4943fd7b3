begin;
set local search_path = tap, pg_catalog;
select plan(48);

select tests.make_unit_price();
select tests.make_wallet('ada', 100), tests.make_wallet('cleo');
create temporary table ids as
select
  tests.user_id('ada') as account, tests.hold('ada', 5) as hold, tests.hold('ada', 5) as other_hold, tests.hold('ada', 5) as cut,
  tests.charge('ada', 3) as charge, billing.create_recurring_grant(tests.user_id('ada'), 1) as allowance;
alter table ids add generation uuid, add estimate uuid, add lot uuid;
update ids set generation = g.id from ai.generations as g;
update ids set
  estimate = (
    billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 2}', estimated => true) ->> 'charge_id'
  )::uuid,
  lot = (billing.grant_credits(tests.user_id('ada'), 5) ->> 'grant_id')::uuid;

create temporary table calls (name text, id text, statement text);
insert into calls values
('get_balance', 'account', 'select billing.get_balance(%L, owner => %L)'),
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
('end_recurring_grant', 'allowance', 'select billing.end_recurring_grant(%L, %L)'),
('capture_hold', 'hold', 'select billing.capture_hold(%L, 1, owner => %L)'),
('cut_hold', 'cut', $$select billing.cut_hold(%L, '{"input": 1}', owner => %L)$$),
('settle_charge', 'estimate', $$select billing.settle_charge(%L, '{"input": 1}', owner => %L)$$),
('revoke_grant', 'lot', 'select billing.revoke_grant(%L, owner => %L)'),
('move_credits', 'account', $$
  select billing.move_credits(%L, tests.user_id('cleo'), 1, from_owner => %L, to_owner => tests.user_id('cleo'))
$$),
('statement', 'account', 'select count(*) from billing.statement(%L, owner => %L)'),
('balance_history', 'account', $$select count(*) from billing.balance_history(%L, now() - '1 day'::interval, owner => %L)$$),
('release_hold', 'other_hold', 'select billing.release_hold(%L, %L)'),
('refund_charge', 'charge', 'select billing.refund_charge(%L, 1, owner => %L)'),
('finish_generation', 'generation', 'select ai.finish_generation(%L, owner => %L)');

select set_config('ratebook.owner_required', 'on', true);
select tests.refused(
  format(c.statement, (to_jsonb(i) ->> c.id)::uuid, null), 'owner_required', 'PT422', c.name || ' asks for the owner'
)
from ids as i, calls as c order by c.name;
select is(
  tests.error_of(format(c.statement, gen_random_uuid(), null)) #>> '{detail,error}', 'owner_required', c.name || ' looks for nothing first'
)
from calls as c where c.name in ('get_balance', 'capture_hold', 'refund_charge', 'finish_generation') order by c.name;
select lives_ok(format(c.statement, (to_jsonb(i) ->> c.id)::uuid, tests.user_id('ada')), c.name || ' takes it')
from ids as i, calls as c order by c.name;
select lives_ok('select billing.sweep_accounts()', 'what takes no id asks for no owner');

-- Off is what nothing says, and what a transaction leaves of a setting that it made.
select lives_ok(
  format($$select set_config('ratebook.owner_required', %L, true), billing.get_balance(%L)$$, v.value, tests.user_id('ada')),
  format('the setting "%s" asks for none', v.value)
)
from (values (''), ('off'), ('no'), ('0')) as v (value);
select set_config('ratebook.owner_required', 'perhaps', true);
select is(
  tests.error_of(format('select billing.get_balance(%L)', tests.user_id('ada'))) ->> 'code', '22P02',
  'a setting that means nothing is not taken for off'
);

select * from finish();
rollback;
