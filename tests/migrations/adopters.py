"""Projects as people have them before they take Ratebook: small ones, in the manner of public ones."""

from __future__ import annotations

# Supabase's guides: a schema for helpers that the API does not serve.
PRIVATE_HELPERS = """
create schema private;
create function private.is_owner(p_user uuid) returns boolean language sql stable security definer
set search_path = '' as $$ select p_user = (select auth.uid()) $$;
create table public.todos (id bigint generated always as identity primary key, user_id uuid not null, task text);
alter table public.todos enable row level security;
create policy todos_own on public.todos for all to authenticated using (private.is_owner(user_id));
grant usage on schema private to authenticated;
grant select, insert on public.todos to authenticated;
insert into public.todos (user_id, task) values ('00000000-0000-4000-8000-000000000001', 'Water the plants');
"""

# Supabase's guide for custom schemas: usage, and default privileges for whatever comes later.
BILLING = """
create schema billing;
comment on schema billing is 'Stripe, mirrored.';
create table billing.customers (id uuid primary key, stripe_id text unique);
create table billing.subscriptions (
  id text primary key, customer_id uuid references billing.customers (id), plan text not null, ends_at timestamptz
);
create function billing.is_subscribed(p_user uuid) returns boolean language sql stable
as $$ select exists (select from billing.subscriptions where customer_id = p_user) $$;
alter table billing.customers enable row level security;
alter table billing.subscriptions enable row level security;
create policy own on billing.subscriptions for select to authenticated using (customer_id = auth.uid());
grant usage on schema billing to anon, authenticated, service_role;
grant all on all tables in schema billing to anon, authenticated, service_role;
alter default privileges in schema billing grant all on tables to anon, authenticated, service_role;
alter default privileges in schema billing grant all on routines to anon, authenticated, service_role;
alter default privileges in schema billing grant all on sequences to anon, authenticated, service_role;
insert into billing.customers values ('00000000-0000-4000-8000-000000000001', 'cus_1');
insert into billing.subscriptions values ('sub_1', '00000000-0000-4000-8000-000000000001', 'pro', null);
"""

CONTENT = """
create schema content;
create type content.post_state as enum ('draft', 'published');
create table content.posts (
  id bigint generated always as identity primary key, title text not null, state content.post_state
);
create view content.published as select id, title from content.posts where state = 'published';
grant usage on schema content to service_role;
grant select on content.posts to service_role;
create type public.pricing_tier_enum as enum ('free', 'paid', 'enterprise');
create table public.plans (tier public.pricing_tier_enum primary key);
insert into content.posts (title, state) values ('Hello', 'published');
insert into public.plans values ('free');
"""

# The starter's profiles, made by a trigger on sign-up.
PROFILES = """
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade, username text unique, avatar_url text
);
alter table public.profiles enable row level security;
create policy "Public profiles are viewable by everyone." on public.profiles for select using (true);
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = ''
as $$ begin insert into public.profiles (id) values (new.id); return new; end $$;
grant select on public.profiles to anon, authenticated;
insert into public.profiles select id from auth.users;
"""

CREDITS = """
create schema ai;
create table public.credits (user_id uuid primary key, balance integer not null default 0 check (balance >= 0));
create table ai.chats (
  id uuid primary key default gen_random_uuid(), user_id uuid not null, messages jsonb not null default '[]'
);
create function public.spend_credits(p_user uuid, p_amount integer) returns integer language sql
as $$ update public.credits set balance = balance - p_amount where user_id = p_user returning balance $$;
alter table public.credits enable row level security;
alter table ai.chats enable row level security;
create policy chats_own on ai.chats for all to authenticated using (user_id = (select auth.uid()));
grant usage on schema ai to public;
grant select, insert on ai.chats to authenticated;
insert into public.credits values ('00000000-0000-4000-8000-000000000001', 100);
insert into ai.chats (user_id) values ('00000000-0000-4000-8000-000000000001');
"""

ADOPTERS = {
    "private": PRIVATE_HELPERS,
    "billing": BILLING,
    "content": CONTENT,
    "profiles": PROFILES,
    "credits": CREDITS,
    "all of it": PRIVATE_HELPERS + BILLING + CONTENT + PROFILES + CREDITS,
}
CLASHING = {
    "accounts": (
        """
        create schema billing;
        create table billing.accounts (id uuid primary key);
        create function billing.quote(p_order uuid) returns numeric language sql as 'select 1.0';
        create type billing.amount as (cents integer);
        """,
        [
            "composite type billing.amount",
            "function billing.quote(uuid)",
            "index billing.accounts_pkey",
            "table billing.accounts",
        ],
    ),
    "models": (
        """
        create schema ai;
        create view ai.models as select 1 as id;
        create schema compat;
        create table compat.jobs (id integer);
        create type public.pricing_tier_enum as enum ('free', 'pro');
        """,
        [
            "table compat.jobs (module compat)",
            "type public.pricing_tier_enum with other labels",
            "view ai.models",
        ],
    ),
}
