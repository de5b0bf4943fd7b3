begin;
set local search_path = tap, pg_catalog;
select plan(19);

select tests.make_admin('root');
select tests.make_wallet('ada', 10);
select tests.make_user('bob');
insert into billing.accounts (id, lenser_id) values ('00000000-0000-4000-8000-000000000001', tests.user_id('ada'));
select billing.grant_credits('00000000-0000-4000-8000-000000000001', 7);
select billing.set_member('00000000-0000-4000-8000-000000000001', tests.user_id('bob'));

create function tests.posted(p_account uuid, p_owner uuid default null, p_at timestamptz default null) returns text
language sql
return billing.get_balance(p_account, p_at, p_owner) ->> 'posted';

select tests.authenticate_as('ada');
select is(tests.posted(tests.user_id('ada')), '10', 'of the own account');
select is(tests.posted(tests.user_id('ada'), tests.user_id('ada')), '10', 'named as its owner');
select is(tests.posted(tests.user_id('ada'), p_at => '2020-01-01Z'), '0', 'as of a time');
select is(tests.posted('00000000-0000-4000-8000-000000000001'), '7', 'of a shared account that one owns');
select tests.authenticate_as('bob');
select is(tests.posted(tests.user_id('bob')), '0', 'of one that is not made yet');
create temporary view attempts as
select v.*, format('select billing.get_balance(%L, owner => %L)', v.account, v.owner) as statement
from (
  values
  ('somebody else''s account', tests.user_id('ada'), null::uuid),
  ('somebody else''s, who is named', tests.user_id('ada'), tests.user_id('ada')),
  ('an account that one is a member of', '00000000-0000-4000-8000-000000000001', null),
  ('no account', '00000000-0000-4000-8000-000000000009', null),
  ('a person without one', tests.user_id('root'), null),
  ('NULL', null, null)
) as v (name, account, owner);
select is(
  tests.error_of(statement) - '{constraint,column}'::text[],
  jsonb_build_object(
    'code', '42501', 'message', 'You may ask for the balance of your own accounts only.',
    'hint', 'Admins and the service role may ask for anybody''s.',
    'detail', jsonb_build_object('error', 'not_allowed', 'account', account)
  ),
  'not of ' || name
)
from attempts order by name;
-- Naming oneself as the owner tells nothing of what is there.
select tests.refused(
  format('select billing.get_balance(%L, owner => %L)', a.id, tests.user_id('bob')), 'unknown_account', 'PT404', 'unknown: ' || a.name
)
from (values ('theirs', tests.user_id('ada')), ('nobody''s', '00000000-0000-4000-8000-000000000009')) as a (name, id);
select tests.authenticate_as(null::uuid);
select tests.refused(format('select billing.get_balance(%L)', tests.user_id('ada')), 'not_allowed', '42501', 'nor without a subject');
select tests.refused('select billing.get_balance(null)', 'not_allowed', '42501', 'nor of none');
select tests.as_anon();
select tests.forbidden(
  format('select billing.get_balance(%L)', tests.user_id('ada')), 'permission denied for function get_balance', 'nor as anon'
);
select tests.authenticate_as('root');
select is(tests.posted(tests.user_id('ada')), '10', 'an admin of anybody''s');
select is(tests.posted('00000000-0000-4000-8000-000000000001', tests.user_id('ada')), '7', 'shared ones included');
select tests.refused(
  'select billing.get_balance(''00000000-0000-4000-8000-000000000009'')', 'unknown_account', 'PT404', 'and is told what is not there'
);

select * from finish();
rollback;
