-- A project before Ratebook: profiles and a table of its own.
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text not null
);
alter table public.profiles enable row level security;
grant select on public.profiles to authenticated;
create policy profiles_select_own on public.profiles for select to authenticated
using (id = (select auth.uid()));

create table public.orders (
  id bigint generated always as identity primary key,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  placed_at timestamptz not null default now()
);
alter table public.orders enable row level security;

insert into auth.users (id) values ('11111111-1111-4111-8111-111111111111');
insert into public.profiles values ('11111111-1111-4111-8111-111111111111', 'Ada');
