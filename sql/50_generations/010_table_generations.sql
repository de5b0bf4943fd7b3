-- Domains, and not CHECKs of the table, which every statement that writes parses anew.
create domain ai.token_count as integer
constraint token_count_is_not_negative check (value >= 0);
create domain ai.latency as integer
constraint latency_ms_is_not_negative check (value >= 0);
create domain ai.quality_rating as smallint
constraint quality_rating_is_one_to_five check (value between 1 and 5);

comment on domain ai.token_count is 'A number of tokens: not negative.';
comment on domain ai.latency is 'Milliseconds: not negative.';
comment on domain ai.quality_rating is 'How good it was, from 1 to 5.';

create table ai.generations (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null default ratebook.uid(),
  model_id uuid not null,
  media_id uuid,
  feature_key text,
  prompt text,
  output text,
  token_count ai.token_count,
  usage jsonb,
  status ai.generation_status_enum not null default 'pending',
  latency_ms ai.latency,
  quality_rating ai.quality_rating,
  created_at timestamptz not null default '-infinity',
  constraint generations_pkey primary key (id, lenser_id),
  constraint generations_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint generations_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  -- With the owner in the key, not even a change of owner at the same moment leaves another's media here.
  constraint generations_media_id_fkey foreign key (media_id, lenser_id)
  references content.media_library (id, lenser_id) on delete set null (media_id)
) partition by range (id);

-- An owner's newest, by either order.
create index generations_lenser_id_id_idx on ai.generations (lenser_id, id);
create index generations_lenser_id_created_at_id_idx on ai.generations (lenser_id, created_at, id);
create index generations_model_id_idx on ai.generations (model_id);
-- Most make no media.
create index generations_media_id_idx on ai.generations (media_id, lenser_id) where media_id is not null;

create function ratebook.refuse_columns_of_others() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_column text := case
    when new.usage is not null then 'usage'
    when new.status <> 'pending' then 'status'
    when new.latency_ms is not null then 'latency_ms'
    when new.quality_rating is not null then 'quality_rating'
    when new.created_at <> '-infinity' then 'created_at'
  end;
begin
  if new.lenser_id is not null and new.lenser_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', '"lenser_id" names another lenser.', 'Leave it out, or name yourself.',
      '{"column": "lenser_id"}');
  elsif v_column is not null then
    perform ratebook.fail('not_allowed', format('"%s" is not yours to set.', v_column),
      'Leave it out: a backend sets it, with the service role.', jsonb_build_object('column', v_column));
  end if;
  return new;
end;
$$;

create function ratebook.enforce_media_owner() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the answer is the same for another's media as for media that is not there, whoever asks.
begin
  if not exists (
    select from content.media_library as l where l.id = new.media_id and l.lenser_id = new.lenser_id
  ) then
    perform ratebook.fail(
      'media_not_owned', format('Media %s does not belong to lenser %s.', new.media_id, new.lenser_id),
      'Use media of the lenser who owns the generation.', jsonb_build_object('media_id', new.media_id)
    );
  end if;
  return new;
end;
$$;

create function ratebook.complete_log_entry() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.ensure_profile_of(new.lenser_id);
  if new.usage is not null then
    perform ratebook.assert_usage(new.usage);
  end if;
  new.created_at := ratebook.uuid_v7_time(new.id);
  return new;
end;
$$;

create function ratebook.check_usage_changed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_usage(new.usage);
  return new;
end;
$$;

create function ratebook.drop_content_of_erased() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the profile whoever writes.
begin
  if exists (select from lensers.profiles as p where p.id = new.lenser_id and p.erased_at is not null for key share) then
    new.prompt := null;
    new.output := null;
    new.media_id := null;
  end if;
  return new;
end;
$$;

revoke all on function ratebook.refuse_columns_of_others() from public;
revoke all on function ratebook.drop_content_of_erased() from public;
revoke all on function ratebook.enforce_media_owner() from public;
revoke all on function ratebook.complete_log_entry() from public;
revoke all on function ratebook.check_usage_changed() from public;
comment on function ratebook.refuse_columns_of_others() is
'Row trigger before an insert by an owner: refuses another''s lenser_id, and what backends set. Error: not_allowed (42501), which names the column.';
comment on function ratebook.enforce_media_owner() is
'Row trigger: the media of a generation belongs to its lenser. Error: media_not_owned (42501).';
comment on function ratebook.drop_content_of_erased() is
'Row trigger before update: a call that ends after its lenser was erased leaves figures, no content.';
comment on function ratebook.complete_log_entry() is
'Row trigger on what is logged without a time, which no API role can give: the time is that of the id, its lenser gets a profile, and what is logged as usage can be priced later. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404), invalid_usage, unknown_meter and others of usages (PT422).';
comment on function ratebook.check_usage_changed() is
'Row trigger: a usage that is set later can be priced, too. Errors: those of usages (PT422).';

-- By its name the first: what the others say of another lenser is nobody's to know. Backends pass it by.
create trigger ai_generations_columns_enforce before insert on ai.generations
for each row when (row_security_active('ai.generations'::regclass)) execute function ratebook.refuse_columns_of_others();
create trigger ai_generations_media_owner_enforce before insert or update of media_id, lenser_id on ai.generations
for each row when (new.media_id is not null) execute function ratebook.enforce_media_owner();
-- A charge brings its time, and has seen to the rest.
create trigger generations_complete before insert on ai.generations
for each row when (new.created_at = '-infinity') execute function ratebook.complete_log_entry();
create trigger generations_check_usage before update of usage on ai.generations
for each row when (new.usage is not null) execute function ratebook.check_usage_changed();
create trigger generations_drop_content_of_erased before update of prompt, output, media_id on ai.generations
for each row when (num_nonnulls(new.prompt, new.output, new.media_id) > 0)
execute function ratebook.drop_content_of_erased();
create trigger generations_refuse_truncate before truncate on ai.generations
for each statement execute function ratebook.refuse_change(
  'Detach old months with `ratebook months detach` instead.'
);

alter table ai.generations enable always trigger generations_refuse_truncate;

select ratebook.make_partitions('ai.generations', ratebook.clock(), ratebook.clock() + interval '24 months');

comment on table ai.generations is
'The generation log, in monthly partitions. The database makes id and created_at. Owners create and delete their rows, with lenser_id (their own), model_id, media_id, prompt, output, token_count and feature_key; usage, status, latency_ms and quality_rating are a backend''s to set, and refused by name.';
comment on column ai.generations.id is 'UUIDv7: its time is created_at, and it decides the partition.';
comment on column ai.generations.lenser_id is 'The owner: the signed-in user, who may also say so; the service role names another.';
comment on column ai.generations.model_id is 'The model that was asked.';
comment on column ai.generations.media_id is 'What it made or used; of the same owner.';
comment on column ai.generations.feature_key is 'The feature it was for, by the key of its time; not a foreign key, so that the log outlives renames.';
comment on column ai.generations.prompt is 'What was asked; NULL after erasure.';
comment on column ai.generations.output is 'What was answered; NULL after erasure.';
comment on column ai.generations.token_count is 'Tokens as the owner counted them, or the backend. Money never comes from here.';
comment on column ai.generations.usage is 'Meters and quantities as the backend counted them.';
comment on column ai.generations.status is 'How far it got.';
comment on column ai.generations.latency_ms is 'How long the model took, in milliseconds.';
comment on column ai.generations.quality_rating is '1 (poor) to 5 (excellent).';
comment on column ai.generations.created_at is 'When it was made: the time inside id, to the microsecond.';

select ratebook.show_all_to_admins('ai.generations');
