begin;
set local search_path = tap, pg_catalog;
select plan(42);

-- A price that does not apply to a request makes no size of it valid: of another time, source, currency, withdrawn, hidden, of words.
select tests.make_rate();
select tests.make_policy(0);
select tests.make_wallet('ada', 100000);
select tests.make_model(m.key, p_valid_sizes => '{1024x1024}')
from (values ('later'), ('elsewhere'), ('euro'), ('withdrawn'), ('hidden'), ('words'), ('priced')) as m (key);
select tests.make_price(m.key, 'image', 0.04)
from (values ('later'), ('elsewhere'), ('euro'), ('withdrawn'), ('hidden'), ('words'), ('priced')) as m (key);
select tests.make_price('later', 'image', 1, '2031-01-01Z', p_variant => '4096x4096');
select tests.make_price('elsewhere', 'image', 1, p_variant => '4096x4096', p_source => 'litellm');
select tests.make_price('euro', 'image', 1, p_variant => '4096x4096', p_currency => 'EUR');
select tests.make_price('withdrawn', 'image', 1, p_variant => '4096x4096');
select tests.make_price('withdrawn', 'image', null, '2026-02-01Z', p_variant => '4096x4096');
select tests.make_price('hidden', 'image', 1, p_variant => '4096x4096', p_is_public => false);
select tests.make_price('words', 'input', 1, p_variant => '4096x4096');
select tests.make_price('priced', 'image', 0.09, p_variant => '4096x4096');
create temporary view calls as
select m.key, c.name, format(c.call, m.key) as statement
from (values ('later'), ('elsewhere'), ('euro'), ('withdrawn'), ('hidden'), ('words'), ('priced')) as m (key)
cross join (
  values
  ('quote', 'select billing.quote(%L, ''{"image": 1}'', variant => ''4096x4096'')'),
  ('quote_many',
    'select * from billing.quote_many(jsonb_build_array(jsonb_build_object(''model'', %L::text, ''usage'', ''{"image": 1}''::jsonb, ''variant'', ''4096x4096'')))'),
  ('validate_size', 'select compat.validate_size(%L, ''4096x4096'')'),
  ('charge_generation',
    'select billing.charge_generation(tests.user_id(''ada''), %L, ''{"image": 1}'', variant => ''4096x4096'')'),
  ('charge_generations',
    'select billing.charge_generations(jsonb_build_array(jsonb_build_object(''account'', tests.user_id(''ada''), ''model'', %L::text, ''usage'', ''{"image": 1}''::jsonb, ''variant'', ''4096x4096'')))'),
  ('authorize_credits',
    'select billing.authorize_credits(tests.user_id(''ada''), model => %L, usage => ''{"image": 1}'', variant => ''4096x4096'')')
) as c (name, call);
grant select on calls to public;

select tests.as_service();
select tests.refused(c.statement, 'invalid_size', 'PT422', c.name || ': ' || c.key)
from calls as c where c.key <> 'priced' order by c.key, c.name;
select lives_ok(c.statement, c.name || ': ' || c.key) from calls as c where c.key = 'priced' order by c.name;

select * from finish();
rollback;
