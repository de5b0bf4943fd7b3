begin;
set local search_path = tap, pg_catalog;
select plan(54);

select tests.freeze_clock('2026-11-20T12:00:00Z');

-- ada has no plan, pat is paid, eve is enterprise, old was paid, soon will be.
select tests.make_unit_price();
select tests.make_model('for_free', p_pricing_tier => 'free'), tests.make_model('for_paid', p_pricing_tier => 'paid');
select tests.make_model('for_enterprise', p_pricing_tier => 'enterprise');
select tests.make_price(key, 'input', 1) from unnest(array['for_free', 'for_paid', 'for_enterprise']) as m (key);
select tests.make_route('chat', m.key, m.place)
from (values ('for_enterprise', 1), ('for_paid', 2), ('for_free', 3), ('m', 4)) as m (key, place);
select tests.make_wallet(n.name, 1000000) from unnest(array['ada', 'pat', 'eve', 'old', 'soon']) as n (name);
select
  lensers.set_entitlement(tests.user_id('pat'), 'paid', 'pat', '2026-11-01Z'),
  lensers.set_entitlement(tests.user_id('eve'), 'paid', 'eve', '2026-10-01Z', '2027-01-01Z'),
  lensers.set_entitlement(tests.user_id('eve'), 'enterprise', 'eve more', '2026-11-01Z', '2026-12-01Z'),
  lensers.set_entitlement(tests.user_id('old'), 'enterprise', 'old', '2026-10-01Z', '2026-11-20T12:00:00Z'),
  lensers.set_entitlement(tests.user_id('soon'), 'enterprise', 'soon', '2026-11-20T12:00:01Z');

create function tests.held(p_name text, p_model text, p_lenser text default null, p_amount numeric default null) returns text
language plpgsql
as $$
begin
  perform billing.authorize_credits(
    tests.user_id(p_name), p_amount, model => p_model, usage => case when p_amount is null then '{"input": 1}'::jsonb end,
    lenser => tests.user_id(p_lenser)
  );
  return 'held';
exception when insufficient_privilege then
  return 'refused';
end;
$$;

-- A project that never switches it on notices nothing.
select is(tests.routed('chat', '{}', tests.user_id(n.name)::text), 'for_enterprise for_paid for_free m', 'off: every model for ' || n.name)
from unnest(array['ada', 'pat', 'eve', 'old', 'soon']) as n (name);
select is(tests.routed('chat'), 'for_enterprise for_paid for_free m', 'off: every model for nobody');
select is(tests.held(n.name, 'for_enterprise'), 'held', 'off: a hold for ' || n.name)
from unnest(array['ada', 'pat', 'eve', 'old', 'soon']) as n (name);

update billing.settings as s set enforce_entitlements = true;

-- Routes, by subject.
select is(tests.routed('chat', '{}', tests.user_id(s.name)::text), s.models, 'on: the models for ' || s.name)
from (values
  ('ada', 'for_free m'), ('pat', 'for_paid for_free m'), ('eve', 'for_enterprise for_paid for_free m'),
  ('old', 'for_free m'), ('soon', 'for_free m')
) as s (name, models);
select is(tests.routed('chat'), 'for_free m', 'on: nobody is free');
select is(tests.routed('chat', '{}', 'a word'), 'for_free m', 'on: a word is free');
select is(tests.rejected('chat', '{}', tests.user_id('pat')::text), 'for_enterprise: tier', 'on: the plan is the reason');
select is(
  (select r.why from ai.explain_route('chat', '{}', tests.user_id('pat')::text) as r where r.model = 'for_enterprise'),
  'tier: enterprise, entitled to paid', 'on: in words'
);

