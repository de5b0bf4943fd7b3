create table billing.settings (
  id boolean not null default true,
  enforce_entitlements boolean not null default false,
  updated_at timestamptz not null default ratebook.clock(),
  constraint settings_pkey primary key (id),
  constraint there_is_one_row check (id)
);

create function ratebook.enforces_entitlements() returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((select s.enforce_entitlements from billing.settings as s), false);
end;
$$;

revoke all on function ratebook.enforces_entitlements() from public;

comment on function ratebook.enforces_entitlements() is
'Whether the project has switched entitlements on; false where billing.settings has no row.';

create trigger settings_require_privileged before update on billing.settings
for each statement execute function ratebook.require_privileged();
create trigger settings_stamp before update on billing.settings
for each row execute function ratebook.stamp();

select ratebook.keep_history('billing.settings');

-- Its audit entry says whose it is: a copy of another database may replace it.
select set_config('request.headers', '{"x-request-id": "ratebook migration"}', true);
insert into billing.settings default values;
select set_config('request.headers', '', true);

comment on table billing.settings is 'What a project has switched on: one row, which admins and the service role change.';
comment on column billing.settings.id is 'Always true: there is one row.';
comment on column billing.settings.enforce_entitlements is
'Whether models with a pricing_tier are for spenders who are entitled to it (lensers.entitlements): asked by ai.route_feature() and billing.authorize_credits(), and by nothing else. False at first.';
comment on column billing.settings.updated_at is 'When the row last changed.';
