begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_user('ada');
select tests.make_model('m');
create temporary view past as
select jsonb_build_object(
  'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', '2023-02-28T00:00:00Z'
) as generation;
grant select on past to public;
select tests.as_service();
select tests.refused(
  format('select ai.backfill_generations(%L)', v.generations), 'invalid_argument', 'PT422', coalesce(v.generations, 'NULL')
)
from (values (null), ('{}'), ('7'), ('"x"'), ('null'), ('[7]'), ('[null]'), ('[[]]')) as v (generations);
select tests.refused(
  format('select ai.backfill_generations(jsonb_build_array(generation || %L, generation)) from past', v.change),
  'invalid_time', 'PT422', v.change
)
from (
  values
  ('{"created_at": null}'), ('{"created_at": "2999-01-01T00:00:00Z"}'), ('{"created_at": "1999-12-31T23:59:59Z"}'),
  ('{"created_at": "infinity"}'), ('{"created_at": "-infinity"}')
) as v (change);
select tests.refused(
  $$select ai.backfill_generations(jsonb_build_array(generation, generation || '{"usage": {"nothing": 1}}')) from past$$,
  'unknown_meter', 'PT422', 'an unusable usage'
);
select tests.refused(
  $$select ai.backfill_generations(jsonb_build_array(generation || '{"lenser_id": "00000000-0000-4000-8000-00000000000a"}')) from past$$,
  'unknown_lenser', 'PT404', 'an unknown lenser'
);
select tests.violates(
  $$select ai.backfill_generations(jsonb_build_array(generation || '{"model_id": "00000000-0000-4000-8000-00000000000a"}')) from past$$,
  'generations_model_id_fkey', 'an unknown model'
);
select is((select count(*) from ai.generations), 0::bigint, 'nothing was written');
select is_empty($$select * from ai.backfill_generations('[]')$$, 'an empty array is fine');

select * from finish();
rollback;
