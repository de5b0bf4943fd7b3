-- The end of a front: what it has beside the API, whose schemas are there by now.

create function shards.refused(
  p_state text, p_message text, p_detail text, p_hint text, p_indexes bigint[]
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $front$
-- What each request of a shard's part of a batch is answered that the shard refused.
declare
  v_state text;
  v_said text;
  v_detail text;
  v_hint text;
  v_details jsonb;
  v_refused jsonb;
begin
  begin
    perform shards.raise_again(p_state, p_message, p_detail, p_hint);
  exception when others then
    get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
      v_hint = pg_exception_hint;
  end;
  -- What is no error of Ratebook's has no JSON; its words are kept.
  if v_detail like '{%' then
    v_details := v_detail::jsonb;
  elsif v_detail <> '' then
    v_details := to_jsonb(v_detail);
  end if;
  -- The shard counts the requests that it got.
  if v_details ? 'index' then
    v_details := v_details || jsonb_build_object('index', p_indexes[1 + (v_details ->> 'index')::integer]);
  end if;
  v_refused := jsonb_build_object(
    'refused', jsonb_build_object('code', v_state, 'message', v_said, 'details', v_details, 'hint', v_hint)
  );
  return (select jsonb_agg(v_refused) from unnest(p_indexes));
end;
$front$;

revoke all on function shards.refused(text, text, text, text, bigint[]) from public;
grant execute on function shards.refused(text, text, text, text, bigint[]) to service_role;

create function shards."lensers.add_lenser"(p_place integer, p_1 uuid) returns boolean -- noqa: RF05
language plproxy volatile
as $proxy$
  cluster 'ratebook';
  run on p_place;
  select * from shards.add_lenser(p_1);
$proxy$;
revoke all on function shards."lensers.add_lenser" from public; -- noqa: RF05
grant execute on function shards."lensers.add_lenser" to service_role; -- noqa: RF05

create function lensers.add_lenser(lenser uuid, owner uuid default null) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $front$
declare
  v_state text;
  v_said text;
  v_detail text;
  v_hint text;
begin
  return shards."lensers.add_lenser"(shards.enter(coalesce(owner, lenser), true), lenser);
exception when others then
  get stacked diagnostics v_state = returned_sqlstate, v_said = message_text, v_detail = pg_exception_detail,
    v_hint = pg_exception_hint;
  perform shards.raise_again(v_state, v_said, v_detail, v_hint);
end;
$front$;

revoke all on function lensers.add_lenser(uuid, uuid) from public;
grant execute on function lensers.add_lenser(uuid, uuid) to service_role;

comment on function lensers.add_lenser(uuid, uuid) is
'Service role only; of the front alone. Makes a lenser known on its shard, before its first grant. lenser: the id of the person. owner: the owner of an account elsewhere, of which the lenser becomes a member: makes the lenser known on that shard as well. Returns false for one who is known there. Safe to repeat. Errors: shard_unavailable, partition_is_moving (PT503).';
