create table ai.model_price_sources (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  price_source text not null,
  price_currency text not null,
  effective_from timestamptz,
  revision integer not null default 0,
  constraint model_price_sources_pkey primary key (id),
  constraint model_price_sources_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint model_price_sources_key unique nulls not distinct (model_id, effective_from, revision),
  constraint price_currency_is_an_iso_code check (price_currency ~ '^[A-Z]{3}$'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

-- One row per model and period, without gaps: what a model followed at a time, in the one form that every look-up asks.
create view ratebook.price_source_periods with (security_invoker = true) as
select
  s.model_id,
  s.price_source,
  s.price_currency,
  coalesce(s.effective_from, '-infinity') as starts,
  coalesce(
    lead(s.effective_from) over (partition by s.model_id order by s.effective_from asc nulls first), 'infinity'
  ) as ends
from (
  select distinct on (o.model_id, o.effective_from) o.*
  from ai.model_price_sources as o
  order by o.model_id asc, o.effective_from asc, o.revision desc
) as s;

create function ratebook.price_source_at(
  p_model_id uuid, p_at timestamptz, out price_source text, out price_currency text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since timestamptz;
begin
  select m.price_source, m.price_currency, m.price_source_since into price_source, price_currency, v_since
  from ai.models as m
  where m.id = p_model_id;
  -- Nearly every question is about the period that goes on, which the model itself tells.
  if p_at < v_since then
    select f.price_source, f.price_currency into price_source, price_currency
    from ratebook.price_source_periods as f
    where f.model_id = p_model_id and f.starts <= p_at and p_at < f.ends;
  end if;
end;
$$;

create function ratebook.date_price_source() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'INSERT' then
    new.price_source_since := null;
    return new;
  end if;
  new.price_source_since := old.price_source_since;
  if
    (new.price_source, new.price_currency) <> (old.price_source, old.price_currency)
    -- Until a model has had a price it has followed nobody: its first prices may bring their currency.
    and (
      old.price_source_since is not null
      or exists (
        select from ai.model_pricing as p
        where (p.model_id, p.source, p.currency) = (old.id, old.price_source, old.price_currency)
      )
    )
  then
    -- The row is locked by now. A clock that was put back does not change the order.
    new.price_source_since := greatest(ratebook.clock(), old.price_source_since);
  end if;
  return new;
end;
$$;

create function ratebook.keep_price_source() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: this history is nobody's to write.
begin
  insert into ai.model_price_sources (model_id, price_source, price_currency, effective_from, revision)
  select new.id, new.price_source, new.price_currency, new.price_source_since, coalesce(max(s.revision) + 1, 0)
  from ai.model_price_sources as s
  where s.model_id = new.id and s.effective_from is not distinct from new.price_source_since;
  return null;
end;
$$;

revoke all on ratebook.price_source_periods from public;
revoke all on function ratebook.price_source_at(uuid, timestamptz) from public;
revoke all on function ratebook.date_price_source() from public;
revoke all on function ratebook.keep_price_source() from public;

comment on function ratebook.price_source_at(uuid, timestamptz) is
'Which source and currency priced a model at a time.';
comment on function ratebook.date_price_source() is
'Row trigger before a model is written: price_source_since is the database''s to say. A switch counts from the moment of its write, after any wait for the row; that of a model without a price so far, from the beginning.';
comment on function ratebook.keep_price_source() is
'Row trigger after a model was made or follows another source or currency: writes ai.model_price_sources.';

create trigger models_date_price_source_insert before insert on ai.models
for each row when (new.price_source_since is not null) execute function ratebook.date_price_source();
create trigger models_date_price_source_update before update on ai.models
for each row when (
  old.price_source is distinct from new.price_source
  or old.price_currency is distinct from new.price_currency
  or old.price_source_since is distinct from new.price_source_since
) execute function ratebook.date_price_source();
create trigger models_keep_price_source_insert after insert on ai.models
for each row execute function ratebook.keep_price_source();
create trigger models_keep_price_source_update after update on ai.models
for each row when (
  (old.price_source, old.price_currency) is distinct from (new.price_source, new.price_currency)
) execute function ratebook.keep_price_source();
create trigger model_price_sources_refuse_change before update or delete or truncate on ai.model_price_sources
for each statement execute function ratebook.refuse_change('Change price_source or price_currency of ai.models.');

alter table ai.model_price_sources enable always trigger model_price_sources_refuse_change;

comment on table ai.model_price_sources is
'Which source and currency price a model, since when. Written by the database with each change of ai.models.price_source or price_currency, never by hand, and never changed. What is asked as of a time is priced by the row with the latest effective_from not after it, then the highest revision.';
comment on column ai.model_price_sources.id is 'The row.';
comment on column ai.model_price_sources.model_id is 'The model.';
comment on column ai.model_price_sources.price_source is 'Whose rows of ai.model_pricing apply.';
comment on column ai.model_price_sources.price_currency is 'In which currency, as an ISO 4217 code.';
comment on column ai.model_price_sources.effective_from is
'From when on; NULL: always, until the first switch.';
comment on column ai.model_price_sources.revision is
'Counts up from 0 among rows of one effective_from; the highest stands. What a model without any price so far comes to follow is a revision of its first row.';
comment on view ratebook.price_source_periods is 'ai.model_price_sources as periods that meet: one row for each that is not empty.';
comment on column ratebook.price_source_periods.model_id is 'The model.';
comment on column ratebook.price_source_periods.price_source is 'Whose prices applied.';
comment on column ratebook.price_source_periods.price_currency is 'In which currency.';
comment on column ratebook.price_source_periods.starts is 'From when on; -infinity for the first.';
comment on column ratebook.price_source_periods.ends is 'Until when, exclusive; infinity for the last.';
