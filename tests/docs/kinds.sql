-- Objects of kinds that Ratebook has few of, for what their pages say.
create schema kinds;
comment on schema kinds is 'Kinds.';
grant usage on schema kinds to anon, authenticated;

create domain kinds.percent as numeric check (value between 0 and 100);
comment on domain kinds.percent is 'Of a hundred.';
create type kinds.pair as (a integer, b text);
comment on type kinds.pair is 'Two things, see kinds.shelves.label.';

create table kinds.shelves (
  id bigint generated always as identity primary key,
  label varchar(20) not null,
  share kinds.percent,
  twice bigint generated always as (id * 2) stored,
  parent_id bigint references kinds.shelves (id) on delete cascade
);
comment on table kinds.shelves is 'Shelves | boards. More of *them*.';
create unique index shelves_label_idx on kinds.shelves (lower(label)) where share > 0;
alter table kinds.shelves enable row level security;
grant select, insert (label) on kinds.shelves to authenticated;
create policy shelves_select on kinds.shelves for select to authenticated using (true);
create policy shelves_select_short on kinds.shelves as restrictive for select to authenticated
using (char_length(label) < 9);
create policy shelves_insert on kinds.shelves for insert to public with check (label = 'a|b');

create function kinds.parent(kinds.shelves) returns setof kinds.shelves rows 1
language sql stable as $$ select * from kinds.shelves where id = $1.parent_id $$;
comment on function kinds.parent(kinds.shelves) is 'The shelf it stands on.';

create table kinds.log (id uuid not null, at date not null, primary key (id, at)) partition by range (at);
create table ratebook.log_2026 partition of kinds.log for values from ('2026-01-01') to ('2027-01-01');
create table kinds.entries (id uuid not null, at date not null, other_id uuid, other_at date);
alter table kinds.entries add constraint entries_log_fkey foreign key (id, at) references kinds.log (id, at);
alter table kinds.entries add constraint entries_other_fkey foreign key (other_id, other_at) references kinds.log;

create view kinds.labels with (security_invoker = true) as
select
  id,
  label,
  upper(label) as loud
from kinds.shelves;
grant select, update, delete on kinds.labels to authenticated;
create function ratebook.write_label() returns trigger language plpgsql as $$ begin return new; end $$;
comment on function ratebook.write_label() is 'Row trigger instead of update on kinds.labels: writes through. Errors: those of ratebook.check_label() (PT404).';
create function ratebook.check_label() returns void language plpgsql as $$ begin return; end $$;
comment on function ratebook.check_label() is 'Errors, all PT404: unknown_model, unknown_feature.';
create trigger labels_write instead of update on kinds.labels for each row execute function ratebook.write_label();

create view kinds.fence as select label from kinds.shelves;
grant select on kinds.fence to anon;

create function kinds.split(a integer, out b text, out c kinds.pair)
language sql stable as $$ select 'x', (a, 'y')::kinds.pair $$;
comment on function kinds.split(integer) is 'Two of one. a: what to split. Errors: none that it has of its own.';
create function kinds.pairs(n numeric default 1.5) returns setof kinds.pair
language sql volatile as $$ select 1, 'a' $$;
revoke all on function kinds.pairs(numeric) from public;
