begin;
set local search_path = tap, pg_catalog;
select plan(13);

-- Fixed ids: the hash is of these. Scores by tests/routing/split.py, which is written from the description.
insert into ai.features (key, id) values ('chat', '00000000-0000-4000-8000-00000000f001');
insert into ai.models (id, key, name, provider_id)
select ('00000000-0000-4000-8000-00000000000' || m.number)::uuid, m.key, m.key, tests.make_provider()
from (values (1, 'a'), (2, 'b'), (3, 'c')) as m (number, key);
select tests.make_route('chat', 'a', 0, 70), tests.make_route('chat', 'b', 0, 20), tests.make_route('chat', 'c', 0, 10);

select is(
  (
    select jsonb_object_agg(s.subject, tests.routed('chat', '{}', s.subject))
    from unnest(array['1', '2', '3', '4', '5', '6', 'Zoë', '🦄']) as s (subject)
  ),
  '{"1": "a b c", "2": "a c b", "3": "b c a", "4": "c a b", "5": "a b c", "6": "b a c", "Zoë": "a b c", "🦄": "a b c"}'::jsonb,
  'the order of eight subjects'
);
select is(
  round(ratebook.split_score(
    '1', '00000000-0000-4000-8000-00000000f001', '00000000-0000-4000-8000-000000000001', 70
  )::numeric, 12), -0.016603031600, 'a score to twelve decimals'
);
select results_eq(
  $$select model, share, why from ai.route_feature('chat', '{}', '1') order by model$$,
  $$values ('a', 0.700000, 'priority 0, weight 70 of 100'), ('b', 0.200000, 'priority 0, weight 20 of 100'),
    ('c', 0.100000, 'priority 0, weight 10 of 100')$$,
  'the share of each'
);
select is(tests.routed('chat', '{}', '1'), tests.routed('chat', '{}', '1'), 'the same again');

-- Only equals are split, and among those that are left.
update ai.feature_model_policies as p set priority = 1 where p.model_id = tests.model_id('a');
select is((select max(r.place) from ai.route_feature('chat', '{}', '1') as r where r.model = 'a'), 3, 'a priority that is not equal comes last');
select results_eq(
  $$select model, share from ai.route_feature('chat', '{}', '1') order by model$$,
  $$values ('a', 1.000000), ('b', 0.666667), ('c', 0.333333)$$, 'shares are of those of one priority'
);
update ai.feature_model_policies as p set priority = 0 where p.model_id = tests.model_id('a');
update ai.models as m set is_active = false where m.key = 'b';
select results_eq(
  $$select model, share from ai.route_feature('chat', '{}', '1') order by model$$,
  $$values ('a', 0.875000), ('c', 0.125000)$$, 'and of those that are left'
);
update ai.models as m set is_active = true where m.key = 'b';

-- Nobody is moved by a new name.
create temporary table before as select s::text as subject, tests.routed('chat', '{}', s::text) as models from generate_series(1, 50) as s;
update ai.features as f set key = 'talk' where f.key = 'chat';
update ai.models as m set name = 'Another' where m.key = 'a';
select is(
  (select count(*) from before as b where b.models = tests.routed('talk', '{}', b.subject)), 50::bigint,
  'a feature that is renamed keeps every subject where it was'
);

-- Extremes.
update ai.feature_model_policies as p set weight = case when p.model_id = tests.model_id('c') then 1e12 else 1e-30 end;
select is((select count(distinct tests.routed('talk', '{}', s::text)) from generate_series(1, 50) as s), 2::bigint, 'the largest and the smallest weights');
select is((select count(*) from generate_series(1, 50) as s where tests.routed('talk', '{}', s::text) like 'c %'), 50::bigint, 'the largest gets all');

-- Nothing to split by.
update ai.feature_model_policies as p set weight = case p.model_id when tests.model_id('b') then 3 else 2 end;
select is(tests.routed('talk'), 'b a c', 'without a subject the heaviest comes first, ties by model id');
select is(tests.routed('talk', '{}', ''), 'b a c', 'an empty subject is none');
select tests.refused(
  $$select ai.route_feature('talk', '{}', repeat('x', 256))$$, 'invalid_argument', 'PT422', 'a subject that is too long'
);

select * from finish();
rollback;
