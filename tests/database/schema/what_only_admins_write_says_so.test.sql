-- Row security answers that no row matched, or PostgreSQL that a view takes no writes (HTTP 500). Who can change no row
-- of a table or view is told so before any row is looked for.
begin;
set local search_path = tap, pg_catalog;
select plan(3);

create temporary view verbs as
select * from (values ('INSERT', 'a', 4), ('UPDATE', 'w', 16), ('DELETE', 'd', 8)) as v (name, letter, bit);

create temporary view for_admins as
select p.polrelid, v.bit
from pg_catalog.pg_policy as p
inner join verbs as v on v.letter = p.polcmd::text
group by p.polrelid, v.bit
having bool_and(
  coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  = '( SELECT ratebook.is_admin() AS is_admin)'
);

select is(
  (
    select string_agg(f.polrelid::regclass::text || ' ' || f.bit, ', ')
    from for_admins as f
    where not exists (
      select from pg_catalog.pg_trigger as t
      where
        t.tgrelid = f.polrelid and t.tgfoid = 'ratebook.require_privileged()'::regprocedure
        -- Before, and of the statement; the lists of verbs share their bits with pg_trigger.
        and t.tgtype & 3 = 2 and t.tgtype & f.bit <> 0
    )
  ),
  null,
  'where every policy for a verb asks for an admin, a trigger of the statement does before it'
);
select cmp_ok((select count(distinct polrelid) from for_admins), '>=', 13::bigint, 'and there are some of these tables');
select is(
  (
    select string_agg(c.oid::regclass::text || ' ' || v.name, ', ')
    from pg_catalog.pg_class as c
    inner join tests.schemas as s on s.oid = c.relnamespace and s.name <> 'ratebook'
    cross join verbs as v
    where
      c.relkind = 'v'
      -- 8: INSERT, 4: UPDATE, 16: DELETE, as pg_relation_is_updatable() counts.
      and pg_relation_is_updatable(c.oid, true) & case v.name when 'INSERT' then 8 when 'UPDATE' then 4 else 16 end = 0
  ),
  null,
  'every view takes every write, or has a trigger that refuses it'
);

select * from finish();
rollback;
