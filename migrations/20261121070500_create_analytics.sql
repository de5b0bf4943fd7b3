-- Ratebook's analytics (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/75_analytics/020_table_usage_cells.sql

-- An owner's usage, a quarter of an hour a row: which the hours of every time zone are made of.
create table ratebook.usage_cells (
  owner_id uuid not null,
  starts_at timestamptz not null,
  spender_id uuid not null,
  model_id uuid not null,
  feature_key text collate "C" not null,
  status text collate "C" not null,
  requests bigint not null,
  failures bigint not null,
  charges bigint not null,
  quantities jsonb not null,
  latencies billing.signed_amount not null,
  rough_latencies billing.signed_amount not null,
  credits billing.signed_amount not null,
  refunded billing.signed_amount not null,
  costs jsonb not null,
  cost_credits billing.signed_amount not null,
  constraint usage_cells_pkey primary key (owner_id, starts_at, spender_id, model_id, feature_key, status)
);

-- A month made anew, and the quarters of everybody.
create index usage_cells_starts_at_idx on ratebook.usage_cells (starts_at);

comment on table ratebook.usage_cells is
'Roll-up behind billing.usage() of one owner: sums per quarter of an hour, spender, model, feature and status. Written by billing.drain_usage() and billing.rebuild_usage(); outlives the log.';
comment on column ratebook.usage_cells.owner_id is 'Whose: the lenser of the generations, the owner of the accounts.';
comment on column ratebook.usage_cells.starts_at is 'The quarter of an hour.';
comment on column ratebook.usage_cells.spender_id is 'Who spent.';
comment on column ratebook.usage_cells.model_id is 'The model; the nil UUID for none.';
comment on column ratebook.usage_cells.feature_key is 'The feature; empty for none.';
comment on column ratebook.usage_cells.status is
'The status of the generation, completed for what a charge completed; empty for a charge without one.';
comment on column ratebook.usage_cells.requests is 'Generations.';
comment on column ratebook.usage_cells.failures is 'Generations that failed.';
comment on column ratebook.usage_cells.charges is 'Charges, without those that settled an estimate.';
comment on column ratebook.usage_cells.quantities is 'meter → quantity, of the generations.';
comment on column ratebook.usage_cells.latencies is 'Histogram of ratebook.latency_mark(), of the finer kind.';
comment on column ratebook.usage_cells.rough_latencies is 'The same of the coarser kind, for everybody''s by spender.';
comment on column ratebook.usage_cells.credits is 'Credits charged.';
comment on column ratebook.usage_cells.refunded is 'Credits given back.';
comment on column ratebook.usage_cells.costs is 'currency → cost of the charges, less that of estimates that were settled.';
comment on column ratebook.usage_cells.cost_credits is 'The same in credits, each at the rate of its charge.';

-- from sql/75_analytics/030_table_usage_rollups.sql

-- Everybody's usage by one dimension: quarters, hours, six hours and days of UTC. Six, because most clocks are some hours
-- off, and of many spenders each hour has nearly as many rows as a day. Each call has one dimension, and rows by two would
-- be nearly as many as the log's.
create table ratebook.usage_rollups (
  dimension text collate "C" not null,
  minutes smallint not null,
  starts_at timestamptz not null,
  key text collate "C" not null,
  requests bigint not null,
  failures bigint not null,
  charges bigint not null,
  quantities jsonb not null,
  latencies billing.signed_amount not null,
  credits billing.signed_amount not null,
  refunded billing.signed_amount not null,
  costs jsonb not null,
  cost_credits billing.signed_amount not null,
  constraint usage_rollups_pkey primary key (dimension, minutes, starts_at, key),
  constraint dimension_is_known check (dimension in ('all', 'model', 'feature', 'spender', 'status')),
  constraint minutes_are_known check (minutes in (15, 60, 360, 1440))
);

comment on table ratebook.usage_rollups is
'Roll-up behind billing.usage() of everybody: sums by one dimension per quarter of an hour (but for spenders, whose are in ratebook.usage_cells), hour, six hours and day of UTC. Written by billing.drain_usage() and billing.rebuild_usage(); outlives the log.';
comment on column ratebook.usage_rollups.dimension is 'all, model, feature, spender or status.';
comment on column ratebook.usage_rollups.minutes is 'How long: 15, 60, 360 or 1440.';
comment on column ratebook.usage_rollups.starts_at is 'Since when.';
comment on column ratebook.usage_rollups.key is
'The id of the model or the spender, the key of the feature, or the status; empty for none.';
comment on column ratebook.usage_rollups.requests is 'Generations.';
comment on column ratebook.usage_rollups.failures is 'Generations that failed.';
comment on column ratebook.usage_rollups.charges is 'Charges, without those that settled an estimate.';
comment on column ratebook.usage_rollups.quantities is 'meter → quantity, of the generations.';
comment on column ratebook.usage_rollups.latencies is
'Histogram of ratebook.latency_mark(): of the finer kind where the dimension is all, else of the coarser.';
comment on column ratebook.usage_rollups.credits is 'Credits charged.';
comment on column ratebook.usage_rollups.refunded is 'Credits given back.';
comment on column ratebook.usage_rollups.costs is 'currency → cost of the charges, less that of estimates that were settled.';
comment on column ratebook.usage_rollups.cost_credits is 'The same in credits, each at the rate of its charge.';

-- from sql/75_analytics/040_triggers_usage.sql

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

-- from sql/75_analytics/050_function_latency_mark.sql

-- A histogram is one number: some digits a bucket, the lowest first. So the sum of histograms is their sum as numbers,
-- which PostgreSQL adds at one go, and what is taken back is subtracted. Buckets grow by a factor: whatever lies in one is
-- within a part of its middle.
--   finer: 12 digits, factor 1.0195 / 0.9805, error 1.95 %; coarser: 8 digits, factor 1.049 / 0.951, error 4.9 %. What is
--   rounded comes on top.
create function ratebook.latency_factor(p_is_fine boolean) returns double precision
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_is_fine then 1.0195::double precision / 0.9805 else 1.049::double precision / 0.951 end;
end;
$$;

create function ratebook.latency_bucket(p_latency_ms integer, p_is_fine boolean) returns integer
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_latency_ms <= 0 then
    return 0;
  end if;
  return 1 + ceil(ln(p_latency_ms::double precision) / ln(ratebook.latency_factor(p_is_fine)));
end;
$$;

create function ratebook.latency_mark(p_latency_ms integer, p_is_fine boolean) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return ('1e' || case when p_is_fine then 12 else 8 end * ratebook.latency_bucket(p_latency_ms, p_is_fine))::numeric;
end;
$$;

-- A histogram divided by a bucket of nines (such as 10^12 - 1) is the histogram of what lies in each bucket and above: as
-- many as there are in the lowest. Those sums are in order, so the bucket of a quantile is looked up by halves, in the bytes
-- that numeric_send() tells: how many digits of four decimals from the first to the last that is not 0, how many come behind
-- the first, two more numbers, and the digits. Three digits are a bucket (two of the coarser kind, as long as all requests
-- fit into them); two bytes are a digit, and compare as it does.
create function ratebook.latency_quantiles(p_latencies numeric, p_requests bigint, p_is_fine boolean, p_parts numeric[])
returns numeric[]
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_factor constant double precision := ratebook.latency_factor(p_is_fine);
  v_is_widened constant boolean := not p_is_fine and p_requests >= 100000000;
  v_digits constant integer := case when p_is_fine or v_is_widened then 3 else 2 end;
  -- So many requests need the room that the finer kind has.
  v_latencies constant numeric := case
    when not v_is_widened then p_latencies
    else reverse(regexp_replace(reverse(greatest(p_latencies, 0)::text), '.{8}', '\&0000', 'g'))::numeric
  end;
  v_sums bytea := numeric_send(v_latencies);
  v_behind integer := 256 * get_byte(v_sums, 2) + get_byte(v_sums, 3);
  v_highest constant integer := v_behind / v_digits;
  v_lowest constant integer := (v_behind + 1 - 256 * get_byte(v_sums, 0) - get_byte(v_sums, 1)) / v_digits;
  v_last constant integer := 2 * v_digits * (v_highest - v_lowest);
  v_number bigint := 0;
  v_above bigint;
  v_most_above bytea;
  v_least integer := v_lowest;
  v_most integer;
  v_middle integer;
  v_part numeric;
  v_quantiles numeric[] := '{}'::numeric[];
begin
  if p_latencies <= 0 then
    return null;
  end if;
  if v_lowest < v_highest or v_is_widened then
    -- From the lowest bucket on that holds any, which is much shorter; with the zeros that are not sent.
    v_sums := numeric_send(div(
      v_latencies, (repeat('9', 4 * v_digits) || 'e' || 4 * v_digits * (v_lowest - 1))::numeric
    ));
    v_behind := 256 * get_byte(v_sums, 2) + get_byte(v_sums, 3);
    v_sums := substr('\x00000000'::bytea, 1, 2 * (v_digits - 1 - v_behind % v_digits)) || substr(v_sums, 9)
      || '\x00000000'::bytea;
    -- What is no histogram (of rows that were loaded, never counted, and taken back) has no quantiles.
    if length(v_sums) < v_last + 2 * v_digits then
      return null;
    end if;
    for v_digit in 0..v_digits - 1 loop
      v_number := 10000 * v_number
        + 256 * get_byte(v_sums, v_last + 2 * v_digit) + get_byte(v_sums, v_last + 2 * v_digit + 1);
    end loop;
  end if;
  -- What overflows into the next bucket is missing.
  if v_is_widened and p_requests - v_number >= 99999999 then
    return null;
  end if;
  -- Each from where the one before was found.
  foreach v_part in array p_parts loop
    v_most := v_highest;
    if v_least < v_most then
      -- The lowest bucket that has, with those below it, as many as the part asks for: no more than the rest are above it.
      v_above := v_number - ceil(v_part * v_number);
      v_most_above := case when v_digits = 3 then int2send((v_above / 100000000)::smallint) else '' end
        || int2send((v_above / 10000 % 10000)::smallint) || int2send((v_above % 10000)::smallint);
      while v_least < v_most loop
        v_middle := (v_least + v_most) / 2;
        if substr(v_sums, 2 * v_digits * (v_highest - v_middle - 1) + 1, 2 * v_digits) <= v_most_above then
          v_most := v_middle;
        else
          v_least := v_middle + 1;
        end if;
      end loop;
    end if;
    v_quantiles := v_quantiles || case v_least
      when 0 then 0
      when 1 then 1
      else round((2 * v_factor ^ (v_least - 1) / (v_factor + 1))::numeric, 3)
    end;
  end loop;
  return v_quantiles;
end;
$$;

revoke all on function ratebook.latency_factor(boolean) from public;
revoke all on function ratebook.latency_bucket(integer, boolean) from public;
revoke all on function ratebook.latency_mark(integer, boolean) from public;
revoke all on function ratebook.latency_quantiles(numeric, bigint, boolean, numeric[]) from public;

comment on function ratebook.latency_factor(boolean) is
'By what each bucket of latencies is wider than the one before: 1.04 (fine) or 1.1.';
comment on function ratebook.latency_bucket(integer, boolean) is
'The bucket of a latency in milliseconds: 0 for 0, 1 for 1, and so on by ratebook.latency_factor().';
comment on function ratebook.latency_mark(integer, boolean) is
'The histogram of one latency: histograms are added and subtracted as the numbers that they are.';
comment on function ratebook.latency_quantiles(numeric, bigint, boolean, numeric[]) is
'The latencies below which the parts (ascending, such as 0.5 and 0.95) of a histogram of so many requests at most lie, in milliseconds, within 2 % (fine) or 5 %; NULL where it is empty, and where 100 million or more are in one bucket of the coarser.';

-- from sql/75_analytics/055_function_sum_objects.sql

-- Sums of meters and of currencies: few keys, and which is not known ahead.
create function ratebook.sum_objects(p_objects jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_objects is null then
    return jsonb '{}';
  elsif jsonb_array_length(p_objects) = 1 then
    return p_objects -> 0;
  end if;
  return (
    select coalesce(jsonb_object_agg(s.key, s.total), '{}')
    from (
      select e.key, sum(e.value::numeric) as total
      from jsonb_array_elements(p_objects) as o (value)
      cross join lateral jsonb_each(o.value) as e (key, value)
      group by e.key
    ) as s
  );
end;
$$;

create function ratebook.negated(p_object jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select jsonb_object_agg(e.key, -e.value::numeric) from jsonb_each(p_object) as e);
end;
$$;

create function ratebook.shown_sums(p_objects jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_objects is null then
    return jsonb '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(s.key, trim_scale(s.total)::text) filter (where s.total <> 0), '{}')
    from (
      select e.key, sum(e.value::numeric) as total
      from jsonb_array_elements(p_objects) as o (value)
      cross join lateral jsonb_each(o.value) as e (key, value)
      group by e.key
    ) as s
  );
end;
$$;

-- For very many sums at once: an expression that looks keys up instead of taking objects to pieces. Which keys occur need
-- not be known, only guessed: what has others is added up as above.
create function ratebook.sums_by_key(p_column text, p_keys text[]) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'jsonb_strip_nulls(jsonb_object(%1$L::text[], array[%2$s]::text[]))'
    ' || ratebook.shown_sums(jsonb_agg('
    'case when k.sign = 1 then k.%3$I - %1$L::text[] else ratebook.negated(k.%3$I - %1$L::text[]) end'
    ') filter (where k.%3$I - %1$L::text[] <> ''{}''))',
    p_keys,
    (
      select
        string_agg(
          format('nullif(trim_scale(sum(k.sign * (k.%I ->> %L)::numeric)), 0)::text', p_column, k.key), ', ' order by k.place
        )
      from unnest(p_keys) with ordinality as k (key, place)
    ),
    p_column
  );
