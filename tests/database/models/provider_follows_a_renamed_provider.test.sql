begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_model('m', 'openai');
select lives_ok($$update ai.providers set key = 'mistral'$$, 'from one known key to another');
select is(provider, 'mistral', 'the models go along') from ai.models;
select lives_ok($$update ai.providers set key = 'acme'$$, 'to a key that the enum does not have');
select is(provider, 'other', 'the models read as other') from ai.models;
select lives_ok($$update ai.providers set key = 'openai'$$, 'and to one that it has');
select is(provider, 'openai', 'the models go along again') from ai.models;

select * from finish();
rollback;