-- Holds, by who spends.
select is(tests.held(s.name, s.model), s.found, format('on: a hold of %s for %s', s.name, s.model))
from (values
  ('ada', 'm', 'held'), ('ada', 'for_free', 'held'), ('ada', 'for_paid', 'refused'), ('ada', 'for_enterprise', 'refused'),
  ('pat', 'm', 'held'), ('pat', 'for_free', 'held'), ('pat', 'for_paid', 'held'), ('pat', 'for_enterprise', 'refused'),
  ('eve', 'for_paid', 'held'), ('eve', 'for_enterprise', 'held'),
  ('old', 'for_paid', 'refused'), ('soon', 'for_paid', 'refused')
) as s (name, model, found);
select is(tests.held('ada', 'for_paid', p_amount => 5), 'refused', 'on: an amount for a model is for that model');
select lives_ok($$select billing.authorize_credits(tests.user_id('ada'), 5)$$, 'on: an amount for none is');
select billing.set_member(tests.user_id('pat'), tests.user_id('ada')), billing.set_member(tests.user_id('ada'), tests.user_id('pat'));
select is(tests.held('pat', 'for_paid', 'ada'), 'refused', 'on: who spends counts, not who pays');
select is(tests.held('ada', 'for_paid', 'pat'), 'held', 'on: and the other way');
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), model => 'for_paid', usage => '{"input": 1}')$$, 'not_entitled', '42501',
  'on: by its own error'
);
select is(
  tests.error_of($$select billing.authorize_credits(tests.user_id('ada'), model => 'for_paid', usage => '{"input": 1}')$$) -> 'detail',
  '{"error": "not_entitled", "model": "for_paid", "tier": "paid", "entitled": "free"}'::jsonb, 'on: with what is missing'
);

-- Never: a capture of what was held, a charge for a call that has been made, a quote.
create temporary table holds as
select (billing.authorize_credits(tests.user_id('pat'), model => 'for_paid', usage => '{"input": 2}') ->> 'hold_id')::uuid as id;
select lives_ok($$select lensers.set_entitlement(tests.user_id('pat'), 'paid', 'pat', ends_at => '2026-11-20T12:00:00Z')$$, 'pat''s plan ends');
select is(tests.held('pat', 'for_paid'), 'refused', 'on: no new hold then');
select is((select billing.capture_hold(h.id, usage => '{"input": 3}') ->> 'credits' from holds as h), '3', 'on: a capture is never refused');
select is(
  billing.charge_generation(tests.user_id('ada'), 'for_enterprise', '{"input": 4}') ->> 'credits', '4', 'on: nor a charge'
);
select is(
  billing.charge_generations(
    jsonb_build_array(jsonb_build_object('account', tests.user_id('ada'), 'model', 'for_enterprise', 'usage', '{"input": 5}'::jsonb))
  ) #>> '{0,credits}', '5', 'on: nor a batch of charges'
);
select tests.authenticate_as('ada');
select is(billing.quote('for_enterprise', '{"input": 6}') ->> 'credits', '6', 'on: nor a quote');
select is(billing.calculate_credit_cost('for_enterprise', '{"input": 6}'), 6::numeric, 'on: nor its credits');
select is((select q.credits from billing.quote_many('[{"model": "for_enterprise", "usage": {"input": 6}}]') as q), 6::numeric, 'on: nor many quotes');
select is((select c.credits from billing.compare('{"input": 6}', '{for_enterprise}') as c), 6::numeric, 'on: nor a comparison');
select is(tests.routed('chat'), 'for_free m', 'on: ada routes as herself');
select tests.reset_role();

-- Who may switch it.
select tests.authenticate_as('ada');
select tests.forbidden(
  'update billing.settings set updated_at = now()', 'permission denied for table settings', 'a user does not stamp settings'
);
select tests.refused(
  'update billing.settings set enforce_entitlements = false', 'not_allowed', '42501', 'nor switch it off'
);
select tests.reset_role();
select is((select count(*) from lensers.audit_history as h where h.table_name = 'billing.settings' and h.operation = 'UPDATE'), 1::bigint, 'who switched it on is in the history');
select tests.violates('insert into billing.settings (id) values (false)', 'there_is_one_row', 'there is one row of settings');
delete from billing.settings;
select is(tests.held('ada', 'for_enterprise'), 'held', 'without a row nothing is switched on');
select is(tests.routed('chat'), 'for_enterprise for_paid for_free m', 'for routes either');

select * from finish();
rollback;
