begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
create function tests.price_of(p_meter text) returns text
language sql
return billing.quote('m', jsonb_build_object(p_meter, 1)) #>> '{lines,0,unit_price}';

select tests.make_price('m', 'tokens', 1);
select is(tests.price_of('cache_write_1h'), '1', 'cache_write_1h: tokens at the end');
select is(tests.price_of('cache_read_audio'), '1', 'cache_read_audio: tokens at the end');
select is(tests.price_of('citation'), '1', 'citation: tokens at the end');
select tests.make_price('m', 'input', 2);
select is(tests.price_of('cache_write_1h'), '2', 'cache_write_1h: input before tokens');
select is(tests.price_of('cache_read_audio'), '2', 'cache_read_audio: input before tokens');
select is(tests.price_of('cache_write_audio'), '2', 'cache_write_audio: input before tokens');
select is(tests.price_of('citation'), '2', 'citation: input, though it is no input');
select is(tests.price_of('reasoning'), '1', 'reasoning: never input');
select tests.make_price('m', 'cache_write', 3);
select tests.make_price('m', 'cache_read', 4);
select is(tests.price_of('cache_write_1h'), '3', 'cache_write_1h: cache_write before input');
select is(tests.price_of('cache_write_audio'), '3', 'cache_write_audio: cache_write before input');
select is(tests.price_of('cache_read_audio'), '4', 'cache_read_audio: cache_read before input');
select tests.make_price('m', 'input_audio', 5);
select is(tests.price_of('cache_read_audio'), '4', 'cache_read_audio: never input_audio');
select tests.make_price('m', 'output', 6);
select is(tests.price_of('reasoning'), '6', 'reasoning: output before tokens');
select is(tests.price_of('output_audio'), '6', 'output_audio: output before tokens');
select tests.make_price('m', 'cache_write_1h', 7);
select tests.make_price('m', 'cache_read_audio', 8);
select is(tests.price_of('cache_write_1h'), '7', 'cache_write_1h: its own');
select is(tests.price_of('cache_read_audio'), '8', 'cache_read_audio: its own');
select is(tests.price_of('cache_read'), '4', 'what it falls back to stays as it was');

select * from finish();
rollback;
