begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
create function tests.priced(p_usage jsonb) returns text
language sql
return (
  select
    string_agg(
      format('%s=%s@%s', l.line ->> 'meter', l.line ->> 'price_meter', l.line ->> 'unit_price'), ' '
      order by l.line ->> 'meter'
    )
  from jsonb_array_elements(billing.quote('m', p_usage) -> 'lines') as l (line)
);

select is(tests.priced('{"cache_read": 0}'), 'cache_read=@', 'no price at all');
select tests.make_price('m', 'tokens', 1);
select is(
  tests.priced('{"input": 1, "output": 1, "cache_read": 1, "cache_write": 1, "tokens": 1}'),
  'cache_read=tokens@1 cache_write=tokens@1 input=tokens@1 output=tokens@1 tokens=tokens@1',
  'every token chain ends at tokens'
);
select is(
  tests.priced('{"image": 0, "video_second": 0, "audio_second": 0}'), 'audio_second=@ image=@ video_second=@',
  'what is no token does not'
);
select tests.make_price('m', 'input', 2);
select is(
  tests.priced('{"input": 1, "output": 1, "cache_read": 1, "cache_write": 1}'),
  'cache_read=input@2 cache_write=input@2 input=input@2 output=tokens@1', 'the nearest counts'
);
select tests.make_price('m', 'cache_read', 0);
select is(
  tests.priced('{"cache_read": 1, "cache_write": 1}'), 'cache_read=cache_read@0 cache_write=input@2',
  'its own before all others, and 0 is a price'
);
select tests.make_price('m', 'cache_read', null, p_revision => 1);
select is(tests.priced('{"cache_read": 1}'), 'cache_read=input@2', 'a withdrawn one falls back again');

select * from finish();
rollback;