end;
$$;

revoke all on function ratebook.sum_objects(jsonb) from public;
revoke all on function ratebook.negated(jsonb) from public;
revoke all on function ratebook.shown_sums(jsonb) from public;
revoke all on function ratebook.sums_by_key(text, text[]) from public;

comment on function ratebook.sum_objects(jsonb) is 'The sum, key by key, of a JSON array of objects of numbers; {} for NULL.';
comment on function ratebook.negated(jsonb) is 'An object of numbers with their signs turned.';
comment on function ratebook.shown_sums(jsonb) is 'ratebook.sum_objects() as an answer has it: strings, and no zeros.';
comment on function ratebook.sums_by_key(text, text[]) is
'The expression for ratebook.shown_sums() of a column of rows "k", each of which counts as its sign says: fastest where the keys are those that occur.';

-- from sql/75_analytics/060_function_usage_facts.sql

-- What counts, each fact a row: of the log as it is, and of what is not drained yet. What a charge is to analytics is said
-- once, in ratebook.charge_facts.
create type ratebook.usage_fact as (
  counts_at timestamptz,
  owner_id uuid,
  spender_id uuid,
  model_id uuid,
  feature_key text,
  status text,
  requests integer,
  failures integer,
  quantities jsonb,
  latency_ms integer,
  charges integer,
  credits numeric,
  refunded numeric,
  costs jsonb,
  cost_credits numeric
);

create view ratebook.charge_facts with (security_invoker = true) as
select
  c.id,
  c.lenser_id as owner_id,
  c.created_at as counts_at,
  c.generation_id,
  c.spender_id,
  c.model_id,
  c.feature_key,
  -- It completes its generation, whatever becomes of that.
  case when c.generation_id is not null then 'completed' end as status,
  -- What settles an estimate is for the same request, and its cost instead of the estimate's.
  (c.estimate_id is null)::integer as charges,
  c.credits,
  case
    when k.currency = s.currency then jsonb_build_object(k.currency, k.cost - s.cost)
    else
      case when k.currency is null then jsonb '{}' else jsonb_build_object(k.currency, k.cost) end
      || case when s.currency is null then jsonb '{}' else jsonb_build_object(s.currency, -s.cost) end
  end as costs,
  coalesce(k.cost_credits, 0) - coalesce(s.cost_credits, 0) as cost_credits
from billing.charges as c
-- Looked up by their keys, one month each.
left join lateral (
  select
    f.currency,
    f.cost,
    f.cost * r.credits_per_currency_unit as cost_credits
  from billing.charge_costs as f
  inner join billing.credit_rates as r on r.id = f.credit_rate_id
  where f.id = c.id and f.lenser_id = c.lenser_id
  offset 0 -- noqa: AM09
) as k on true
left join lateral (
  select
    f.currency,
    f.cost,
    f.cost * r.credits_per_currency_unit as cost_credits
  from billing.charge_costs as f
  inner join billing.credit_rates as r on r.id = f.credit_rate_id
  where f.id = c.estimate_id and f.lenser_id = c.lenser_id
  offset 0 -- noqa: AM09
) as s on c.estimate_id is not null;

create function ratebook.usage_in_log(p_since timestamptz, p_until timestamptz) returns setof ratebook.usage_fact
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    g.created_at,
    g.lenser_id,
    g.lenser_id as spender_id,
    g.model_id,
    g.feature_key,
    g.status::text,
    1,
    (g.status = 'failed')::integer,
    coalesce(g.usage, '{}'),
    g.latency_ms,
    0,
    0,
    0,
    jsonb '{}',
    0
  from ai.generations as g
  where g.id >= ratebook.uuid_v7_floor(p_since) and g.id < ratebook.uuid_v7_floor(p_until)
  union all
  select
    c.counts_at,
    c.owner_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    c.status,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    c.charges,
    c.credits,
    0,
    c.costs,
    c.cost_credits
  from ratebook.charge_facts as c
  where c.id >= ratebook.uuid_v7_floor(p_since) and c.id < ratebook.uuid_v7_floor(p_until)
  union all
  select
    e.created_at,
    c.lenser_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    case when c.generation_id is not null then 'completed' end,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    0,
    0,
    e.amount,
    jsonb '{}',
    0
  from billing.ledger_entries as e
  inner join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where
    e.kind = 'refund' and e.id >= ratebook.uuid_v7_floor(p_since) and e.id < ratebook.uuid_v7_floor(p_until);
end;

create function ratebook.usage_in_deltas(p_deltas ratebook.usage_deltas[]) returns setof ratebook.usage_fact
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Which is off where ratebook.usage() calls.
set enable_indexscan = on
begin atomic
  select
    d.counts_at,
    d.owner_id,
    d.owner_id as spender_id,
    d.model_id,
    d.feature_key,
    d.status::text,
    d.sign::integer,
    d.sign * (d.status = 'failed')::integer,
    case when d.usage is null then jsonb '{}' when d.sign = 1 then d.usage else ratebook.negated(d.usage) end,
    d.latency_ms,
    0,
    0,
    0,
    jsonb '{}',
    0
  -- As it stands there, once more or once less.
  from unnest(p_deltas) as d
  where d.kind = 'generation'
  union all
  -- A charge never changes: what it says is read where it is.
  select
    c.counts_at,
    c.owner_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    c.status,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    d.sign * c.charges,
    d.sign * c.credits,
    0,
    case when d.sign = 1 then c.costs else ratebook.negated(c.costs) end,
    d.sign * c.cost_credits
  from unnest(p_deltas) as d
  inner join ratebook.charge_facts as c on c.id = d.charge_id and c.owner_id = d.owner_id
  where
    d.kind = 'charge'
    -- The charge that made a generation of the owner.
    or (d.kind = 'generation' and c.generation_id = d.charge_id and c.spender_id = d.owner_id)
  union all
  -- A refund is of what its charge was of.
  select
    d.counts_at,
    c.lenser_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    case when c.generation_id is not null then 'completed' end,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    0,
    0,
    d.sign * d.refunded,
    jsonb '{}',
    0
  from unnest(p_deltas) as d
  inner join billing.charges as c on c.id = d.charge_id and c.lenser_id = d.owner_id
  where d.kind = 'refund';
end;

revoke all on ratebook.charge_facts from public, anon, authenticated, service_role;
revoke all on function ratebook.usage_in_log(timestamptz, timestamptz) from public;
revoke all on function ratebook.usage_in_deltas(ratebook.usage_deltas[]) from public;

comment on type ratebook.usage_fact is 'Something that billing.usage() counts: a generation, a charge or a refund.';
comment on column ratebook.usage_fact.counts_at is 'When.';
comment on column ratebook.usage_fact.owner_id is 'Whose: the lenser of the generation, the owner of the account.';
comment on column ratebook.usage_fact.spender_id is 'Who spent.';
comment on column ratebook.usage_fact.model_id is 'The model.';
comment on column ratebook.usage_fact.feature_key is 'The feature, by the key of its time.';
comment on column ratebook.usage_fact.status is 'The status of the generation.';
comment on column ratebook.usage_fact.requests is '1 for a generation, -1 for one that is no more.';
comment on column ratebook.usage_fact.failures is 'The same for one that failed.';
comment on column ratebook.usage_fact.quantities is 'meter → quantity.';
comment on column ratebook.usage_fact.latency_ms is 'Milliseconds; as often as requests says.';
comment on column ratebook.usage_fact.charges is '1 for a charge that settles no estimate.';
comment on column ratebook.usage_fact.credits is 'Credits charged.';
comment on column ratebook.usage_fact.refunded is 'Credits given back.';
comment on column ratebook.usage_fact.costs is 'currency → cost.';
comment on column ratebook.usage_fact.cost_credits is 'The same in credits.';
comment on view ratebook.charge_facts is 'Charges, as billing.usage() counts them.';
comment on column ratebook.charge_facts.id is 'The charge.';
comment on column ratebook.charge_facts.owner_id is 'The owner of the account.';
comment on column ratebook.charge_facts.counts_at is 'When it was charged.';
comment on column ratebook.charge_facts.generation_id is 'The generation it is for.';
comment on column ratebook.charge_facts.spender_id is 'Who spent.';
comment on column ratebook.charge_facts.model_id is 'The model.';
comment on column ratebook.charge_facts.feature_key is 'The feature.';
comment on column ratebook.charge_facts.status is 'completed where it is for a generation.';
comment on column ratebook.charge_facts.charges is '1; 0 for what settled an estimate.';
comment on column ratebook.charge_facts.credits is 'Credits charged.';
comment on column ratebook.charge_facts.costs is 'currency → cost, less that of the estimate that gave way to it.';
comment on column ratebook.charge_facts.cost_credits is 'The same in credits, each at its own rate.';
comment on function ratebook.usage_in_log(timestamptz, timestamptz) is
'What generations, charges and refunds of a span of time say, as they are now.';
comment on function ratebook.usage_in_deltas(ratebook.usage_deltas[]) is 'What rows of ratebook.usage_deltas say.';

-- from sql/75_analytics/070_function_add_usage.sql

-- Facts into cells, cells into roll-ups: those of deltas, or those of the log in a span of time. What is counted from the
-- log is forgotten in the same statement and so as of one moment: what is written meanwhile stays to be drained.
create function ratebook.add_usage(p_deltas ratebook.usage_deltas[], p_since timestamptz, p_until timestamptz) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counted bigint;
begin
  with
  forgotten as (
    delete from ratebook.usage_deltas as d where d.counts_at >= p_since and d.counts_at < p_until
  ),
  batch as materialized (
    -- A cell each, whose facts are few.
    select
      date_bin('15 minutes', f.counts_at, '2000-01-01T00:00:00Z') as starts_at,
      f.owner_id,
      f.spender_id,
      coalesce(f.model_id, '00000000-0000-0000-0000-000000000000') as model_id,
      -- No key of a feature is longer; what an owner made up may be.
      left(coalesce(f.feature_key, ''), 255) as feature_key,
      coalesce(f.status, '') as status,
      sum(f.requests) as requests,
      sum(f.failures) as failures,
      sum(f.charges) as charges,
      ratebook.sum_objects(jsonb_agg(f.quantities) filter (where f.quantities <> '{}')) as quantities,
      -- Both kinds of histogram, because the one does not tell the other.
      coalesce(sum(f.requests * ratebook.latency_mark(f.latency_ms, true)), 0) as latencies,
      coalesce(sum(f.requests * ratebook.latency_mark(f.latency_ms, false)), 0) as rough_latencies,
      sum(f.credits) as credits,
      sum(f.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(f.costs) filter (where f.costs <> '{}')) as costs,
      sum(f.cost_credits) as cost_credits,
      count(*) as facts
    -- Either of the two is NULL.
    from (
      select * from ratebook.usage_in_deltas(p_deltas) where p_deltas is not null
      union all
      select * from ratebook.usage_in_log(p_since, p_until) where p_since is not null
    ) as f
    group by 1, 2, 3, 4, 5, 6
  ),
  cells as (
    insert into ratebook.usage_cells as t
    select
      b.owner_id, b.starts_at, b.spender_id, b.model_id, b.feature_key, b.status, b.requests, b.failures, b.charges,
      b.quantities, b.latencies, b.rough_latencies, b.credits, b.refunded, b.costs, b.cost_credits
    from batch as b
    -- A quarter's lie together.
    order by b.starts_at, b.owner_id
    on conflict (owner_id, starts_at, spender_id, model_id, feature_key, status) do update set
      requests = t.requests + excluded.requests,
      failures = t.failures + excluded.failures,
      charges = t.charges + excluded.charges,
      quantities = case
        when t.quantities = '{}' then excluded.quantities
        when excluded.quantities = '{}' then t.quantities
        else ratebook.sum_objects(jsonb_build_array(t.quantities, excluded.quantities))
      end,
      -- What is taken back is below zero, in the histogram as well.
      latencies = t.latencies + excluded.latencies,
      rough_latencies = t.rough_latencies + excluded.rough_latencies,
      credits = t.credits + excluded.credits,
      refunded = t.refunded + excluded.refunded,
      costs = case
        when t.costs = '{}' then excluded.costs
        when excluded.costs = '{}' then t.costs
        else ratebook.sum_objects(jsonb_build_array(t.costs, excluded.costs))
      end,
      cost_credits = t.cost_credits + excluded.cost_credits
  ),
  -- By each dimension alone.
  quarters as materialized (
    select
      k.dimension,
      b.starts_at,
      k.key,
      sum(b.requests) as requests,
      sum(b.failures) as failures,
      sum(b.charges) as charges,
      ratebook.sum_objects(jsonb_agg(b.quantities) filter (where b.quantities <> '{}')) as quantities,
      sum(case when k.dimension = 'all' then b.latencies else b.rough_latencies end) as latencies,
      sum(b.credits) as credits,
      sum(b.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(b.costs) filter (where b.costs <> '{}')) as costs,
      sum(b.cost_credits) as cost_credits
    from batch as b
    -- All that there is, and what each is of.
    cross join lateral (
      values
      ('all', ''),
      ('model', case when b.model_id <> '00000000-0000-0000-0000-000000000000' then b.model_id::text else '' end),
      ('feature', b.feature_key),
      ('spender', b.spender_id::text),
      ('status', b.status)
    ) as k (dimension, key)
    group by 1, 2, 3
  ),
  -- The larger from the smaller.
  hours as materialized (
    select
      q.dimension,
      date_bin('1 hour', q.starts_at, '2000-01-01T00:00:00Z') as starts_at,
      q.key,
      sum(q.requests) as requests,
      sum(q.failures) as failures,
      sum(q.charges) as charges,
      ratebook.sum_objects(jsonb_agg(q.quantities) filter (where q.quantities <> '{}')) as quantities,
      sum(q.latencies) as latencies,
      sum(q.credits) as credits,
      sum(q.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(q.costs) filter (where q.costs <> '{}')) as costs,
      sum(q.cost_credits) as cost_credits
    from quarters as q
    group by 1, 2, 3
  ),
  rollups as (
    insert into ratebook.usage_rollups as t
    select
      q.dimension, 15, q.starts_at, q.key, q.requests, q.failures, q.charges, q.quantities, q.latencies, q.credits, q.refunded,
      q.costs, q.cost_credits
    from quarters as q
    -- Spenders' are the cells.
    where q.dimension <> 'spender'
    union all
    select
      h.dimension, l.minutes, date_bin(make_interval(mins => l.minutes), h.starts_at, '2000-01-01T00:00:00Z'), h.key,
      sum(h.requests), sum(h.failures), sum(h.charges),
      ratebook.sum_objects(jsonb_agg(h.quantities) filter (where h.quantities <> '{}')), sum(h.latencies), sum(h.credits),
      sum(h.refunded), ratebook.sum_objects(jsonb_agg(h.costs) filter (where h.costs <> '{}')), sum(h.cost_credits)
    from hours as h
    cross join unnest('{60,360,1440}'::smallint[]) as l (minutes)
    group by 1, 2, 3, 4
    -- Where they are read together, they lie together.
    order by 1, 2, 3, 4
    -- As for cells.
    on conflict (dimension, minutes, starts_at, key) do update set
      requests = t.requests + excluded.requests,
      failures = t.failures + excluded.failures,
      charges = t.charges + excluded.charges,
      quantities = case
        when t.quantities = '{}' then excluded.quantities
        when excluded.quantities = '{}' then t.quantities
        else ratebook.sum_objects(jsonb_build_array(t.quantities, excluded.quantities))
      end,
      latencies = t.latencies + excluded.latencies,
      credits = t.credits + excluded.credits,
      refunded = t.refunded + excluded.refunded,
      costs = case
        when t.costs = '{}' then excluded.costs
        when excluded.costs = '{}' then t.costs
        else ratebook.sum_objects(jsonb_build_array(t.costs, excluded.costs))
      end,
      cost_credits = t.cost_credits + excluded.cost_credits
  )
  -- It says how much was counted; the rest has happened by then.
  select coalesce(sum(b.facts), 0) into v_counted from batch as b;
  return v_counted;
