begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_evaluation(p_allows_self_judging => true);
select tests.start_run();
select tests.submit(c.name, k.name) from unnest('{m,n}'::text[]) as c (name), unnest('{a,b,c}'::text[]) as k (name);
select results_eq(
  $$select contender, place, submissions, scores, mean, comparisons, rating, rating_low, part, is_connected
    from execution.leaderboard(tests.evaluation_id())$$,
  $$values ('m', null::integer, 3::bigint, 0::bigint, null::numeric, 0::bigint, 0::float8, null::float8, 1, false), ('n', null, 3, 0, null, 0, 0, null, 2, false)$$,
  'without a score nobody has a place, and nothing is known'
);
-- j: m wins a, a tie in b; m on itself: wins c; judy scores one of two, which compares nothing.
select tests.score('m', 'a', 5), tests.score('n', 'a', 4), tests.score('m', 'b', 2), tests.score('n', 'b', 2.0),
  tests.score('m', 'c', 1, 'm'), tests.score('n', 'c', -3.5, 'm');
select tests.authenticate_as('judy');
select execution.score(tests.submission_id('n', 'c'), 4);
select tests.reset_role();
select results_eq(
  $$select contender, place, submissions, scores, mean, comparisons, wins, part, is_connected
    from execution.leaderboard(tests.evaluation_id())$$,
  $$values ('m', 1, 3::bigint, 3::bigint, 2.666666666667::numeric, 3::bigint, 2.5::numeric, 1, true), ('n', 2, 3, 4, 1.625, 3, 0.5, 1, true)$$,
  'means of all, comparisons of one judge on one case, a tie half a win'
);
-- With x and -x: 2.5 + 0.5 = 3 s(2x) + s(x), where s(x) = 1 / (1 + exp(-x)). By bisection x = 0.6383156.
select cmp_ok(abs(rating - case contender when 'm' then 1 else -1 end * 0.6383156), '<', 1e-6::float8, contender)
from execution.leaderboard(tests.evaluation_id());
-- Information: 3 s(2x) s(-2x) on the pair, s(x) s(-x) each alone: of x - mean half the difference, 1 / (4 p + 2 q) its variance.
select cmp_ok(
  abs((rating_high - rating_low) / 2 - 1.959963984540054 / sqrt(4 * 3 * p * (1 - p) + 2 * q * (1 - q))), '<', 1e-6::float8, 'its interval'
)
from execution.leaderboard(tests.evaluation_id())
cross join (select 1 / (1 + exp(-2 * 0.6383156)) as p, 1 / (1 + exp(-0.6383156)) as q) as s
where contender = 'm';

-- What was cancelled counts nowhere, and one run may be asked for.
select tests.start_run(p_key => 'two');
select tests.submit('m', 'a', p_key => 'two');
select is((select submissions from execution.leaderboard(tests.evaluation_id()) where contender = 'm'), 4::bigint, 'of all runs');
select is(
  (select sum(submissions) from execution.leaderboard(tests.evaluation_id(), tests.run_id(p_key => 'two'))), 1::numeric, 'of one'
);
select tests.refused(
  $$select * from execution.leaderboard(tests.evaluation_id(), gen_random_uuid())$$, 'unknown_run', 'PT404', 'of none'
);
select execution.finish_run(tests.run_id(p_key => 'two'), 'cancelled');
select is((select submissions from execution.leaderboard(tests.evaluation_id()) where contender = 'm'), 3::bigint, 'less the cancelled');
select is((select submissions from execution.costs(tests.evaluation_id()) where contender = 'm'), 4::bigint, 'which cost all the same');
-- Whose model is hidden has a number; whose name was given, that.
update ai.models set is_public = false where key = 'n';
select tests.authenticate_as('ada');
select is((select array_agg(contender) from execution.leaderboard(tests.evaluation_id())), '{m,"Contender 2"}', 'a hidden model is not named');
select tests.reset_role();
select is((select array_agg(contender) from execution.leaderboard(tests.evaluation_id())), '{m,n}', 'but to those who see it');

select * from finish();
rollback;
