begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2026-01-01Z');
select tests.make_admin('root');
select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'input', 2, p_source => 'litellm');
create function tests.kept() returns setof text
language sql
begin atomic
  select concat_ws(' ', s.price_source, s.price_currency, coalesce(to_char(s.effective_from, 'MM-DD'), 'ever'), s.revision)
  from ai.model_price_sources as s
  order by s.effective_from nulls first, s.revision;
end;
create function tests.since() returns text
language sql
return (select to_char(m.price_source_since, 'MM-DD') from ai.models as m where m.key = 'm');

select results_eq('select tests.kept()', $$values ('manual USD ever 0')$$, 'a new model follows its source from ever on');
select is(tests.since(), null, 'and says so');

select tests.freeze_clock('2026-02-01Z');
select tests.authenticate_as('root');
update ai.models set name = 'N', is_public = false, price_source = 'manual' where key = 'm';
select results_eq('select tests.kept()', $$values ('manual USD ever 0')$$, 'another name is no switch');
update ai.models set price_source = 'litellm' where key = 'm';
select is(tests.since(), '02-01', 'a switch counts from now');
update ai.models set price_source_since = '2020-01-01Z' where key = 'm';
select is(tests.since(), '02-01', 'nobody says otherwise');
update ai.models set price_source = 'manual', price_source_since = null where key = 'm';
select results_eq(
  'select tests.kept()', $$values ('manual USD ever 0'), ('litellm USD 02-01 0'), ('manual USD 02-01 1')$$,
  'of two at one moment the later stands'
);
select tests.reset_role();
select is(
  (ratebook.price_source_at(tests.model_id('m'), '2026-02-01Z')).price_source, 'manual', 'and is what a quote looks up'
);

select tests.freeze_clock('2026-01-15Z');
update ai.models set price_currency = 'EUR' where key = 'm';
select results_eq(
  'select tests.kept()',
  $$values ('manual USD ever 0'), ('litellm USD 02-01 0'), ('manual USD 02-01 1'), ('manual EUR 02-01 2')$$,
  'a clock that was put back does not change the order'
);
select tests.freeze_clock('2026-03-01Z');
update ai.models set price_source = 'litellm', price_currency = 'USD' where key = 'm';
select is(tests.since(), '03-01', 'source and currency at once are one switch');
select results_eq(
  $$
  select f.price_source || ' ' || f.price_currency, f.starts, f.ends
  from ratebook.price_source_periods as f where f.model_id = tests.model_id('m') order by f.starts
  $$,
  $$
  values
  ('manual USD', '-infinity'::timestamptz, '2026-02-01Z'::timestamptz), ('manual EUR', '2026-02-01Z', '2026-03-01Z'),
  ('litellm USD', '2026-03-01Z', 'infinity')
  $$, 'periods meet'
);

insert into ai.models (key, name, provider_id, price_source, price_source_since)
values ('n', 'N', tests.make_provider(), 'openrouter', '2020-01-01Z');
select is((select m.price_source_since from ai.models as m where m.key = 'n'), null, 'nor does who makes a model');
insert into ai.models (key, name, provider_id) values ('n', 'N', tests.make_provider()) on conflict do nothing;
select is(
  (select array_agg(s.price_source) from ai.model_price_sources as s where s.model_id = tests.model_id('n')),
  '{openrouter}', 'a model that is there already leaves nothing'
);

-- A restored row brings its own history.
set local session_replication_role = replica;
insert into ai.models (id, key, name, provider_id, provider, price_source_since)
values (tests.user_id('copy'), 'copy', 'C', tests.make_provider(), 'other', '2025-05-05Z');
set local session_replication_role = origin;
select is(
  (
    select m.price_source_since::text || ' ' || count(s.*)
    from ai.models as m left join ai.model_price_sources as s on s.model_id = m.id
    where m.key = 'copy' group by m.id
  ), '2025-05-05 00:00:00+00 0', 'a copy of a database is not made by switches'
);

select * from finish();
rollback;