end;
$$;

revoke all on function ratebook.add_usage(ratebook.usage_deltas[], timestamptz, timestamptz) from public;

comment on function ratebook.add_usage(ratebook.usage_deltas[], timestamptz, timestamptz) is
'Adds to cells and roll-ups what deltas say, or what the log says of a span of time, whose deltas it deletes. Returns how many facts that were. Only who holds the lock of usage calls it.';

-- from sql/75_analytics/080_function_drain_usage.sql

-- Delivered and forgotten in one transaction: a reader, who reads everything as of one moment, finds a delta in its table
-- or in the roll-ups, never in both and never in neither.
create function ratebook.drain_usage(p_at_most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody writes usage.
declare
  v_deltas ratebook.usage_deltas[];
begin
  if (p_at_most between 1 and 100000) is not true then
    perform ratebook.fail('invalid_argument', 'A drain takes 1 to 100,000 changes.', 'Call it again for the others.');
  end if;
  -- One at a time: who comes second has nothing to do, and does not wait for it.
  if not pg_try_advisory_xact_lock(hashtextextended('ratebook.usage_rollups', 0)) then
    return 0;
  end if;
  with
  taken as (
    delete from ratebook.usage_deltas as d
    where d.ctid = any(array(select o.ctid from ratebook.usage_deltas as o limit p_at_most))
    returning d as delta
  )
  select array_agg(t.delta) into v_deltas from taken as t;
  if v_deltas is null then
    return 0;
  end if;
  perform ratebook.add_usage(v_deltas, null, null);
  return cardinality(v_deltas);
end;
$$;

create function billing.drain_usage(at_most integer default 10000) returns integer
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.drain_usage(at_most);
end;

revoke all on function ratebook.drain_usage(integer) from public;
revoke all on function billing.drain_usage(integer) from public;
grant execute on function ratebook.drain_usage(integer) to service_role;
grant execute on function billing.drain_usage(integer) to service_role;

comment on function ratebook.drain_usage(integer) is 'The rule behind billing.drain_usage().';
comment on function billing.drain_usage(integer) is
'Service role only, on a schedule (each minute). Adds what generations, charges and refunds have left to count to the roll-ups behind billing.usage(). Nothing depends on it: billing.usage() counts what is not drained too, and takes longer for it. at_most: changes in one call, up to 100,000; 10,000 unless told. Returns how many it took: call it again while that is at_most. One runs at a time; another returns 0. Error: invalid_argument (PT422).';

-- from sql/75_analytics/090_function_usage_edges.sql

-- Where buckets begin, by the clocks of a time zone. Quarters of an hour are the finest: every offset since 2000 and every
-- change of one is a multiple of them.
create function ratebook.usage_edges(p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text)
returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_edges timestamptz[];
begin
  -- What each bucket lasts at least, so that nobody asks for the hours of a century.
  if (
    p_until - p_since <= 10000 * case p_bucket
      when 'hour' then interval '1 hour'
      when 'day' then interval '24 hours'
      when 'week' then interval '168 hours'
      when 'month' then interval '672 hours'
    end
  ) is not true then
    perform ratebook.fail('invalid_argument', 'That are more than 10,000 buckets.', 'Ask for a shorter time, or for larger buckets.');
  end if;
  if p_bucket = 'hour' then
    -- Where the clock shows a full hour, also one for the second time; where it jumps in between, that hour lasts longer.
    v_edges := array(
      select q.at
      from generate_series(
        date_bin('15 minutes', p_since, '2000-01-01T00:00:00Z') - interval '2 hours', p_until + interval '2 hours',
        interval '15 minutes'
      ) as q (at)
      where extract(minute from q.at at time zone p_time_zone) = 0
      order by q.at
    );
  else
    v_edges := array(
      select distinct ratebook.day_starts_at(d.day::date, p_time_zone) as at
      from generate_series(
        date_trunc(p_bucket, p_since at time zone p_time_zone),
        date_trunc(p_bucket, (p_until - interval '1 microsecond') at time zone p_time_zone) + ('1 ' || p_bucket)::interval,
        ('1 ' || p_bucket)::interval
      ) as d (day)
      order by at
    );
  end if;
  -- Whole buckets: from the one that it begins in to the one that it ends in.
  return array(
    select e.at
    from unnest(v_edges) as e (at)
    where
      e.at >= (select max(b.at) from unnest(v_edges) as b (at) where b.at <= p_since)
      and e.at <= (select min(b.at) from unnest(v_edges) as b (at) where b.at >= p_until)
    order by e.at
  );
end;
$$;

-- Buckets by sums and differences of UTC's days, six hours, hours and quarters: an edge is as far from the nearest midnight
-- as a few of the shorter say. What lies between the two is read once: it is put to the bucket on the one
-- side and taken from the one on the other.
create function ratebook.usage_pieces(p_edges timestamptz[], p_bucket text)
returns table (adds_to integer, takes_from integer, minutes smallint, since timestamptz, until timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  with
  steps as (
    select
      n.place,
      l.minutes,
      -- The nearest that begins one of that length.
      date_bin(
        make_interval(mins => l.minutes), p_edges[n.place] + make_interval(mins => l.minutes / 2), '2000-01-01T00:00:00Z'
      ) as at
    from generate_series(1, cardinality(p_edges)) as n (place)
    -- Hours are made of hours alone, since days would be many more.
    cross join unnest(case when p_bucket = 'hour' then '{60,15}' else '{1440,360,60,15}' end::integer[]) as l (minutes)
  )

  select
    -- The bucket that ends there, and the one that begins there; there is none before the first, and none after the last.
    case when s.adds_to between 1 and cardinality(p_edges) - 1 then s.adds_to end,
    case when s.takes_from between 1 and cardinality(p_edges) - 1 then s.takes_from end,
    s.minutes::smallint,
    s.since,
    s.until
  from (
    select
      c.place as adds_to,
      null::integer as takes_from,
      c.minutes,
      c.at as since,
      lead(c.at) over (order by c.place) as until
    from steps as c
    -- From bucket to bucket, and from there to the edge itself by ever shorter ones.
    where c.minutes = case when p_bucket = 'hour' then 60 else 1440 end
    union all
    select
      case when d.since < d.until then d.place - 1 else d.place end,
      case when d.since < d.until then d.place else d.place - 1 end,
      d.minutes,
      least(d.since, d.until),
      greatest(d.since, d.until)
    from (
      select
        f.place,
        f.minutes,
        lag(f.at) over (partition by f.place order by f.minutes desc) as since,
        f.at as until
      from steps as f
    ) as d
  ) as s
  where s.since < s.until;
end;

revoke all on function ratebook.usage_edges(timestamptz, timestamptz, text, text) from public;
revoke all on function ratebook.usage_pieces(timestamptz[], text) from public;

comment on function ratebook.usage_edges(timestamptz, timestamptz, text, text) is
'Where the buckets of a span of time begin in a time zone, and where the last one ends: a day begins where ratebook.day_starts_at() says. Error: invalid_argument (PT422) for more than 10,000.';
comment on function ratebook.usage_pieces(timestamptz[], text) is
'What buckets are made of: days, six hours, hours and quarters of UTC, each piece with the place of the bucket that it is added to, and of the one that it is taken from.';

-- from sql/75_analytics/100_function_usage.sql

create type billing.usage_bucket as (
  starts_at timestamptz,
  ends_at timestamptz,
  id uuid,
  key text,
  requests bigint,
  failures bigint,
  charges bigint,
  quantities jsonb,
  credits numeric,
  refunded numeric,
  net numeric,
  latency_p50 numeric,
  latency_p95 numeric,
  latency_error numeric,
  cost jsonb,
  margin numeric
);

-- Everything as of the caller's one moment: what is drained meanwhile is neither missed nor counted twice.
create function ratebook.usage(
  p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text, p_by text, p_owner uuid
) returns setof billing.usage_bucket
language plpgsql stable security definer rows 100
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
-- Whatever the planner thinks of what it cannot know: no join of one sum after the other.
set enable_nestloop = off
-- Rows that are read together lie apart once they have been added to: each page of them once.
set enable_indexscan = off
as $$
-- Definer: nobody reads roll-ups but through this, which asks who is asking.
declare
  v_is_privileged boolean := ratebook.is_privileged();
  v_owner uuid := p_owner;
  v_dimension text := coalesce(nullif(p_by, 'provider'), case when p_by is null then 'all' else 'model' end);
  v_is_fine boolean;
  v_edges timestamptz[];
  v_since timestamptz;
  v_until timestamptz;
  v_last timestamptz;
  v_deltas ratebook.usage_deltas[];
  v_quantities text;
  v_costs text;
begin
  if not v_is_privileged then
    v_owner := ratebook.uid();
    if v_owner is null or p_owner <> v_owner then
      perform ratebook.fail('not_allowed', 'The usage of others is for admins and the service role.', 'Leave out owner.');
    end if;
  end if;
  if (p_bucket in ('hour', 'day', 'week', 'month')) is not true then
    perform ratebook.fail('invalid_argument', 'There is no such bucket.', 'It is hour, day, week or month.',
      '{"argument": "bucket"}');
  elsif p_by not in ('model', 'provider', 'feature', 'spender', 'status') then
    perform ratebook.fail('invalid_argument', 'Usage is not told apart by that.',
      'By model, provider, feature, spender or status.', '{"argument": "by"}');
  -- "at time zone" takes more than names.
  elsif (p_time_zone = 'UTC' or ratebook.is_time_zone(p_time_zone)) is not true then
    perform ratebook.fail(
      'invalid_argument', format('There is no time zone called "%s".', left(p_time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(p_time_zone, 100))
    );
  elsif (p_since < p_until and ratebook.is_time(p_since) and ratebook.is_time(p_until)) is not true then
    perform ratebook.fail('invalid_time', 'Usage is that of a time, from since to until.', 'until comes after since.');
  end if;
  v_edges := ratebook.usage_edges(p_since, p_until, p_bucket, p_time_zone);
  v_since := v_edges[1];
  v_until := v_edges[cardinality(v_edges)];
  v_last := least(v_until, ratebook.clock());
  -- An owner's, and all in one, are of the finer kind; by model and the like it would be much more.
  v_is_fine := v_owner is not null or v_dimension = 'all';
  v_deltas := array(
    select d
    from ratebook.usage_deltas as d
    where d.counts_at >= v_since and d.counts_at < v_until and (v_owner is null or d.owner_id = v_owner)
  );

  -- Meters and currencies are few, and which is not known ahead: most likely those of the last days.
  select
    ratebook.sums_by_key('quantities', array(
      select distinct m.key from unnest(o.quantities) as q (object) cross join lateral jsonb_object_keys(q.object) as m (key)
    )),
    case when v_is_privileged then ratebook.sums_by_key('costs', array(
      select distinct c.key from unnest(o.costs) as q (object) cross join lateral jsonb_object_keys(q.object) as c (key)
    )) else 'null::jsonb' end
  into v_quantities, v_costs
  from (
    select
      array_agg(l.quantities) as quantities,
      array_agg(l.costs) as costs
    from (
      select r.quantities, r.costs
      from ratebook.usage_rollups as r
      where
        r.dimension = 'all' and r.minutes = 1440 and r.starts_at < v_until
        and r.starts_at >= v_last - interval '168 hours'
      order by r.starts_at desc
      limit 3
    ) as l
  ) as o;

  -- $1 edges, $2 bucket, $3 dimension, $4 owner, $5 since, $6 until, $7 deltas, $8 is fine, $9 by, $10 is privileged
  return query execute format(
    $query$
  with
  pieces as materialized (
    select p.* from ratebook.usage_pieces($1, $2) as p where $4 is null
  ),
  parts as (
    -- Everybody's, a look-up each piece: it counts for one bucket, and against another;
    select
      s.place, s.sign, r.key, r.requests, r.failures, r.charges, r.quantities, r.latencies::numeric as latencies,
      r.credits::numeric as credits, r.refunded::numeric as refunded, r.costs, r.cost_credits::numeric as cost_credits
    from pieces as p
    cross join lateral (
      select o.*
      from ratebook.usage_rollups as o
      where
        o.dimension = $3 and o.minutes = p.minutes and o.starts_at >= p.since and o.starts_at < p.until
      offset 0
    ) as r
    cross join lateral (values (p.adds_to, 1), (p.takes_from, -1)) as s (place, sign)
    where $4 is null and s.place is not null
    union all
    -- the quarters of spenders, of whom there may be as many as rows of the log;
    select
      s.place, s.sign, c.spender_id::text, c.requests, c.failures, c.charges, c.quantities, c.rough_latencies, c.credits,
      c.refunded, c.costs, c.cost_credits
    from pieces as p
    cross join lateral (
      select o.*
      from ratebook.usage_cells as o
      where o.starts_at >= p.since and o.starts_at < p.until
      offset 0
    ) as c
    cross join lateral (values (p.adds_to, 1), (p.takes_from, -1)) as s (place, sign)
    where $4 is null and $3 = 'spender' and p.minutes = 15 and s.place is not null
    union all
    -- an owner's, all of their cells of that time;
    select
      width_bucket(c.starts_at, $1), 1,
      case $3
        when 'all' then ''
        when 'model' then case when c.model_id = '00000000-0000-0000-0000-000000000000' then '' else c.model_id::text end
        when 'feature' then c.feature_key
        when 'spender' then c.spender_id::text
        when 'status' then c.status
      end,
      c.requests, c.failures, c.charges, c.quantities, c.latencies, c.credits, c.refunded, c.costs, c.cost_credits
    from ratebook.usage_cells as c
    where $4 is not null and c.owner_id = $4 and c.starts_at >= $5 and c.starts_at < $6
    union all
    -- and what is not drained yet.
    select
      width_bucket(date_bin('15 minutes', f.counts_at, '2000-01-01T00:00:00Z'), $1), 1,
      case $3
        when 'all' then ''
        when 'model' then coalesce(f.model_id::text, '')
        when 'feature' then left(coalesce(f.feature_key, ''), 255)
        when 'spender' then f.spender_id::text
        when 'status' then coalesce(f.status, '')
      end,
      f.requests, f.failures, f.charges, f.quantities,
      coalesce(f.requests * ratebook.latency_mark(f.latency_ms, $8), 0),
      f.credits, f.refunded, f.costs, f.cost_credits
    from ratebook.usage_in_deltas($7) as f
    where $7 <> '{}'
  ),
  -- A provider's are those of its models.
  keyed as (
    select
      p.*,
      case when $9 = 'provider' then coalesce(m.provider_id::text, '') else p.key end as by_key
    from parts as p
    left join ai.models as m on $9 = 'provider' and m.id = nullif(p.key, '')::uuid
  ),
  -- Each number is exact; of latencies the histograms are added. Quantities and costs are strings, and no zeros.
  sums as (
    select
      k.place,
      k.by_key as key,
      sum(k.sign * k.requests)::bigint as requests,
      sum(k.sign * k.failures)::bigint as failures,
      sum(k.sign * k.charges)::bigint as charges,
      ratebook.latency_quantiles(
        sum(k.sign * k.latencies), sum(k.sign * k.requests)::bigint, $8, '{0.5,0.95}'
      ) as latencies,
      trim_scale(sum(k.sign * k.credits)) as credits,
      trim_scale(sum(k.sign * k.refunded)) as refunded,
      trim_scale(sum(k.sign * k.cost_credits)) as cost_credits,
      %1$s as quantities,
      %2$s as costs
    from keyed as k
    group by k.place, k.by_key
  )
  -- Names only now, and of what the reader may know.
  select
    ($1)[s.place],
    ($1)[s.place + 1],
    case when $9 in ('model', 'provider', 'spender') then nullif(s.key, '')::uuid end as id,
    case $9
      when 'model' then m.key
      when 'provider' then v.key
      else nullif(s.key, '')
    end as key,
    s.requests,
    s.failures,
    s.charges,
    s.quantities,
    s.credits,
    s.refunded,
    trim_scale(s.credits - s.refunded),
    s.latencies[1],
    s.latencies[2],
    case when $8 then 0.02 else 0.05 end,
    case when $10 then s.costs end,
    case when $10 then trim_scale(s.credits - s.refunded - s.cost_credits) end
  from sums as s
  -- A model that the owner may not see has no name.
  left join ai.models as m
    on $9 = 'model' and m.id = nullif(s.key, '')::uuid and ($10 or m.is_public and m.deleted_at is null)
  left join ai.providers as v on $9 = 'provider' and v.id = nullif(s.key, '')::uuid
  -- What has come and gone is nothing.
  where
    (s.requests, s.failures, s.charges, s.credits, s.refunded, s.cost_credits) <> (0, 0, 0, 0, 0, 0)
    or s.quantities <> '{}'
  order by 1, key nulls last, id nulls last
    $query$,
    v_quantities,
    v_costs
  )
  using v_edges, p_bucket, v_dimension, v_owner, v_since, v_until, v_deltas, v_is_fine, p_by, v_is_privileged;
end;
$$;

create function billing.usage(
  since timestamptz,
  until timestamptz,
  bucket text default 'day',
  time_zone text default 'UTC',
  by text default null,
  owner uuid default null
) returns setof billing.usage_bucket
language sql stable rows 100
set search_path = pg_catalog, pg_temp
begin atomic
  select u.* from ratebook.usage(since, until, bucket, time_zone, by, owner) as u;
end;

revoke all on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) from public;
revoke all on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) from public;
grant execute on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) to authenticated, service_role;
grant execute on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) to authenticated, service_role;

