-- Where writers meet analytics: a row of ratebook.usage_deltas each, and nothing is read for it. What writes charges
-- and refunds counts them itself.

create function ratebook.count_inserted_generation() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: owners write generations, and nobody usage.
begin
  insert into ratebook.usage_deltas values (
    'generation', 1, new.created_at, new.lenser_id, new.model_id, new.feature_key, new.status, new.usage, new.latency_ms,
    new.id, null
  );
  return null;
end;
$$;

create function ratebook.count_changed_generation() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: owners write generations, and nobody usage.
begin
  if (old.created_at, old.lenser_id, old.model_id, old.feature_key, old.status, old.usage, old.latency_ms)
    is distinct from
    (new.created_at, new.lenser_id, new.model_id, new.feature_key, new.status, new.usage, new.latency_ms) then
    insert into ratebook.usage_deltas values (
      'generation', -1, old.created_at, old.lenser_id, old.model_id, old.feature_key, old.status, old.usage,
      old.latency_ms, null, null
    ), (
      'generation', 1, new.created_at, new.lenser_id, new.model_id, new.feature_key, new.status, new.usage,
      new.latency_ms, null, null
    );
  end if;
  return null;
end;
$$;

create function ratebook.count_deleted_generation() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: owners delete generations, and nobody writes usage.
begin
  insert into ratebook.usage_deltas values (
    'generation', -1, old.created_at, old.lenser_id, old.model_id, old.feature_key, old.status, old.usage, old.latency_ms,
    null, null
  );
  return null;
end;
$$;

revoke all on function ratebook.count_inserted_generation() from public;
revoke all on function ratebook.count_changed_generation() from public;
revoke all on function ratebook.count_deleted_generation() from public;

comment on function ratebook.count_inserted_generation() is
'Row trigger: a generation counts in billing.usage(), and with it the charge that made it.';
comment on function ratebook.count_changed_generation() is
'Row trigger: a generation that is something else now counts as that.';
comment on function ratebook.count_deleted_generation() is 'Row trigger: a deleted generation counts no more.';

create trigger generations_count_inserted after insert on ai.generations
for each row execute function ratebook.count_inserted_generation();
create trigger generations_count_changed
after update of created_at, lenser_id, model_id, feature_key, status, usage, latency_ms on ai.generations
for each row execute function ratebook.count_changed_generation();
create trigger generations_count_deleted after delete on ai.generations
for each row execute function ratebook.count_deleted_generation();
