begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada');
select tests.make_model('m');
select tests.authenticate_as('ada');
insert into ai.generations (model_id, prompt) values (tests.model_id('m'), 'one'), (tests.model_id('m'), 'two');
create temporary table one as select id from ai.generations where prompt = 'one';
grant select on one to public;
create temporary view log with (security_invoker = true) as
select prompt, status::text, usage, output, token_count::integer, latency_ms::integer, quality_rating::smallint from ai.generations order by prompt;
grant select on log to public;
select tests.forbidden(
  'select ai.finish_generation(id) from one', 'permission denied for function finish_generation', 'not the owner'
);

select tests.as_service();
select lives_ok(
  $$
  select ai.finish_generation(
    id, 'completed', '{"input": 1}', 'Yes', token_count => 2, latency_ms => 30, quality_rating => 4::smallint
  )
  from one
  $$, 'the service role'
);
select results_eq(
  'select * from log',
  $$
  values
  ('one', 'completed', '{"input": 1}'::jsonb, 'Yes', 2, 30, 4::smallint),
  ('two', 'pending', null, null, null, null, null)
  $$,
  'sets all of it, of that one'
);
select lives_ok($$select ai.finish_generation(id, 'failed', latency_ms => 40) from one$$, 'a second report');
select results_eq(
  $$select * from log where prompt = 'one'$$,
  $$values ('one', 'failed', '{"input": 1}'::jsonb, 'Yes', 2, 40, 4::smallint)$$, 'leaves what it does not say'
);
select tests.refused(
  'select ai.finish_generation(gen_random_uuid())', 'unknown_generation', 'PT404', 'a generation that is not there'
);
select tests.refused(
  $$select ai.finish_generation(id, usage => '{"nothing": 1}') from one$$, 'unknown_meter', 'PT422', 'an unusable usage'
);
select tests.as_anon();
select tests.forbidden(
  'select ai.finish_generation(id) from one', 'permission denied for function finish_generation', 'nor anon'
);

select * from finish();
rollback;
