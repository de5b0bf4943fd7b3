begin;
set local search_path = tap, pg_catalog;
select plan(22);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 10, 'a', 0);
select billing.grant_credits(tests.user_id('ada'), 10, 'b', 1);

create temporary table answers as
select billing.authorize_credits(tests.user_id('ada'), 12, expires_in => '1 hour') as answer;
select is(
  (select answer - 'hold_id' from answers),
  jsonb_build_object(
    'account_id', tests.user_id('ada'), 'amount', '12', 'expires_at', '2030-01-15T13:00:00+00:00'::text, 'warnings', '[]'::jsonb,
    'balance', '{"posted": "20", "reserved": "12", "available": "8", "debt": "0"}'::jsonb
  ),
  'the answer says what is left'
);
select is(tests.lots('ada'), 'a 10 10, b 10 2', 'it reserves lots in burn order');
select is(
  (
    select jsonb_agg(k.value order by g.source)
    from billing.holds as h
    cross join jsonb_each(h.lots) as k
    inner join billing.grants as g on g.id = k.key::uuid
  ), '[10, 2]', 'and knows how much of each'
);
select is(tests.entries('ada', 2), null, 'the ledger says nothing of it');
select tests.charge('ada', 8);
select is(tests.lots('ada'), 'a 10 10, b 2 2', 'a charge goes past what is reserved');
select tests.refused($$select tests.charge('ada', 1)$$, 'insufficient_credits', 'PT402', 'and can have no more');
select tests.refused($$select tests.hold('ada', 1)$$, 'insufficient_credits', 'PT402', 'nor can a second hold');
select is(
  tests.error_of($$select tests.hold('ada', 1.5)$$) -> 'detail',
  jsonb_build_object(
    'error', 'insufficient_credits', 'account', tests.user_id('ada'), 'balance', '12', 'held', '12',
    'overdraft_limit', '0', 'needed', '1.5'
  ),
  'the detail names balance, held and needed'
);

-- Priced by model and usage; the model may be named beside an amount.
select billing.grant_credits(tests.user_id('ada'), 100, 'c', 2);
select is(
  billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => '{"input": 7}') ->> 'amount', '7',
  'what the expected usage costs'
);
select is(
  billing.authorize_credits(tests.user_id('ada'), 3, model => 'm', usage => '{"input": 7}') ->> 'amount', '3',
  'an amount goes before it'
);
select is(
  (select count(*) from billing.holds where model_id = tests.model_id('m') and usage = '{"input": 7}'), 2::bigint,
  'both remember what for'
);
select is(
  billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => '{"input": 0}') ->> 'amount', '0',
  'what costs nothing is held too'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'))$$, 'invalid_argument', 'PT422', 'nothing says how much'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), usage => '{"input": 1}')$$, 'invalid_argument', 'PT422',
  'nor does a usage of no model'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), 1, model => 'none')$$, 'unknown_model', 'PT404', 'no such model'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), 1, feature => 'none')$$, 'unknown_feature', 'PT404',
  'no such feature'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('nobody'), 1)$$, 'unknown_account', 'PT404', 'no such account'
);
update ai.models set is_active = false where key = 'm';
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), 1, model => 'm')$$, 'inactive_model', 'PT409',
  'a model that is switched off'
);
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => '{"input": 1}')$$, 'inactive_model',
  'PT409', 'with a usage too'
);
delete from ai.models where key = 'm';
select tests.refused(
  format($$select billing.authorize_credits(tests.user_id('ada'), 1, model => %L)$$, (select id from ai.models where key = 'm')),
  'inactive_model', 'PT409', 'or deleted'
);
select is(
  (select count(*) from billing.holds), 4::bigint, 'four holds'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
