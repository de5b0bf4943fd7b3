create function ratebook.wrong_state(p_message text, p_hint text, p_kind text, p_state text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('wrong_state', p_message, p_hint, jsonb_build_object('of', p_kind, 'state', p_state));
end;
$$;

revoke all on function ratebook.wrong_state(text, text, text, text) from public;

comment on function ratebook.wrong_state(text, text, text, text) is
'Refuses what the state of an evaluation or a run (p_kind) forbids. Error: wrong_state (PT409).';
