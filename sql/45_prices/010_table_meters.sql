create table ai.meters (
  key text not null,
  name text not null,
  description text not null,
  unit_type ai.unit_type_enum not null,
  counts_as_input boolean not null default false,
  falls_back_to text,
  constraint meters_pkey primary key (key),
  -- The target of (meter, unit_type) in ai.model_pricing: a price is in its meter's unit.
  constraint meters_key_unit_type_key unique (key, unit_type),
  constraint meters_falls_back_to_fkey foreign key (falls_back_to, unit_type) references ai.meters (key, unit_type),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create index meters_falls_back_to_idx on ai.meters (falls_back_to, unit_type);

create function ratebook.refuse_meter_cycle() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if exists (
    with recursive chain (key, falls_back_to) as (
      select m.key, m.falls_back_to from ai.meters as m where m.key = new.falls_back_to
      union
      select m.key, m.falls_back_to from chain as c inner join ai.meters as m on m.key = c.falls_back_to
    )
    select from chain where chain.key = new.key
  ) then
    perform ratebook.fail('cyclic_fallback', format('Meter "%s" would fall back to itself.', new.key));
  end if;
  return null;
end;
$$;

revoke all on function ratebook.refuse_meter_cycle() from public;
comment on function ratebook.refuse_meter_cycle() is 'Row trigger: a fallback chain has an end. Error: cyclic_fallback (PT422).';

create trigger meters_require_privileged before insert or update or delete on ai.meters
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger meters_refuse_cycle after insert or update of falls_back_to on ai.meters
for each row execute function ratebook.refuse_meter_cycle();

select ratebook.keep_history('ai.meters');

comment on table ai.meters is
'What is counted. A usage is a JSON object of these keys and their quantities; each unit of work is counted in one meter only.';
comment on column ai.meters.key is 'The meter, as usages name it.';
comment on column ai.meters.name is 'Name to show.';
comment on column ai.meters.description is 'What one unit is and what is left out.';
comment on column ai.meters.unit_type is 'The unit it counts in.';
comment on column ai.meters.counts_as_input is 'Whether it counts toward the thresholds of context tiers.';
comment on column ai.meters.falls_back_to is 'The meter whose price applies where this one has none; NULL: the end of the chain.';