comment on type billing.usage_bucket is 'What was used and what it came to in a time: a row of billing.usage().';
comment on column billing.usage_bucket.starts_at is 'When the bucket begins, by the clocks of the time zone.';
comment on column billing.usage_bucket.ends_at is 'When it ends, exclusive: a day may have 23 or 25 hours.';
comment on column billing.usage_bucket.id is 'By model, provider or spender: its id; NULL for none.';
comment on column billing.usage_bucket.key is
'What the row is of: the key of the model (NULL where the reader may not see it) or the provider, the feature by the key of its time, the spender''s id, or the status; NULL for none, and where nothing is told apart.';
comment on column billing.usage_bucket.requests is 'Generations of that time; what was deleted is out of it.';
comment on column billing.usage_bucket.failures is 'Those that failed.';
comment on column billing.usage_bucket.charges is 'Charges of that time; an estimate and what settled it are one.';
comment on column billing.usage_bucket.quantities is 'meter → quantity of the generations, as strings: {"input": "1000"}.';
comment on column billing.usage_bucket.credits is 'Credits charged. Select credits::text for all digits.';
comment on column billing.usage_bucket.refunded is 'Credits given back in that time, whenever they were charged.';
comment on column billing.usage_bucket.net is 'credits less refunded.';
comment on column billing.usage_bucket.latency_p50 is 'The latency in milliseconds below which half of the requests are; NULL where none is known.';
comment on column billing.usage_bucket.latency_p95 is 'The same of 95 in 100.';
comment on column billing.usage_bucket.latency_error is 'How far off these two are at most, of what they are: 0.02 is 2 %.';
comment on column billing.usage_bucket.cost is
'Admins and the service role: currency → what the charges cost, as strings, without estimates that were settled: {"USD": "1.25"}; NULL for others.';
comment on column billing.usage_bucket.margin is
'Admins and the service role: net less the cost in credits, each charge at its own credit rate; NULL for others.';
comment on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) is 'The rule behind billing.usage().';
comment on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) is
'What was used and what it came to, by any clock: one row a bucket in which something happened, and a row for each model, provider, feature, spender or status. since: from when on; its whole bucket counts. until: until when, exclusive; the bucket of the last moment counts whole. bucket: hour, day, week (from Monday) or month. time_zone: whose clocks, a name of pg_timezone_names. by: model, provider, feature, spender or status; NULL for all in one. owner: an owner; NULL for one''s own, for admins and the service role everybody''s. Owners get their own: the requests of their generations, and the credits of their accounts, whoever spent them; so a member''s spending on an account is its owner''s, and the member''s generation the member''s. A request counts at its generation''s time, credits at their charge''s, a refund at its own. Credits and cost come from charges, never from what an owner wrote. A deleted generation counts no more and its credits stay; an erased spender stays as an id; what left the log stays here. Counts and sums are exact, also while billing.drain_usage() is behind. Errors: invalid_argument (PT422; also for more than 10,000 buckets), invalid_time (PT422), not_allowed (42501).';

-- from sql/75_analytics/105_function_is_in_log.sql

create function ratebook.is_in_log(p_since timestamptz, p_until timestamptz) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select not exists (
    -- What was counted, and the table that it was counted of.
    select
    from (
      select
        sum(abs(r.requests)) as requests,
        sum(abs(r.charges)) + sum(abs(r.credits)) as charges,
        sum(abs(r.cost_credits)) as costs,
        sum(abs(r.refunded)) as refunds
      from ratebook.usage_rollups as r
      where r.dimension = 'all' and r.minutes = 1440 and r.starts_at >= p_since and r.starts_at < p_until
    ) as s
    cross join
      lateral (
        values
        ('ai.generations'::regclass, s.requests),
        ('billing.charges', s.charges),
        ('billing.charge_costs', s.costs),
        ('billing.ledger_entries', s.refunds)
      ) as t (name, counted)
    where
      t.counted > 0
      and not exists (
        select from ratebook.months() as m
        where m.parent = t.name and m.state = 'attached' and m.until = p_until
      )
  ) and not exists (
    -- A refund counts as its charge does.
    select
    from billing.ledger_entries as e
    where
      e.kind = 'refund'
      and e.id >= ratebook.uuid_v7_floor(p_since)
      and e.id < ratebook.uuid_v7_floor(p_until)
      and not exists (
        select from billing.charges as c
        where c.id = e.charge_id and c.lenser_id = e.lenser_id
      )
  );
end;

revoke all on function ratebook.is_in_log(timestamptz, timestamptz) from public;

comment on function ratebook.is_in_log(timestamptz, timestamptz) is
'Whether all that was counted of a month is still in the log: no month of it was detached, nor one whose charges it refunds.';

-- from sql/75_analytics/110_function_rebuild_usage.sql

create function ratebook.rebuild_usage(p_month date) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody writes usage.
declare
  v_month timestamp := date_trunc('month', coalesce(p_month::timestamp, ratebook.clock() at time zone 'UTC'));
  v_since timestamptz := v_month at time zone 'UTC';
  v_until timestamptz := (v_month + interval '1 month') at time zone 'UTC';
  v_counted bigint := 0;
begin
  perform ratebook.assert_privileged();
  if not ratebook.is_date(p_month) then
    perform ratebook.fail('invalid_time', 'That is no month to count anew.', 'Name a day of it, such as 2026-11-01.');
  end if;
  -- What has left the log is in the roll-ups alone.
  if not ratebook.is_in_log(v_since, v_until) then
    perform ratebook.fail('invalid_argument', format('The log of %s is not all there.', to_char(v_month, 'YYYY-MM')),
      'What was counted of it stays. Attach the months that it needs to count it anew.');
  end if;
  -- Nobody drains meanwhile; whoever writes goes on.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.usage_rollups', 0));
  delete from ratebook.usage_cells as c where c.starts_at >= v_since and c.starts_at < v_until;
  delete from ratebook.usage_rollups as r where r.starts_at >= v_since and r.starts_at < v_until;

  -- A day at a time, which fits into memory.
  while v_since < v_until loop
    v_counted := v_counted + ratebook.add_usage(null, v_since, v_since + interval '24 hours');
    v_since := v_since + interval '24 hours';
  end loop;
  return v_counted;
end;
$$;

create function billing.rebuild_usage(month date default null) returns bigint
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.rebuild_usage(month);
end;

revoke all on function ratebook.rebuild_usage(date) from public;
revoke all on function billing.rebuild_usage(date) from public;
grant execute on function ratebook.rebuild_usage(date) to authenticated, service_role;
grant execute on function billing.rebuild_usage(date) to authenticated, service_role;

comment on function ratebook.rebuild_usage(date) is 'The rule behind billing.rebuild_usage().';
comment on function billing.rebuild_usage(date) is
'Admins and the service role. Makes the roll-ups of a month (UTC) anew from the log: after rows were loaded past the triggers, or where billing.check_usage() says so. month: a day of it; this month unless told. Writers go on meanwhile, drains wait. Returns how many generations, charges and refunds it counted. Errors: invalid_argument (PT422) where a month that it needs is not attached to its log, invalid_time (PT422), not_allowed (42501).';

-- from sql/75_analytics/120_function_check_usage.sql

