begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_user('ada');
select tests.make_model('m');
-- Inside the partitions, which begin at the month of the real clock.
select tests.freeze_clock(date_trunc('month', now()) + interval '40 days 1 hour 2 minutes 3.456789 seconds');

select tests.authenticate_as('ada');
insert into ai.generations (model_id, prompt) values (tests.model_id('m'), 'Hello');
select results_eq(
  $$
  select
    lenser_id, media_id, feature_key, prompt, output, token_count::integer, usage, status::text, latency_ms::integer,
    quality_rating::smallint
  from ai.generations
  $$,
  format(
    $$
    values (
      %L::uuid, null::uuid, null, 'Hello', null, null::integer, null::jsonb, 'pending', null::integer, null::smallint
    )
    $$,
    tests.user_id('ada')
  ),
  'the owner is who asked; the rest is empty and pending'
);
select is(
  created_at, date_trunc('month', now()) + interval '40 days 1 hour 2 minutes 3.456789 seconds',
  'created_at is the clock''s time'
) from ai.generations;
select is(
  -- The first 48 bits of a UUIDv7 are its milliseconds.
  ('x' || lpad(replace(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint,
  floor(extract(epoch from created_at) * 1000)::bigint,
  'and the time in the id'
) from ai.generations;

select * from finish();
rollback;
