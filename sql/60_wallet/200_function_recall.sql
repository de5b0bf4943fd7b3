create function ratebook.refuse_key(p_operation text, p_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'idempotency_conflict', format('The key "%s" was used for another request.', left(p_key, 100)),
    'Repeat the first request, or take a new key.',
    jsonb_build_object('key', left(p_key, 100), 'operation', p_operation)
  );
end;
$$;

create function ratebook.recall(
  p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_request jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known record;
begin
  if p_key is null then
    return null;
  elsif char_length(p_key) not between 1 and 255 then
    perform ratebook.fail('invalid_argument', 'An idempotency key has 1 to 255 characters.');
  end if;
  select k.request, k.response into v_known
  from billing.idempotency_keys as k
  where
    k.account_id = p_account_id
    and k.operation = p_operation
    and k.key = p_key
    and k.lenser_id is not distinct from p_lenser_id;
  if v_known.request <> p_request then
    perform ratebook.refuse_key(p_operation, p_key);
  end if;
  return v_known.response;
end;
$$;

create function ratebook.recall_own(
  p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_is_own boolean, p_request jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.recall(p_account_id, p_lenser_id, p_operation, p_key, p_request);
exception
  when sqlstate 'PT409' then
    -- Of a key that the caller gave; without one it is what happened once, in another way, and its state says so.
    if not p_is_own then
      raise;
    end if;
    return null;
end;
$$;

create function ratebook.remember(
  p_account billing.accounts, p_operation text, p_key text, p_request jsonb, p_response jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_key is not null then
    insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
    values (p_account.id, p_account.lenser_id, p_operation, p_key, p_request, p_response, p_account.updated_at);
  end if;
  return p_response;
end;
$$;

revoke all on function ratebook.refuse_key(text, text) from public;
revoke all on function ratebook.recall(uuid, uuid, text, text, jsonb) from public;
revoke all on function ratebook.recall_own(uuid, uuid, text, text, boolean, jsonb) from public;
revoke all on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) from public;

comment on function ratebook.refuse_key(text, text) is
'Refuses a key that another request has used. Error: idempotency_conflict (PT409).';
comment on function ratebook.recall(uuid, uuid, text, text, jsonb) is
'The first answer to a request with a key; NULL for a new one. The owner finds the key and is no part of the request. Ask again once the account is locked. Error: idempotency_conflict (PT409).';
comment on function ratebook.recall_own(uuid, uuid, text, text, boolean, jsonb) is
'ratebook.recall() for what happens once: without a key it is its own (p_is_own), and then another request finds nothing. Error: idempotency_conflict (PT409).';
comment on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) is
'Keeps the answer to a request with a key, in the transaction of its effect; returns the answer.';