create function ratebook.check_usage(p_month date) returns table (check_name text, severity text, message text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads everybody's log and roll-ups.
declare
  v_month timestamp := date_trunc('month', coalesce(p_month::timestamp, ratebook.clock() at time zone 'UTC'));
  v_since timestamptz := v_month at time zone 'UTC';
  v_until timestamptz := (v_month + interval '1 month') at time zone 'UTC';
  v_deltas ratebook.usage_deltas[];
begin
  perform ratebook.assert_privileged();
  v_deltas := array(
    select d from ratebook.usage_deltas as d where d.counts_at >= v_since and d.counts_at < v_until
  );
  return query
  -- What waits is read by each call.
  select
    'usage_drained',
    case when w.waiting > 100000 or w.oldest < ratebook.clock() - interval '24 hours' then 'warning' else 'ok' end,
    format('%s changes wait to be drained, the oldest of %s.', w.waiting, coalesce(w.oldest::text, 'no time'))
    || case
      when w.waiting > 100000 or w.oldest < ratebook.clock() - interval '24 hours'
        then ' Nobody drains: put billing.drain_usage() on a schedule.'
      else ''
    end
  from (select count(*) as waiting, min(d.counts_at) as oldest from ratebook.usage_deltas as d) as w;
  -- A month that has left its log has nothing to be held against.
  if ratebook.is_in_log(v_since, v_until) then
    return query
    with
    both_ways as (
      select
        true as is_log, f.*, ratebook.latency_mark(f.latency_ms, true) * f.requests as latencies,
        ratebook.latency_mark(f.latency_ms, false) * f.requests as rough_latencies
      from ratebook.usage_in_log(v_since, v_until) as f
      union all
      select
        false, f.*, ratebook.latency_mark(f.latency_ms, true) * f.requests,
        ratebook.latency_mark(f.latency_ms, false) * f.requests
      from ratebook.usage_in_deltas(v_deltas) as f
      union all
      -- What is counted already.
      select
        false, c.starts_at, c.owner_id, c.spender_id, nullif(c.model_id, '00000000-0000-0000-0000-000000000000'),
        c.feature_key, c.status, c.requests, c.failures, c.quantities, null, c.charges, c.credits, c.refunded, c.costs,
        c.cost_credits, c.latencies, c.rough_latencies
      from ratebook.usage_cells as c
      where c.starts_at >= v_since and c.starts_at < v_until
    ),
    -- The one less the other, cell by cell.
    cells as (
      select
        b.owner_id,
        date_bin('15 minutes', b.counts_at, '2000-01-01T00:00:00Z') as starts_at,
        sum(b.requests * b.sign) as requests,
        sum(b.failures * b.sign) as failures,
        sum(b.charges * b.sign) as charges,
        sum(b.credits * b.sign) as credits,
        sum(b.refunded * b.sign) as refunded,
        sum(b.cost_credits * b.sign) as cost_credits,
        sum(b.latencies * b.sign) as latencies,
        sum(b.rough_latencies * b.sign) as rough_latencies,
        -- Objects are not subtracted: both sides are summed up, and held against each other.
        jsonb_agg(b.quantities) filter (where b.sign = 1 and b.quantities <> '{}') as quantities,
        jsonb_agg(b.quantities) filter (where b.sign = -1 and b.quantities <> '{}') as counted_quantities,
        jsonb_agg(b.costs) filter (where b.sign = 1 and b.costs <> '{}') as costs,
        jsonb_agg(b.costs) filter (where b.sign = -1 and b.costs <> '{}') as counted_costs
      from (select o.*, case when o.is_log then 1 else -1 end as sign from both_ways as o) as b
      group by
        b.owner_id, date_bin('15 minutes', b.counts_at, '2000-01-01T00:00:00Z'), b.spender_id, b.model_id,
        left(coalesce(b.feature_key, ''), 255), coalesce(b.status, '')
    ),
    -- Where anything is left.
    wrong as (
      select
        c.owner_id,
        c.starts_at,
        row_number() over (order by c.starts_at, c.owner_id) as place
      from cells as c
      where
        num_nonnulls(
          nullif(c.requests, 0), nullif(c.failures, 0), nullif(c.charges, 0), nullif(c.credits, 0), nullif(c.refunded, 0),
          nullif(c.cost_credits, 0), nullif(c.latencies, 0), nullif(c.rough_latencies, 0)
        ) > 0
        or ratebook.shown_sums(c.quantities)
        <> ratebook.shown_sums(c.counted_quantities)
        or ratebook.shown_sums(c.costs)
        <> ratebook.shown_sums(c.counted_costs)
    )
    -- One sentence, with the first places.
    select
      'usage_is_that_of_the_log',
      case when count(*) = 0 then 'ok' else 'error' end,
      coalesce(
        format('Differs from the log of %s %s times: ', to_char(v_month, 'YYYY-MM'), count(*))
        || string_agg(format('%s of %s', w.starts_at, w.owner_id), ', ' order by w.place) filter (where w.place <= 3)
        || '. Say billing.rebuild_usage().',
        format('What is counted of %s is what the log says.', to_char(v_month, 'YYYY-MM'))
      )
    from wrong as w;
  end if;
  return query
  with
  -- Everybody's by each dimension, against all cells, in each length.
  cells as (
    select
      c.starts_at,
      sum(c.requests) as requests,
      sum(c.failures) as failures,
      sum(c.charges) as charges,
      sum(c.credits) as credits,
      sum(c.refunded) as refunded,
      sum(c.cost_credits) as cost_credits,
      sum(c.latencies) as latencies,
      sum(c.rough_latencies) as rough_latencies
    from ratebook.usage_cells as c
    where c.starts_at >= v_since and c.starts_at < v_until
    group by c.starts_at
  ),
  -- What all cells of a time come to is what each dimension comes to.
  wrong as (
    select
      s.dimension,
      s.starts_at,
      row_number() over (order by s.starts_at, s.dimension) as place
    from (
      select
        g.dimension, g.minutes, date_bin(make_interval(mins => g.minutes), c.starts_at, '2000-01-01T00:00:00Z') as starts_at,
        c.requests, c.failures, c.charges, c.credits, c.refunded, c.cost_credits,
        case when g.dimension = 'all' then c.latencies else c.rough_latencies end as latencies
      from cells as c
      cross join (
        select d.dimension, m.minutes
        from unnest('{all,model,feature,spender,status}'::text[]) as d (dimension)
        cross join unnest('{15,60,360,1440}'::integer[]) as m (minutes)
        where d.dimension <> 'spender' or m.minutes > 15
      ) as g
      union all
      -- Less what the roll-ups have.
      select
        r.dimension, r.minutes, r.starts_at, -r.requests, -r.failures, -r.charges, -r.credits, -r.refunded,
        -r.cost_credits, -r.latencies
      from ratebook.usage_rollups as r
      where r.starts_at >= v_since and r.starts_at < v_until
    ) as s
    group by s.dimension, s.minutes, s.starts_at
    having
      num_nonnulls(
        nullif(sum(s.requests), 0), nullif(sum(s.failures), 0), nullif(sum(s.charges), 0), nullif(sum(s.credits), 0),
        nullif(sum(s.refunded), 0), nullif(sum(s.cost_credits), 0), nullif(sum(s.latencies), 0)
      ) > 0
  )
  select
    'usage_adds_up',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      format('Roll-ups of %s differ %s times: ', to_char(v_month, 'YYYY-MM'), count(*))
      || string_agg(format('%s by %s', w.starts_at, w.dimension), ', ' order by w.place) filter (where w.place <= 3)
      || '. Say billing.rebuild_usage().',
      format('The roll-ups of %s add up.', to_char(v_month, 'YYYY-MM'))
    )
  from wrong as w;
end;
$$;

create function billing.check_usage(month date default null)
returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_usage(month) as c;
end;

revoke all on function ratebook.check_usage(date) from public;
revoke all on function billing.check_usage(date) from public;
grant execute on function ratebook.check_usage(date) to authenticated, service_role;
grant execute on function billing.check_usage(date) to authenticated, service_role;

comment on function ratebook.check_usage(date) is 'The checks behind billing.check_usage().';
comment on function billing.check_usage(date) is
'Admins and the service role. Holds what billing.usage() counts of a month (UTC) against the log, and says whether somebody drains: one row per check with severity ok, warning or error and a sentence. month: a day of it; this month unless told. A month that has left its log is only added up. Error: not_allowed (42501).';

-- from sql/75_analytics/200_function_statement.sql

create function ratebook.statement(
  p_account_id uuid,
  p_since timestamptz,
  p_until timestamptz,
  p_after uuid,
  p_at_most integer,
  p_newest_first boolean,
  p_owner uuid
) returns table (
  id uuid,
  lenser_id uuid,
  account_id uuid,
  number bigint,
  created_at timestamptz,
  effective_at timestamptz,
  kind billing.entry_kind_enum,
  amount numeric,
  balance_after numeric,
  reason text,
  grant_id uuid,
  source text,
  counterpart_id uuid,
  charge_id uuid,
  spender_id uuid,
  model_id uuid,
  model text,
  feature text,
  usage jsonb,
  generation_id uuid
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
-- Definer: reads the entries of every month, and what admins may see.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'statement');
  v_since timestamptz := greatest(p_since, v_account.created_at, '-infinity');
  v_until timestamptz := least(p_until, v_account.updated_at + interval '1 millisecond');
  v_is_newest_first constant boolean := coalesce(p_newest_first, false);
  v_number bigint := case when v_is_newest_first then 9223372036854775807 else 0 end;
  v_from timestamptz;
  v_to timestamptz;
  v_left integer := p_at_most;
  v_read integer;
begin
  if (isfinite(p_since) and isfinite(p_until)) is false or p_since > p_until then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.',
      'Leave one out for all that there is.');
  end if;
  if (p_at_most between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'A page has from 1 to 1,000 entries.', null,
      jsonb_build_object('at_most', p_at_most));
  end if;
  if p_after is not null then
    -- Where the page before ended, which tells from which month on to read.
    select e.created_at, e.number into v_from, v_number
    from billing.ledger_entries as e
    where
      e.id = p_after and e.lenser_id is not distinct from v_account.lenser_id and e.account_id = v_account.id;
    if not found then
      perform ratebook.fail('invalid_argument', 'The account has no such entry.',
        'after is the id of the last entry of the page before.', jsonb_build_object('after', p_after));
    end if;
    if v_is_newest_first then
      v_until := least(v_until, v_from + interval '1 microsecond');
    else
      v_since := greatest(v_since, v_from);
    end if;
  end if;

  -- Month by month, as the entries are kept, until the page is full: no other month is looked into.
  while v_since < v_until and v_left > 0 loop
    v_from := v_since;
    v_to := v_until;
    if v_is_newest_first then
      v_from := greatest(
        date_trunc('month', (v_until - interval '1 microsecond') at time zone 'UTC') at time zone 'UTC', v_since
      );
      v_until := v_from;
    else
      v_to := least((date_trunc('month', v_since at time zone 'UTC') + interval '1 month') at time zone 'UTC', v_until);
      v_since := v_to;
    end if;
    return query
    select
      e.id, e.lenser_id, e.account_id, e.number::bigint, e.created_at, e.effective_at, e.kind, trim_scale(e.amount),
      trim_scale(e.balance_after), e.reason, e.grant_id, g.source::text, e.counterpart_id, e.charge_id, c.spender_id,
      c.model_id, m.key, c.feature_key, c.usage, c.generation_id
    -- A page of the account's entries by their index, whichever way they are read.
    from (
      (
        select o.*
        from billing.ledger_entries as o
        where
          not v_is_newest_first
          and o.lenser_id = v_account.lenser_id
          and o.account_id = v_account.id
          and o.created_at >= v_from
          and o.created_at < v_to
          and o.number > v_number
          and o.id >= ratebook.uuid_v7_floor(v_from)
          and o.id < ratebook.uuid_v7_floor(v_to + interval '999 microseconds')
        order by o.created_at, o.number
        limit v_left
      )
      union all
      -- The same from the end.
      (
        select o.*
        from billing.ledger_entries as o
        where
          v_is_newest_first
          and o.lenser_id = v_account.lenser_id
          and o.account_id = v_account.id
          and o.created_at >= v_from
          and o.created_at < v_to
          and o.number < v_number
          and o.id >= ratebook.uuid_v7_floor(v_from)
          and o.id < ratebook.uuid_v7_floor(v_to + interval '999 microseconds')
        order by o.created_at desc, o.number desc
        limit v_left
      )
    ) as e
    -- A look-up each, by the key.
    left join lateral (
      select o.source
      from billing.grants as o
      where o.id = e.grant_id and o.lenser_id is not distinct from e.lenser_id
      offset 0
    ) as g on true
    left join lateral (
      select o.spender_id, o.model_id, o.feature_key, o.usage, o.generation_id
      from billing.charges as o
      where o.id = e.charge_id and o.lenser_id is not distinct from e.lenser_id
      offset 0
    ) as c on true
    left join lateral (
      select o.key
      from ai.models as o
      where o.id = c.model_id and (v_all or (o.is_public and o.deleted_at is null))
      offset 0
    ) as m on true
    order by case when v_is_newest_first then -e.number else e.number end;
    get diagnostics v_read = row_count;
    v_left := v_left - v_read;
  end loop;
end;
$$;

create function billing.statement(
  account uuid,
  since timestamptz default null,
  until timestamptz default null,
  after uuid default null,
  at_most integer default 100,
  newest_first boolean default false,
  owner uuid default null
) returns table (
  id uuid,
  lenser_id uuid,
  account_id uuid,
  number bigint,
  created_at timestamptz,
  effective_at timestamptz,
  kind billing.entry_kind_enum,
  amount numeric,
  balance_after numeric,
  reason text,
  grant_id uuid,
  source text,
  counterpart_id uuid,
  charge_id uuid,
  spender_id uuid,
  model_id uuid,
  model text,
  feature text,
  usage jsonb,
  generation_id uuid
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select s.* from ratebook.statement(account, since, until, after, at_most, newest_first, owner) as s;
end;

revoke all on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) from public;
revoke all on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) from public;
grant execute on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid)
to authenticated, service_role;
grant execute on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid)
to authenticated, service_role;

