create function ratebook.is_a_feed_name(p_name jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(jsonb_typeof(p_name) = 'string' and p_name #>> '{}' ~ '^\S(.{0,253}\S)?$', false);

create function ratebook.are_feed_names(p_names jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case jsonb_typeof(p_names)
    when 'array'
      then
        not exists (
          select from jsonb_array_elements(p_names) as n (name)
          where not ratebook.is_a_feed_name(n.name)
        )
    else p_names is null
  end;
end;

create function ratebook.reads_as(p_text text, p_type text) returns boolean
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_type
    when 'date' then ratebook.is_date(p_text::date)
    when 'time' then ratebook.is_time(p_text::timestamptz)
    when 'zone' then isfinite(timestamptz 'epoch' at time zone p_text)
  end;
exception
  when data_exception then
    return false;
end;
$$;

create function ratebook.feed_problems(p_source text, p_models jsonb) returns table (number bigint, problem text)
language sql stable
set search_path = pg_catalog, pg_temp
-- What is no feed at all is told first: the checks below it could not read it.
begin atomic
  -- Anything may come in: each step takes apart only what has the type that it reads.
  with models as materialized (
    select
      e.number,
      e.model,
      jsonb_typeof(e.model) = 'object' as is_object
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
  ),

  -- Prices keep their model's number, by which a sentence tells where to look.
  prices as materialized (
    select
      m.number,
      p.price,
      left(p.price ->> 'meter', 60) as meter,
      jsonb_typeof(p.price) = 'object' as is_object
    from models as m
    cross join
      lateral jsonb_array_elements(
        case when jsonb_typeof(m.model -> 'prices') = 'array' then m.model -> 'prices' end
      ) as p (price)
    where m.is_object
  ),

  -- Few distinct ones, however many prices: each is tried once.
  zones as materialized (
    select
      z.name,
      ratebook.reads_as(z.name, 'zone') as is_known
    from (
      select distinct p.price ->> 'window_time_zone' as name from prices as p
      where p.is_object
    ) as z
    where z.name is not null
  )

  -- The feed as a whole: these have no number.
  select
    null::bigint as number,
    'The source is not a lower-case name of at most 100 characters.' as problem
  where p_source is null or p_source !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
  union all
  select
    null as number,
    'The models are not a JSON array.' as problem
  where jsonb_typeof(p_models) is distinct from 'array'
  union all
  select
    null as number,
    'The feed has no models.' as problem
  where p_models = '[]'
  union all
  select
    m.number,
    'it is not a JSON object.' as problem
  from models as m
  where not m.is_object
  union all
  -- What its reader has given up on.
  select
    m.number,
    left(m.model ->> 'problem', 300)
  from models as m
  where m.is_object and m.model ->> 'problem' is not null
  union all
  -- Each model: what becomes its key, names and columns fits them.
  select
    m.number,
    c.problem
  from models as m
  cross join
    lateral (
      values
      (
        jsonb_typeof(m.model -> 'provider') is distinct from 'string'
        or m.model ->> 'provider' !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
        or m.model ->> 'provider' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-',
        'its provider is not a lower-case key of at most 100 characters.'
      ),
      (
        not ratebook.is_a_feed_name(m.model -> 'provider_model_key')
        or length(concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key', p_source)) > 255,
        'its provider_model_key is not a name, or longer than 255 characters with provider and source.'
      ),
      (not ratebook.is_a_feed_name(m.model -> 'name'), 'its name is not one of at most 255 characters.'),
      (
        m.model ? 'provider_name' and not ratebook.is_a_feed_name(m.model -> 'provider_name'),
        'its provider_name is not one of at most 255 characters.'
      ),
      -- Prices of another type are skipped by the step above, and would be lost without a word.
      (jsonb_typeof(m.model -> 'prices') <> 'array', 'its prices are not a JSON array.'),
      (
        jsonb_typeof(m.model -> 'attributes') <> 'object',
        'its attributes are not a JSON object.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'aliases'),
        'its aliases are not a JSON array of names of at most 255 characters.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'unmapped'),
        'its unmapped keys are not a JSON array of names of at most 255 characters.'
      ),
      -- Attributes become typed columns: a value that does not fit would end the whole import with a worse sentence.
      (
        exists (
          select from
            jsonb_each_text(
              case when jsonb_typeof(m.model -> 'attributes') = 'object' then m.model -> 'attributes' else '{}' end
            ) as a
          where
            (a.key in ('context_window', 'max_tokens') and (a.value !~ '^[1-9]\d{0,9}$' or a.value::bigint > 2147483647))
            or (a.key in ('modality', 'task') and a.value !~ '^\S.{0,100}$')
        ),
        'context_window and max_tokens are not whole numbers, or modality and task are not names.'
      ),
      -- Names of features are free, those of capabilities are not.
      (
        not ratebook.are_feed_names(m.model #> '{attributes,supports}')
        or not ratebook.are_feed_names(m.model #> '{attributes,capabilities}')
        or exists (
          select from
            jsonb_array_elements_text(
              case
                when jsonb_typeof(m.model #> '{attributes,capabilities}') = 'array'
                  then m.model #> '{attributes,capabilities}'
              end
            ) as c (name)
          where c.name <> all(enum_range(null::ai.ai_capability_enum)::text[])
        ),
        'supports and capabilities are not JSON arrays of names, or of known capabilities.'
      ),
      -- As do these: what PostgreSQL would refuse in the middle of the import is found here, with the model's name.
      (
        m.model #>> '{attributes,status}' <> all(enum_range(null::ai.model_status_enum)::text[]),
        'its status is not one of ai.model_status_enum.'
      ),
      (
        not ratebook.reads_as(m.model #>> '{attributes,release_date}', 'date')
        or not ratebook.reads_as(m.model #>> '{attributes,deprecation_date}', 'date'),
        'its release_date or deprecation_date is not a date.'
      ),
      (
        length(m.model #>> '{attributes,model_family}') > 255
        or not ratebook.is_text(m.model #>> '{attributes,description}')
        or not ratebook.is_text(m.model #>> '{attributes,provider_url}'),
        'its description, provider_url or model_family is too long.'
      )
    ) as c (is_wrong, problem)
  where m.is_object and c.is_wrong
  union all
  -- One model says one thing. Word for word the same is no contradiction: the first of them is read.
  select
    m.number,
    'it is in the feed twice, and the two do not say the same.' as problem
  from (
    select
      o.number,
      min(o.model::text) over w <> max(o.model::text) over w as contradicts
    from models as o
    where o.is_object
    window w as (partition by o.model ->> 'provider', o.model ->> 'provider_model_key')
  ) as m
  where m.contradicts
  union all
  -- Every set of windows that may be open at once has sheets of its own, and six make 64.
  select
    m.number,
    'it has prices for more than six daily windows.' as problem
  from prices as m
  where m.is_object and m.price ->> 'window_start' is not null
  group by m.number
  having
    count(
      distinct row(
        m.price ->> 'window_start', m.price ->> 'window_end', m.price ->> 'window_days', m.price ->> 'window_time_zone'
      )
    ) > 6
  union all
  select
    p.number,
    'a price is not a JSON object.' as problem
  from prices as p
  where not p.is_object
  union all
  -- Each price: a meter, a number and conditions that a row of ai.model_pricing can hold.
  select
    p.number,
    format('price of %s: %s', coalesce(p.meter, 'no meter'), c.problem)
  from prices as p
  cross join
    lateral (
      values
      (
        not exists (
          select from ai.meters as t
          where t.key = p.price ->> 'meter'
        ),
        'there is no such meter.'
      ),
      (
      -- Any JSON number, or one as a string, and not absurdly long. Null ends the price before, on a date.
        case
          when jsonb_typeof(p.price -> 'price') = 'null' then not p.price ? 'effective_from'
          when coalesce(p.price ->> 'price', '') !~ '^\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?$' then true
          else not ratebook.is_price((p.price ->> 'price')::numeric)
        end,
        format('%s is not a number from 0 to below 1000000.', coalesce(to_json(left(p.price ->> 'price', 60))::text, 'none'))
      ),
      -- Conditions decide to whom a price applies: one that is misspelt would price nobody, or everybody.
      (
        p.price ? 'service_tier'
        and not exists (
          select from ai.service_tiers as t
          where t.key = p.price ->> 'service_tier'
        ),
        format('there is no service tier "%s".', left(p.price ->> 'service_tier', 60))
      ),
      (p.price ? 'currency' and p.price ->> 'currency' !~ '^[A-Z]{3}$', 'its currency is not an ISO 4217 code.'),
      (
        (p.price ? 'variant' and not ratebook.is_a_feed_name(p.price -> 'variant'))
        or (p.price ? 'region' and not ratebook.is_a_feed_name(p.price -> 'region')),
        'its variant or region is not a name of at most 255 characters.'
      ),
      -- Missing has a meaning, a value of another type has none.
      (
        p.price ? 'context_threshold' and p.price ->> 'context_threshold' !~ '^[1-9]\d{0,17}$',
        'its context_threshold is not a whole number of tokens.'
      ),
      (
        p.price ? 'threshold_inclusive' and jsonb_typeof(p.price -> 'threshold_inclusive') <> 'boolean',
        'its threshold_inclusive is not true or false.'
      ),
      (
        p.price ? 'tier_mode' and p.price ->> 'tier_mode' not in ('whole_request', 'marginal'),
        'its tier_mode is not whole_request or marginal.'
      ),
      -- A window is told whole or not at all.
      (
        num_nulls(
          p.price ->> 'window_start', p.price ->> 'window_end', p.price ->> 'window_days',
          p.price ->> 'window_time_zone'
        ) not in (0, 4)
        or p.price ->> 'window_start' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_end' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_start' = p.price ->> 'window_end'
        or p.price ->> 'window_days' !~ '^([1-9]|[1-9]\d|1[01]\d|12[0-7])$'
        or exists (
          select from zones as z
          where z.name = p.price ->> 'window_time_zone' and not z.is_known
        ),
        'its window is not a start, another end, weekdays from 1 to 127 and a time zone.'
      ),
      (
        p.price ? 'effective_from'
        and (
          coalesce(p.price ->> 'effective_from', '') !~ '^\d{4}-\d\d-\d\d'
          or not ratebook.reads_as(p.price ->> 'effective_from', 'time')
        ),
        'its effective_from is not a time.'
      )
    ) as c (is_wrong, problem)
  where p.is_object and c.is_wrong;
end;

revoke all on function ratebook.is_a_feed_name(jsonb) from public;
revoke all on function ratebook.are_feed_names(jsonb) from public;
revoke all on function ratebook.reads_as(text, text) from public;
revoke all on function ratebook.feed_problems(text, jsonb) from public;

comment on function ratebook.is_a_feed_name(jsonb) is
'Whether a value is a JSON string of 1 to 255 characters without blanks around it.';
comment on function ratebook.are_feed_names(jsonb) is
'Whether a value is a JSON array of such strings, or missing.';
comment on function ratebook.reads_as(text, text) is
'Whether a text can be read as a date, a time or the name of a time zone, and in bounds; NULL for NULL.';
comment on function ratebook.feed_problems(text, jsonb) is
'What is wrong with a feed, none for a sound one. number: which model, from 1, and what it says is then left out; NULL: there is no feed in it at all.';
