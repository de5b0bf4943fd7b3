begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('p', p_valid_sizes => '{1024x1024,512x512}');
select tests.make_price('p', 'image', 3);
select tests.make_price('p', 'image', 50, p_source => 'elsewhere');
select tests.make_rate(1);
select tests.make_policy(0);
insert into ai.features (key) values ('draw');
select tests.make_policy(1, p_feature => 'draw');
select tests.make_wallet('ada', 1000);
create function tests.held(p_feature text default null) returns uuid
language sql
begin atomic
  select (billing.authorize_credits(
    tests.user_id('ada'), model => 'p', usage => '{"image": 2}', variant => '512x512', feature => p_feature, expires_in => '2 days'
  ) ->> 'hold_id')::uuid;
end;
create temporary table held (name text, id uuid);
insert into held values ('size', tests.held()), ('source', tests.held()), ('feature', tests.held('draw'));
create function tests.captured(p_name text) returns text
language plpgsql
as $$
begin
  return billing.capture_hold((select id from held where name = p_name), usage => '{"image": 1}') ->> 'credits';
exception when others then
  return sqlerrm;
end;
$$;
select tests.freeze_clock('2030-01-16T12:00:00Z');
update ai.models set valid_sizes = '{1024x1024}' where key = 'p';
select is(tests.captured('size'), '3', 'its size is made no more');
update ai.models set valid_sizes = '{1024x1024,512x512}', price_source = 'elsewhere' where key = 'p';
select is(tests.captured('source'), '3', 'its prices come from elsewhere now');
update ai.models set price_source = 'manual' where key = 'p';
update ai.features set is_active = false where key = 'draw';
select is(tests.captured('feature'), '6', 'its feature is switched off');
select tests.violates(
  $$delete from ai.features where key = 'draw'$$, 'execution_margin_policies_feature_id_fkey', 'a feature with a margin cannot be deleted'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