comment on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) is
'The rule behind billing.statement().';
comment on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) is
'The entries of an account, of one''s own, or for admins and the service role of anybody''s: the oldest first, one row per lot that was touched, with what is behind it. since: from when they were written down, inclusive. until: up to when, exclusive. after: the id of the last entry of the page before. at_most: how many, from 1 to 1,000. newest_first: the other way round. owner: the account''s lenser. number counts the entries of the account without a gap; amount is negative when credits went out; effective_at: from when it counts, before created_at for an expiry that was written down later; balance_after: the posted balance after it; source: of the lot, NULL for debt; spender_id, model, feature, usage and generation_id: of the charge behind a charge or refund; model is NULL where the reader may not see it. Select amount::text: JSON numbers lose digits. Errors: unknown_account (PT404), invalid_time, invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/75_analytics/203_function_assert_buckets.sql

create function ratebook.assert_buckets(
  p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_bucket in ('hour', 'day', 'week', 'month')) is not true then
    perform ratebook.fail('invalid_argument', 'There is no such bucket.', 'It is hour, day, week or month.',
      jsonb '{"argument": "bucket"}');
  end if;
  perform ratebook.assert_time_zone(p_time_zone);
  if (p_since < p_until and ratebook.is_time(p_since) and ratebook.is_time(p_until)) is not true then
    perform ratebook.fail('invalid_time', 'A report is of a time, from since to until.', 'until comes after since.');
  end if;
end;
$$;

create function ratebook.assert_time_zone(p_time_zone text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- "at time zone" takes more than names. The list of them is read from files.
  if (p_time_zone = 'UTC' or ratebook.is_time_zone(p_time_zone)) is not true then
    perform ratebook.fail('invalid_argument', format('There is no time zone called "%s".', left(p_time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(p_time_zone, 100)));
  end if;
end;
$$;

revoke all on function ratebook.assert_buckets(timestamptz, timestamptz, text, text) from public;
revoke all on function ratebook.assert_time_zone(text) from public;

comment on function ratebook.assert_buckets(timestamptz, timestamptz, text, text) is
'Refuses what is no time to report on by hour, day, week or month. Errors: invalid_time, invalid_argument (PT422).';
comment on function ratebook.assert_time_zone(text) is
'Refuses what is no name of pg_timezone_names. Error: invalid_argument (PT422).';

-- from sql/75_analytics/205_function_balance_history.sql

create function ratebook.balance_history(
  p_account_id uuid,
  p_since timestamptz,
  p_until timestamptz,
  p_bucket text,
  p_time_zone text,
  p_owner uuid
) returns table (starts_at timestamptz, ends_at timestamptz, balance numeric)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
-- Definer: reads the entries of every month and what is pending.
declare
  v_now constant timestamptz := ratebook.clock();
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'balances');
  v_edges timestamptz[];
  v_first timestamptz;
  v_before numeric;
begin
  perform ratebook.assert_buckets(p_since, p_until, p_bucket, p_time_zone);
  v_edges := ratebook.usage_edges(p_since, p_until, p_bucket, p_time_zone);
  v_first := v_edges[1];
  v_before := ratebook.written_at(v_account, v_first - interval '1 microsecond');

  return query
  with buckets as materialized (
    select b.starts_at, b.ends_at, least(b.ends_at - interval '1 microsecond', v_now) as at
    from unnest(v_edges, v_edges[2:]) as b (starts_at, ends_at)
    -- What has not begun has no balance yet.
    where b.starts_at <= v_now and b.ends_at is not null
  ),

  -- The last entry in each bucket: one look-up, however many there are.
  written as (
    select b.*, e.balance_after
    from buckets as b
    left join lateral (
      select o.balance_after
      from billing.ledger_entries as o
      where
        o.lenser_id = v_account.lenser_id
        and o.account_id = v_account.id
        and o.created_at >= b.starts_at
        and o.created_at <= b.at
        and o.id >= ratebook.uuid_v7_floor(b.starts_at)
        and o.id < ratebook.uuid_v7_floor(b.at + interval '1 millisecond')
      order by o.created_at desc, o.number desc
      limit 1
    ) as e on true
  ),

  -- One without an entry has the balance of the one before it.
  runs as (
    select w.*, count(w.balance_after) over (order by w.starts_at) as run from written as w
  ),

  -- What was written down later than it happened: little, and by an index of its own, which no bound on the id stands beside.
  backdated as materialized (
    select e.effective_at, e.created_at, e.amount
    from billing.ledger_entries as e
    where
      e.account_id = v_account.id
      and e.lenser_id is not distinct from v_account.lenser_id
      and e.effective_at < e.created_at
      and e.effective_at <= v_now
      and e.created_at >= v_first
  )

  select
    r.starts_at,
    r.ends_at,
    trim_scale(
      coalesce(max(r.balance_after) over (partition by r.run), v_before)
      + coalesce((select sum(d.amount) from backdated as d where d.effective_at <= r.at and d.created_at > r.at), 0)
      -- What is not written down yet.
      + case when v_account.next_event_at <= r.at then (ratebook.pending(v_account, r.at)).posted else 0 end
    )
  from runs as r
  order by r.starts_at;
end;
$$;

create function billing.balance_history(
  account uuid,
  since timestamptz,
  until timestamptz default ratebook.clock(),
  bucket text default 'day',
  time_zone text default 'UTC',
  owner uuid default null
) returns table (starts_at timestamptz, ends_at timestamptz, balance numeric)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select h.* from ratebook.balance_history(account, since, until, bucket, time_zone, owner) as h;
end;

revoke all on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) from public;
revoke all on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) from public;
grant execute on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid)
to authenticated, service_role;
grant execute on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid)
to authenticated, service_role;

comment on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) is
'The rule behind billing.balance_history().';
comment on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) is
'The posted balance of an account at the end of each hour, day, week or month, of one''s own, or for admins and the service role of anybody''s: what billing.get_balance() says of the last microsecond, or of now in the one that has not ended. since, until: the period; whole buckets are shown, up to the one of now. bucket: hour, day, week (from Monday on) or month. time_zone: whose clock they are of, a name of pg_timezone_names. owner: the account''s lenser. A lot that expired counts until its moment, whenever that was written down. At most 10,000 at once. Select balance::text: JSON numbers lose digits. Errors: unknown_account (PT404), invalid_time, invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/75_analytics/210_function_forecast.sql

-- A forecast is an estimate: it is worked out in floating point, and what comes out has six digits that count.
create function ratebook.forecast(
  p_days numeric[],
  p_ahead integer,
  p_confidence numeric,
  out expected numeric,
  out low numeric,
  out high numeric
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_days constant integer := coalesce(cardinality(p_days), 0);
  v_sum double precision;
  v_variance double precision;
  v_z double precision;
  v_spread double precision;
begin
  if v_days = 0 then
    return;
  end if;
  -- Too little for weekdays and a trend: the mean, and nothing that says how sure it is.
  if v_days < 28 then
    expected := ratebook.six_digits((select avg(greatest(d.amount, 0)) * p_ahead from unnest(p_days) as d (amount)));
    return;
  end if;

  -- A day is level × trend × weekday × noise: sums of logarithms. A little is added to each, because a day may be zero.
  with days as materialized (
    select
      d.ordinality::double precision as day,
      d.ordinality % 7 as weekday,
      greatest(d.amount, 0)::double precision as amount,
      0.02 * avg(greatest(d.amount, 0)) over ()::double precision as little
    from unnest(p_days) with ordinality as d (amount, ordinality)
  ),

  logs as materialized (
    select d.day, d.weekday, ln(d.amount + d.little) as y from days as d where d.little > 0
  ),

  -- The trend, what weekdays make of it, and each once more without the other. The mean of the weekdays is 0.
  trend_1 as materialized (
    select regr_slope(l.y, l.day) as slope, regr_intercept(l.y, l.day) as level from logs as l
  ),

  weekdays_1 as materialized (
    select l.weekday, avg(l.y - t.level - t.slope * l.day) - avg(avg(l.y - t.level - t.slope * l.day)) over () as effect
    from logs as l
    cross join trend_1 as t
    group by l.weekday
  ),

  trend_2 as materialized (
    select regr_slope(l.y - w.effect, l.day) as slope, regr_intercept(l.y - w.effect, l.day) as level
    from logs as l
    inner join weekdays_1 as w on w.weekday = l.weekday
  ),

  weekdays as materialized (
    select
      l.weekday,
      avg(l.y - t.level - t.slope * l.day) - avg(avg(l.y - t.level - t.slope * l.day)) over () as effect,
      count(*) as days
    from logs as l
    cross join trend_2 as t
    group by l.weekday
  ),

  -- The trend at last, and how far its days reach.
  trend as materialized (
    select
      regr_slope(l.y - w.effect, l.day) as slope,
      regr_intercept(l.y - w.effect, l.day) as level,
      regr_sxx(l.y - w.effect, l.day) as sxx,
      avg(l.day) as middle
    from logs as l
    inner join weekdays as w on w.weekday = l.weekday
  ),

  -- What is left is noise: how much there is, and how far a day goes with the day before.
  rests as (
    select l.day, l.y - w.effect - t.level - t.slope * l.day as rest
    from logs as l
    inner join weekdays as w on w.weekday = l.weekday
    cross join trend as t
  ),

  noise as materialized (
    select
      avg(exp(n.rest)) as factor,
      -- Level, trend and six weekdays were taken from the same days.
      var_pop(exp(n.rest)) / power(avg(exp(n.rest)), 2) * v_days / (v_days - 8) as variance,
      sum(n.rest * n.rest) / (v_days - 8) as log_variance,
      least(greatest(coalesce(sum(n.rest * n.former) / nullif(sum(n.rest * n.rest), 0), 0), 0), 0.9) as memory
    from (select r.rest, lag(r.rest) over (order by r.day) as former from rests as r) as n
  ),

  -- The days ahead. None is more than three times the largest there was, whatever the trend.
  ahead as materialized (
    select
      h.day,
      w.weekday,
      w.days,
      least(
        greatest(exp(t.level + t.slope * h.day + w.effect) * n.factor - d.little, 0), 3 * d.most
      ) as amount
    from generate_series(v_days + 1, v_days + p_ahead) as h (day)
    inner join weekdays as w on w.weekday = h.day % 7
    cross join trend as t
    cross join noise as n
    cross join (select max(o.amount) as most, max(o.little) as little from days as o) as d
  ),

  -- Sums of them, in all and by weekday.
  total as (
    select sum(a.amount) as amount, sum(a.amount * a.amount) as squares, sum(a.amount * a.day) / nullif(sum(a.amount), 0) as middle
    from ahead as a
  ),

  by_weekday as (
    select sum(w.amount * w.amount / w.days) as squares
    from (select a.weekday, a.days, sum(a.amount) as amount from ahead as a group by a.weekday, a.days) as w
  )

  -- The noise of each day ahead, what is not known of level and trend, and of weekdays.
  select
    t.amount,
    (t.squares * n.variance + t.amount * t.amount * n.log_variance * (1.0 / v_days + power(t.middle - r.middle, 2) / r.sxx))
    * (1 + n.memory) / (1 - n.memory)
    + greatest(w.squares - t.amount * t.amount / v_days, 0) * n.log_variance
  into v_sum, v_variance
  from total as t
  cross join by_weekday as w
  cross join noise as n
  cross join trend as r;

  -- Nothing was used on any day: that says nothing of how sure it is.
  if v_sum is null then
    expected := 0;
    return;
  end if;
  expected := ratebook.six_digits(v_sum);
  if v_sum = 0 then
    return;
  end if;
  -- Sums of what is never negative lean to one side: the interval is one of logarithms. Of few days it is wider (Student).
  v_z := ratebook.normal_quantile((0.5 + p_confidence / 2)::double precision);
  v_z := v_z + (power(v_z, 3) + v_z) / (4 * (v_days - 8));
  v_spread := v_z * sqrt(ln(1 + v_variance / (v_sum * v_sum)));
  low := ratebook.six_digits(v_sum * exp(-v_spread));
  high := ratebook.six_digits(v_sum * exp(v_spread));
end;
$$;

-- The inverse of the normal distribution function (P. J. Acklam's rational approximation), for probabilities from one half
-- on; its relative error is below 1.2e-9.
create function ratebook.normal_quantile(p_probability double precision) returns double precision
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_q double precision;
  v_r double precision;
begin
  if p_probability <= 0.97575 then
    v_q := p_probability - 0.5;
    v_r := v_q * v_q;
    return (((((-39.69683028665376 * v_r + 220.9460984245205) * v_r - 275.9285104469687) * v_r + 138.3577518672690) * v_r
      - 30.66479806614716) * v_r + 2.506628277459239) * v_q
      / (((((-54.47609879822406 * v_r + 161.5858368580409) * v_r - 155.6989798598866) * v_r + 66.80131188771972) * v_r
      - 13.28068155288572) * v_r + 1);
  end if;
  v_q := sqrt(-2 * ln(1 - p_probability));
  return -(((((-0.007784894002430293 * v_q - 0.3223964580411365) * v_q - 2.400758277161838) * v_q - 2.549732539343734) * v_q
    + 4.374664141464968) * v_q + 2.938163982698783)
    / ((((0.007784695709041462 * v_q + 0.3224671290700398) * v_q + 2.445134137142996) * v_q + 3.754408661907416) * v_q + 1);
end;
$$;

create function ratebook.six_digits(p_value double precision) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_value = 0 then 0
    else trim_scale(round(p_value::numeric, 5 - floor(log(abs(p_value)))::integer))
  end;
end;
$$;

revoke all on function ratebook.forecast(numeric[], integer, numeric) from public;
revoke all on function ratebook.normal_quantile(double precision) from public;
revoke all on function ratebook.six_digits(double precision) from public;

comment on function ratebook.forecast(numeric[], integer, numeric) is
'What the next days will bring in all, of the amounts of the days before, the oldest first and none left out: expected, and the interval that holds it with the confidence given. From 28 days on: a log-linear trend and weekdays by least squares, with the variance of a day, that of what is estimated, and how far days go with the day before. Of fewer days the mean, without an interval; of none nothing. A negative amount counts as 0.';
comment on function ratebook.normal_quantile(double precision) is
'The quantile of the standard normal distribution at a probability from 0.5 to below 1.';
comment on function ratebook.six_digits(double precision) is 'An estimate, rounded to six digits that count.';

-- from sql/75_analytics/215_function_forecast_month.sql

create function ratebook.forecast_month(
  p_time_zone text, p_confidence numeric, p_owner uuid
) returns table (
  starts_at timestamptz,
  ends_at timestamptz,
  measure text,
  currency text,
  so_far numeric,
  expected numeric,
  low numeric,
  high numeric,
  confidence numeric,
  days_of_history integer,
  reason text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads what billing.usage() sums up.
declare
  v_now constant timestamptz := ratebook.clock();
  v_today date;
  v_month date;
  v_next date;
  v_ahead integer;
  v_measure record;
  v_days numeric[];
  v_today_so_far numeric;
  v_forecast record;
begin
  perform ratebook.assert_time_zone(p_time_zone);
  if (p_confidence between 0.5 and 0.99) is not true then
    perform ratebook.fail('invalid_argument', 'The confidence of an interval is a number from 0.5 to 0.99.', null,
      jsonb_build_object('confidence', p_confidence));
  end if;
  v_today := (v_now at time zone p_time_zone)::date;
  v_month := date_trunc('month', v_today::timestamp)::date;
  v_next := date_trunc('month', (v_month + 31)::timestamp)::date;
  starts_at := ratebook.day_starts_at(v_month, p_time_zone);
  ends_at := ratebook.day_starts_at(v_next, p_time_zone);
  -- Today and the days after it.
  v_ahead := v_next - v_today;

  for v_measure in
    -- Ninety-one days are whole weeks, and what was before tells little of this month.
    with used as materialized (
      select
        (u.starts_at at time zone p_time_zone)::date as day,
        u.net,
        u.cost
      from billing.usage(
        ratebook.day_starts_at(least(v_today - 91, v_month), p_time_zone), v_now, 'day', p_time_zone, null, p_owner
      ) as u
    ),

    amounts as (
      select 'credits' as name, null::text as currency, u.day, u.net as amount from used as u
      union all
      -- NULL for those who may not see what it costs.
      select 'cost', c.key, u.day, c.value::numeric
      from used as u
      cross join lateral jsonb_each_text(u.cost) as c
    )

    select
      a.name,
      a.currency,
      jsonb_object_agg(a.day, a.amount) as by_day,
      coalesce(sum(a.amount) filter (where a.day >= v_month), 0) as so_far,
      -- It begins with the first day of use: before, there was nothing to go by.
      greatest(coalesce(min(a.day) filter (where a.amount > 0), v_today), v_today - 91) as first_day
    from (
      select o.* from amounts as o
      union all
      select 'credits', null, v_today, 0 where not exists (select from used)
    ) as a
    group by a.name, a.currency
    order by a.name desc, a.currency
  loop
    -- Whole days only: today is not over. One without use is a zero.
    v_days := array(
      select coalesce((v_measure.by_day ->> (v_measure.first_day + d.number)::text)::numeric, 0)
      from generate_series(0, v_today - v_measure.first_day - 1) as d (number)
      order by d.number
    );
    v_today_so_far := coalesce((v_measure.by_day ->> v_today::text)::numeric, 0);
    v_forecast := ratebook.forecast(v_days, v_ahead, p_confidence);
    measure := v_measure.name;
    currency := v_measure.currency;
    so_far := trim_scale(v_measure.so_far);
    -- What the whole days of this month brought, and no less than what today has brought already.
    expected := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.expected, v_today_so_far));
    low := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.low, v_today_so_far));
    high := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.high, v_today_so_far));
    if v_forecast.expected is null then
      expected := null;
    end if;
    if v_forecast.low is null then
      low := null;
      high := null;
    end if;
    confidence := case when v_forecast.low is not null then p_confidence end;
    days_of_history := cardinality(v_days);
    reason := case
      when v_forecast.low is not null then null
      when cardinality(v_days) < 28
        then format(
          'An interval needs 28 days of use, and there are %s: too short a history to say how sure it is.',
          cardinality(v_days)
        )
      else 'Nothing was used on these days.'
    end;
    return next;
  end loop;
