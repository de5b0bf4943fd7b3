begin;
set local search_path = tap, pg_catalog;
select plan(69);

create temporary table tokens (token text, code text);
insert into tokens values
('estimated_count', 'PT400'), ('query_plan', 'PT400'),
('unknown_model', 'PT404'), ('unknown_feature', 'PT404'), ('unknown_lenser', 'PT404'), ('unknown_generation', 'PT404'),
('unknown_account', 'PT404'), ('unknown_hold', 'PT404'), ('unknown_charge', 'PT404'),
('insufficient_credits', 'PT402'), ('budget_exceeded', 'PT402'), ('member_limit_exceeded', 'PT402'),
('ambiguous_model', 'PT409'), ('append_only', 'PT409'), ('idempotency_conflict', 'PT409'), ('hold_not_open', 'PT409'),
('already_charged', 'PT409'), ('unknown_lot', 'PT404'), ('revocation_exceeds_grant', 'PT409'),
('lot_is_held', 'PT409'), ('not_estimated', 'PT409'), ('already_settled', 'PT409'), ('already_refunded', 'PT409'), ('not_empty', 'PT409'),
('inactive_model', 'PT409'), ('refund_exceeds_charge', 'PT409'), ('duplicate_rate_card', '23505'),
('in_use', '2BP01'), ('default_model', 'PT409'), ('pins_undecided', 'PT409'), ('locked', '55P03'),
('deleted_model', 'PT409'), ('invalid_amount', 'PT422'),
('invalid_usage', 'PT422'), ('unknown_meter', 'PT422'), ('unknown_format', 'PT422'), ('invalid_feed', 'PT422'),
('unknown_service_tier', 'PT422'), ('stated_price', 'PT422'), ('contradiction', 'PT422'), ('invalid_size', 'PT422'),
('not_a_number', 'PT422'), ('negative_quantity', 'PT422'), ('quantity_out_of_range', 'PT422'), ('no_price', 'PT422'),
('no_credit_rate', 'PT422'), ('no_margin_policy', 'PT422'), ('invalid_time', 'PT422'), ('invalid_argument', 'PT422'),
('unknown_provider', 'PT422'), ('cyclic_fallback', 'PT422'), ('too_many_windows', 'PT422'), ('owner_required', 'PT422'),
('month_not_made', 'PT503'), ('not_allowed', '42501'), ('media_not_owned', '42501'),
('unknown_evaluation', 'PT404'), ('unknown_run', 'PT404'), ('unknown_contender', 'PT404'), ('unknown_judge', 'PT404'),
('unknown_submission', 'PT404'), ('wrong_state', 'PT409'), ('self_judging', 'PT409'),
('not_entitled', '42501'), ('erased_lenser', '42501');

select tests.refused(
  format('select ratebook.fail(%L, %L)', token, 'No.'), token, code, token
) from tokens order by token;
select tests.refused(
  'select ratebook.fail(''no_such_token'', ''No.'')', 'Ratebook has no error called no_such_token.', 'XX000',
  'an unknown token is a defect of ours'
);
select is(
  tests.error_of($$select ratebook.fail('no_price', 'A sentence.', 'Do this.', '{"meter": "input"}')$$),
  '{
    "code": "PT422", "message": "A sentence.", "hint": "Do this.", "constraint": "", "column": "",
    "detail": {"error": "no_price", "meter": "input"}
  }'::jsonb,
  'message, hint and detail arrive as they were given'
);

select set_eq(
  $$
  select found.token[1]
  from pg_catalog.pg_proc as p
  cross join regexp_matches(p.prosrc, 'when ''(\w+)'' then', 'g') as found (token)
  where p.oid = 'ratebook.fail'::regproc
  $$,
  'select token from tokens',
  'the table of codes has these tokens and no other'
);
select is_empty(
  $$
  select f.signature, found.token[1]
  from tests.functions as f
  cross join regexp_matches(pg_get_functiondef(f.oid), 'ratebook\.fail\(\s*''(\w+)''', 'g') as found (token)
  where f.prokind = 'f' and found.token[1] not in (select t.token from tokens as t)
  $$,
  'no function raises a token that the table does not have'
);

select * from finish();
rollback;
