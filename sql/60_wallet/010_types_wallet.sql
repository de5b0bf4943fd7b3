create type billing.hold_status_enum as enum ('open', 'captured', 'released', 'expired');
create type billing.entry_kind_enum as enum (
  'grant', 'repayment', 'charge', 'refund', 'expiry', 'revocation', 'move'
);
create type billing.budget_period_enum as enum ('day', 'week', 'month');

-- NaN and infinities never enter. A domain says so once for all columns, at a fraction of the time of a CHECK of the
-- table, which every statement that writes parses anew.
create domain billing.amount as numeric
constraint amount_is_not_negative_and_finite check (value >= 0 and value < 'Infinity');
create domain billing.signed_amount as numeric
constraint amount_is_finite check (value > '-Infinity' and value < 'Infinity');
create domain billing.positive_amount as numeric
constraint amount_is_positive check (value > 0 and value < 'Infinity');
create domain billing.entry_amount as numeric
constraint amount_is_not_zero check (value <> 0 and value > '-Infinity' and value < 'Infinity');
create domain billing.entry_number as bigint
constraint number_is_positive check (value > 0);
create domain billing.idempotency_key as text
constraint key_is_a_name check (char_length(value) between 1 and 255);
create domain billing.account_name as text
constraint name_is_short check (char_length(value) <= 200);
create domain billing.burn_priority as integer
constraint priority_is_not_negative check (value >= 0);
create domain billing.moment as timestamptz
constraint moment_is_finite check (isfinite(value));
create domain billing.lot_source as text
constraint source_is_a_name check (value ~ '^\S(.{0,98}\S)?$');
create domain billing.external_ref as text
constraint external_ref_is_short check (char_length(value) between 1 and 255);
-- What people enter is bounded; sums may be more. Not domains over these: type generators know only one level.
create domain billing.limit_amount as numeric
constraint amount_is_not_negative_and_finite check (value >= 0 and value < 'Infinity')
constraint limit_is_within_bounds check (ratebook.is_amount(value));
create domain billing.signed_limit_amount as numeric
constraint amount_is_finite check (value > '-Infinity' and value < 'Infinity')
constraint limit_is_within_bounds check (ratebook.is_amount(value));

comment on domain billing.limit_amount is 'A limit that people set, in credits: not negative, up to 1e12.';
comment on domain billing.signed_limit_amount is 'A mark that people set, in credits: from -1e12 to 1e12.';
comment on domain billing.positive_amount is 'Credits that come in: more than 0, and finite.';
comment on domain billing.entry_amount is 'Credits in, or out (negative): not 0, and finite.';
comment on domain billing.entry_number is 'The place of an entry in its account, from 1.';
comment on domain billing.idempotency_key is 'A name that the caller chose: 1 to 255 characters.';
comment on domain billing.account_name is 'A name to show: at most 200 characters.';
comment on domain billing.burn_priority is 'Which lot burns first: the lower one; not negative.';
comment on domain billing.moment is 'A time that comes: not infinity.';
comment on domain billing.lot_source is 'Where a lot comes from: a name of 1 to 100 characters, without blanks around it.';
comment on domain billing.external_ref is 'Id of an event elsewhere: 1 to 255 characters.';
comment on domain billing.amount is 'Credits, or money: not negative, and finite.';
comment on domain billing.signed_amount is 'Credits in or out, or a balance: finite.';
comment on type billing.hold_status_enum is
'open: it keeps credits back; captured: it became a charge; released: given back; expired: timed out. A timed-out hold counts as expired at once, even where it still reads open.';
comment on type billing.entry_kind_enum is
'grant: credits came in; repayment: a grant paid debt (two entries that cancel each other); charge: credits were spent; refund: a charge was taken back; expiry: the rest of a lot ended; revocation: a payment was taken back, from its lot or as debt; move: credits went to another account, or came from one.';
comment on type billing.budget_period_enum is 'A day, a week from Monday on, or a month, in the budget''s time zone.';