end;
$$;

create function billing.forecast_month(
  time_zone text default 'UTC', confidence numeric default 0.8, owner uuid default null
) returns table (
  starts_at timestamptz,
  ends_at timestamptz,
  measure text,
  currency text,
  so_far numeric,
  expected numeric,
  low numeric,
  high numeric,
  confidence numeric,
  days_of_history integer,
  reason text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select f.* from ratebook.forecast_month($1, $2, $3) as f;
end;

revoke all on function ratebook.forecast_month(text, numeric, uuid) from public;
revoke all on function billing.forecast_month(text, numeric, uuid) from public;
grant execute on function ratebook.forecast_month(text, numeric, uuid) to authenticated, service_role;
grant execute on function billing.forecast_month(text, numeric, uuid) to authenticated, service_role;

comment on function ratebook.forecast_month(text, numeric, uuid) is 'The rule behind billing.forecast_month().';
comment on function billing.forecast_month(text, numeric, uuid) is
'What the current month will bring in all: credits less refunds, and for admins and the service role one row more for each currency of the cost. Owners ask for their own accounts; admins and the service role for everybody, or with owner for one lenser. time_zone: whose month and days, a name of pg_timezone_names. confidence: of the interval, from 0.5 to 0.99. so_far: up to now. expected: for the whole month, by a trend and weekdays of up to 91 whole days before today (days_of_history, from the first use on); NULL where there is none. low, high: the interval that holds what the month will bring with that confidence; NULL below 28 days of history, when expected goes by the mean of a day, and reason says so. An estimate: what changes tomorrow is in no history. Errors: invalid_argument (PT422), not_allowed (42501).';

-- from sql/75_analytics/220_function_reprice_summary.sql

create function ratebook.reprice_summary(
  p_since timestamptz,
  p_until timestamptz,
  p_by text,
  p_time_zone text,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric
) returns table (
  id uuid,
  key text,
  currency text,
  generations bigint,
  cost numeric,
  credits numeric,
  without_cost bigint,
  without_credits bigint
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads the names of hidden models; ratebook.reprice_generations() refuses all but admins and the service role.
begin
  if p_by not in ('model', 'provider', 'feature', 'lenser', 'day', 'month') then
    perform ratebook.fail('invalid_argument', 'Sums are by model, provider, feature, lenser, day or month, or of all.', null,
      jsonb_build_object('by', left(p_by, 100)));
  end if;
  perform ratebook.assert_time_zone(p_time_zone);

  return query
  with repriced as materialized (
    select
      case p_by when 'model' then r.model_id when 'provider' then m.provider_id when 'lenser' then r.lenser_id end as id,
      case
        when p_by = 'feature' then r.feature_key
        -- The milliseconds of the id are of the generation's time.
        when p_by in ('day', 'month')
          then to_char(
            ratebook.uuid_v7_time(r.generation_id) at time zone p_time_zone,
            case p_by when 'day' then 'YYYY-MM-DD' else 'YYYY-MM' end
          )
      end as label,
      r.currency,
      r.cost,
      r.credits
    from ratebook.reprice_generations(p_since, p_until, p_model, p_source, p_at, p_margin) as r
    left join ai.models as m on m.id = r.model_id
  )

  select
    s.id,
    case p_by
      when 'model' then (select m.key from ai.models as m where m.id = s.id)
      when 'provider' then (select p.key from ai.providers as p where p.id = s.id)
      when 'lenser' then s.id::text
      else s.label
    end,
    s.currency,
    s.generations,
    trim_scale(s.cost),
    trim_scale(s.credits),
    s.without_cost,
    s.without_credits
  from (
    select
      r.id,
      r.label,
      r.currency,
      count(*) as generations,
      coalesce(sum(r.cost), 0) as cost,
      coalesce(sum(r.credits), 0) as credits,
      count(*) filter (where r.cost is null) as without_cost,
      count(*) filter (where r.credits is null) as without_credits
    from repriced as r
    group by r.id, r.label, r.currency
  ) as s
  order by 2 nulls last, s.id, s.currency;
end;
$$;

create function billing.reprice_summary(
  since timestamptz,
  until timestamptz,
  by text default null,
  time_zone text default 'UTC',
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  id uuid,
  key text,
  currency text,
  generations bigint,
  cost numeric,
  credits numeric,
  without_cost bigint,
  without_credits bigint
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select r.* from ratebook.reprice_summary(since, until, by, time_zone, model, price_source, at, margin) as r;
end;

revoke all on function ratebook.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) from public;
revoke all on function billing.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) to authenticated, service_role;
grant execute on function billing.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_summary(timestamptz, timestamptz, text, text, text, text, timestamptz, numeric) is
'The rule behind billing.reprice_summary().';
comment on function billing.reprice_summary(timestamptz, timestamptz, text, text, text, text, timestamptz, numeric) is
'Admins and the service role. What if, in sums: what billing.reprice_generations() says of the generations of a period, added up, exactly. since, until, model, price_source, at, margin: as there. by: model, provider, feature, lenser, day or month; all in one unless given. time_zone: of days and months, a name of pg_timezone_names. One row for each and its currency. id: of the model (the one asked for, where one is), provider or lenser. key: its key, the feature, 2026-01-31 or 2026-01; NULL for no feature. cost and credits: what those come to that have a price, rate and policy; without_cost and without_credits: how many have none, which no sum holds. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';

-- from sql/75_analytics/225_function_preview_price.sql

create function ratebook.preview_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_effective_from timestamptz,
  p_currency text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text,
  p_since timestamptz,
  p_until timestamptz
) returns table (
  currency text,
  generations bigint,
  changed bigint,
  cost_before numeric,
  cost_after numeric,
  credits_before numeric,
  credits_after numeric,
  without_cost_before bigint,
  without_cost_after bigint,
  without_credits_before bigint,
  without_credits_after bigint
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads hidden models and everybody's generations; admins and the service role only. It writes nothing and takes
-- no lock: what the price would change is worked out beside what is written.
declare
  v_model_id uuid;
  v_followed record;
  v_from timestamptz[];
  v_rows ai.model_pricing[];
begin
  perform ratebook.assert_privileged();
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  v_model_id := ratebook.model_id(p_model, true);
  -- Whose price it would be: of the source and currency that price the model when it is set.
  v_followed := ratebook.price_source_at(v_model_id, coalesce(p_effective_from, ratebook.clock()));
  v_followed.price_source := coalesce(p_source, v_followed.price_source);
  v_followed.price_currency := coalesce(p_currency, v_followed.price_currency);
  perform ratebook.assert_price(
    p_meter, p_price, v_followed.price_currency, coalesce(p_effective_from, p_since), p_service_tier
  );

  -- From a date in the period on, what ratebook.set_price() would write. Else all the while: at its beginning, and again
  -- wherever another price of the same conditions has taken over since.
  if p_effective_from < p_until then
    v_from := array[p_effective_from];
  else
    v_from := array(
      select p_since
      union
      select p.effective_from
      from ai.model_pricing as p
      where
        (p.model_id, p.source, p.currency, p.meter, p.service_tier)
        = (v_model_id, v_followed.price_source, v_followed.price_currency, p_meter, p_service_tier)
        and p.variant is not distinct from p_variant
        and p.region is not distinct from p_region
        and p.context_threshold is null
        and p.window_start is null
        and p.effective_from > p_since
        and p.effective_from < p_until
    );
  end if;
  -- The rows as they would be written; none where that price is in force already.
  v_rows := array(
    select w.price
    from (
      select
        ratebook.price_to_set(
          v_model_id, p_meter, p_price, v_followed.price_currency, d.starts, p_service_tier, p_variant, p_region,
          v_followed.price_source, p_effective_from is distinct from d.starts, null, true
        ) as price
      from unnest(v_from) as d (starts)
      offset 0
    ) as w
    where (w.price).model_id is not null
  );

  -- The model's log by what is written, and by that and these rows: one rule for both.
  return query
  with before as materialized (
    select r.*
    from ratebook.reprice_generations(p_since, p_until, null, null, null, null, v_model_id) as r
  ),

  after as materialized (
    select r.*
    from ratebook.reprice_generations(
      p_since, p_until, null, null, null, null, v_model_id,
      case when v_rows <> '{}' then ratebook.what_if(v_rows, p_since) end
    ) as r
  )

  -- A generation has the currency that its model followed: the row changes none.
  select
    b.currency,
    count(*),
    count(*) filter (where b.cost is distinct from a.cost),
    trim_scale(coalesce(sum(b.cost), 0)),
    trim_scale(coalesce(sum(a.cost), 0)),
    trim_scale(coalesce(sum(b.credits), 0)),
    trim_scale(coalesce(sum(a.credits), 0)),
    count(*) filter (where b.cost is null),
    count(*) filter (where a.cost is null),
    count(*) filter (where b.credits is null),
    count(*) filter (where a.credits is null)
  from before as b
  inner join after as a on a.generation_id = b.generation_id
  group by b.currency
  order by b.currency;
end;
$$;

create function ai.preview_price(
  model text,
  meter text,
  price numeric,
  effective_from timestamptz default null,
  currency text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  source text default null,
  since timestamptz default ratebook.clock() - interval '720 hours',
  until timestamptz default ratebook.clock()
) returns table (
  currency text,
  generations bigint,
  changed bigint,
  cost_before numeric,
  cost_after numeric,
  credits_before numeric,
  credits_after numeric,
  without_cost_before bigint,
  without_cost_after bigint,
  without_credits_before bigint,
  without_credits_after bigint
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select p.* from ratebook.preview_price($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as p;
end;

revoke all on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) from public;
revoke all on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) from public;
grant execute on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) to authenticated, service_role;
grant execute on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) to authenticated, service_role;

comment on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) is
'The rule behind ai.preview_price().';
comment on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) is
'Admins and the service role. What a price would have done to the log, before it is written; nothing is. model, meter, price, currency, service_tier, variant, region, source: as in ai.schedule_price(). effective_from: from when on it would apply; left out, or not before until, as if it had applied all the while. since, until: the period of the log, the last 30 days unless told. One row for each currency: how many generations of the model there are, and of how many the price changes the cost; what all of them cost and come to in credits before and after, exactly what billing.reprice_generations() would say once it is written; how many have no cost or credits, which no sum holds. The log knows no service tier, variant and region: a price of one changes nothing here. Select cost_after::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model (PT409), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';

-- from policies/ratebook.usage_cells.sql

-- Computed; read by billing.usage() alone.
alter table ratebook.usage_cells enable row level security;
revoke all on ratebook.usage_cells from public, anon, authenticated, service_role;

-- from policies/ratebook.usage_rollups.sql

-- Computed; read by billing.usage() alone.
alter table ratebook.usage_rollups enable row level security;
revoke all on ratebook.usage_rollups from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '75_analytics', o.kind, o.name, o.state
from (values
  ('constraint', 'dimension_is_known on ratebook.usage_rollups', 'f2e47cc350c121d24cec3a69a6d943b1'),
  ('constraint', 'minutes_are_known on ratebook.usage_rollups', 'e1b695ba396493ce7f1d395d10d33515'),
  ('constraint', 'usage_cells_pkey on ratebook.usage_cells', '875f19d3ff6859a05ec82b438fbceffc'),
  ('constraint', 'usage_rollups_pkey on ratebook.usage_rollups', '7dff940db6b096f5d5f015d6d7311d0f'),
  ('function', 'ai.preview_price(model text, meter text, price numeric, effective_from timestamp with time zone, currency text, service_tier text, variant text, region text, source text, since timestamp with time zone, until timestamp with time zone)', 'd49635a4595c519b7cb9254e14598b85'),
  ('function', 'billing.balance_history(account uuid, since timestamp with time zone, until timestamp with time zone, bucket text, time_zone text, owner uuid)', '0e61143434bc5fac03d7fb2d16d43f23'),
  ('function', 'billing.check_usage(month date)', '728e4e0d09e43400a35f23a6435627e1'),
  ('function', 'billing.drain_usage(at_most integer)', '32ad74183d32d20a5275653cec6fe5cb'),
  ('function', 'billing.forecast_month(time_zone text, confidence numeric, owner uuid)', '547a30ca241265ffc3d83bc56c29b215'),
  ('function', 'billing.rebuild_usage(month date)', '2f1a3ebe806fc0ebe7561450cf9e1792'),
  ('function', 'billing.reprice_summary(since timestamp with time zone, until timestamp with time zone, by text, time_zone text, model text, price_source text, at timestamp with time zone, margin numeric)', '7987462458e411efe1721673e64b7548'),
  ('function', 'billing.statement(account uuid, since timestamp with time zone, until timestamp with time zone, after uuid, at_most integer, newest_first boolean, owner uuid)', 'bd7d16782175084a397de1748dbbc048'),
  ('function', 'billing.usage(since timestamp with time zone, until timestamp with time zone, bucket text, time_zone text, by text, owner uuid)', 'e6b5df9b7d216e58429fd4150964140a'),
  ('function', 'ratebook.add_usage(p_deltas ratebook.usage_deltas[], p_since timestamp with time zone, p_until timestamp with time zone)', '10c805feecee9d54affc9bf4dac29d7f'),
  ('function', 'ratebook.assert_buckets(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text)', '2e5f01f32f7dac740049d296544891b0'),
  ('function', 'ratebook.assert_time_zone(p_time_zone text)', '3f6fad54ac29d5670d8713306cb91d9c'),
  ('function', 'ratebook.balance_history(p_account_id uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text, p_owner uuid)', '7afceae3dd02ce6f8ef7563c46479d9c'),
  ('function', 'ratebook.check_usage(p_month date)', 'aff36e807c37189862f0dd7ed291c7c4'),
  ('function', 'ratebook.count_changed_generation()', '1ff0e69fe5462ff2f2c05c2d833877a5'),
  ('function', 'ratebook.count_deleted_generation()', '262e5ada065aff876fc79b5ec275e09c'),
  ('function', 'ratebook.count_inserted_generation()', '565185571838f989207f09e91f0ecafb'),
  ('function', 'ratebook.drain_usage(p_at_most integer)', 'ecc291006df69ebbcc59e8c034ee0aed'),
  ('function', 'ratebook.forecast(p_days numeric[], p_ahead integer, p_confidence numeric, OUT expected numeric, OUT low numeric, OUT high numeric)', 'ab289c55df0969a05de92e588600b32b'),
  ('function', 'ratebook.forecast_month(p_time_zone text, p_confidence numeric, p_owner uuid)', 'aeba193593336dbcd4fdb5061ad35c36'),
  ('function', 'ratebook.is_in_log(p_since timestamp with time zone, p_until timestamp with time zone)', '10f046712f882b7ae84d8f3aa577ca3f'),
  ('function', 'ratebook.latency_bucket(p_latency_ms integer, p_is_fine boolean)', 'f5c8afd883bf481141ed2ddadd080eb5'),
  ('function', 'ratebook.latency_factor(p_is_fine boolean)', '96774498a2216956bba87dfa86fa01f8'),
  ('function', 'ratebook.latency_mark(p_latency_ms integer, p_is_fine boolean)', '4d0a8a57ed71c4530e56841f2ad0c548'),
  ('function', 'ratebook.latency_quantiles(p_latencies numeric, p_requests bigint, p_is_fine boolean, p_parts numeric[])', '0879a43f25a873686cab4ba4c46d157f'),
  ('function', 'ratebook.negated(p_object jsonb)', '28502d49ef49d050f95aaa5af12f63c8'),
  ('function', 'ratebook.normal_quantile(p_probability double precision)', '533eda053c7d0071320c416415eaabf1'),
  ('function', 'ratebook.preview_price(p_model text, p_meter text, p_price numeric, p_effective_from timestamp with time zone, p_currency text, p_service_tier text, p_variant text, p_region text, p_source text, p_since timestamp with time zone, p_until timestamp with time zone)', 'dd1dca4c2cc1e8287eab5b40227014fb'),
  ('function', 'ratebook.rebuild_usage(p_month date)', 'cbd072a3210c3db1fc97ac4e075ae84a'),
  ('function', 'ratebook.reprice_summary(p_since timestamp with time zone, p_until timestamp with time zone, p_by text, p_time_zone text, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric)', 'f3ecfd3df47b5ca77cb6dcefbac6ecc7'),
  ('function', 'ratebook.shown_sums(p_objects jsonb)', '09fe4a11f865402893c7f7c368a41906'),
  ('function', 'ratebook.six_digits(p_value double precision)', '6502c01814c41b4db19b62741c6d8510'),
  ('function', 'ratebook.statement(p_account_id uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_after uuid, p_at_most integer, p_newest_first boolean, p_owner uuid)', '8700af75bd9b8fd91a065e5f802bd2e1'),
  ('function', 'ratebook.sum_objects(p_objects jsonb)', 'c285a350d7855c5c505278a770855d70'),
  ('function', 'ratebook.sums_by_key(p_column text, p_keys text[])', 'b07ae560084a461da1550f2a0f358dd3'),
  ('function', 'ratebook.usage(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text, p_by text, p_owner uuid)', '3922dd201235bd1ba55ce827aac00eb5'),
  ('function', 'ratebook.usage_edges(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text)', '28d0659675c62e38ee3de68f70aee2d6'),
  ('function', 'ratebook.usage_in_deltas(p_deltas ratebook.usage_deltas[])', '3c54e5cbf73016599a6dd7e8e17829f4'),
  ('function', 'ratebook.usage_in_log(p_since timestamp with time zone, p_until timestamp with time zone)', 'cc659de3216bb8d7de6ffdcf64d0461b'),
  ('function', 'ratebook.usage_pieces(p_edges timestamp with time zone[], p_bucket text)', 'bbd249b2c0393d1121091ef846f7f670'),
  ('index', 'ratebook.usage_cells_pkey', '25a74a524f10a5d3d0cc552292e978c4'),
  ('index', 'ratebook.usage_cells_starts_at_idx', '42051a2743ff38dde2eb11786d6ca12a'),
  ('index', 'ratebook.usage_rollups_pkey', '7bbc14a6ce07704cac946130b0338290'),
  ('privileges', 'ai.preview_price(model text, meter text, price numeric, effective_from timestamp with time zone, currency text, service_tier text, variant text, region text, source text, since timestamp with time zone, until timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.balance_history(account uuid, since timestamp with time zone, until timestamp with time zone, bucket text, time_zone text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.check_usage(month date)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.drain_usage(at_most integer)', 'service_role execute'),
  ('privileges', 'billing.forecast_month(time_zone text, confidence numeric, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.rebuild_usage(month date)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.reprice_summary(since timestamp with time zone, until timestamp with time zone, by text, time_zone text, model text, price_source text, at timestamp with time zone, margin numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.statement(account uuid, since timestamp with time zone, until timestamp with time zone, after uuid, at_most integer, newest_first boolean, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.usage(since timestamp with time zone, until timestamp with time zone, bucket text, time_zone text, by text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.add_usage(p_deltas ratebook.usage_deltas[], p_since timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.assert_buckets(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text)', ''),
  ('privileges', 'ratebook.assert_time_zone(p_time_zone text)', ''),
  ('privileges', 'ratebook.balance_history(p_account_id uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.charge_facts', ''),
  ('privileges', 'ratebook.check_usage(p_month date)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.count_changed_generation()', ''),
  ('privileges', 'ratebook.count_deleted_generation()', ''),
  ('privileges', 'ratebook.count_inserted_generation()', ''),
  ('privileges', 'ratebook.drain_usage(p_at_most integer)', 'service_role execute'),
  ('privileges', 'ratebook.forecast(p_days numeric[], p_ahead integer, p_confidence numeric, OUT expected numeric, OUT low numeric, OUT high numeric)', ''),
  ('privileges', 'ratebook.forecast_month(p_time_zone text, p_confidence numeric, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_in_log(p_since timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.latency_bucket(p_latency_ms integer, p_is_fine boolean)', ''),
  ('privileges', 'ratebook.latency_factor(p_is_fine boolean)', ''),
  ('privileges', 'ratebook.latency_mark(p_latency_ms integer, p_is_fine boolean)', ''),
  ('privileges', 'ratebook.latency_quantiles(p_latencies numeric, p_requests bigint, p_is_fine boolean, p_parts numeric[])', ''),
  ('privileges', 'ratebook.negated(p_object jsonb)', ''),
  ('privileges', 'ratebook.normal_quantile(p_probability double precision)', ''),
  ('privileges', 'ratebook.preview_price(p_model text, p_meter text, p_price numeric, p_effective_from timestamp with time zone, p_currency text, p_service_tier text, p_variant text, p_region text, p_source text, p_since timestamp with time zone, p_until timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.rebuild_usage(p_month date)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.reprice_summary(p_since timestamp with time zone, p_until timestamp with time zone, p_by text, p_time_zone text, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.shown_sums(p_objects jsonb)', ''),
  ('privileges', 'ratebook.six_digits(p_value double precision)', ''),
  ('privileges', 'ratebook.statement(p_account_id uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_after uuid, p_at_most integer, p_newest_first boolean, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.sum_objects(p_objects jsonb)', ''),
  ('privileges', 'ratebook.sums_by_key(p_column text, p_keys text[])', ''),
  ('privileges', 'ratebook.usage(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text, p_by text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.usage_cells', ''),
  ('privileges', 'ratebook.usage_edges(p_since timestamp with time zone, p_until timestamp with time zone, p_bucket text, p_time_zone text)', ''),
  ('privileges', 'ratebook.usage_in_deltas(p_deltas ratebook.usage_deltas[])', ''),
  ('privileges', 'ratebook.usage_in_log(p_since timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.usage_pieces(p_edges timestamp with time zone[], p_bucket text)', ''),
  ('privileges', 'ratebook.usage_rollups', ''),
  ('table', 'ratebook.usage_cells', 'c89ea290413e9d96f4bb31cd2b661a48'),
  ('table', 'ratebook.usage_rollups', 'e23d0b9a0dbf9cc9cce56a2a92601dd3'),
  ('trigger', 'generations_count_changed on ai.generations', 'ded30859d817c8ae7551dea033a19ae6'),
  ('trigger', 'generations_count_deleted on ai.generations', '8f29ba413ac86ac06e56d01f73415582'),
  ('trigger', 'generations_count_inserted on ai.generations', 'a08f774ff64326fef85909f85112d482'),
  ('type', 'billing.usage_bucket', '8d8c6315187729aa892990509b037b8f'),
  ('type', 'ratebook.usage_fact', '80d873d8f8e0c817361633adf6ee3079'),
  ('view', 'ratebook.charge_facts', '31bcce924fef5ad5ef2d1e15218e5f4b')
) as o (kind, name, state);

select ratebook.close_privileges('75_analytics');
