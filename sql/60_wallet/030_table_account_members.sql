create table billing.account_members (
  account_id uuid not null,
  lenser_id uuid not null,
  member_id uuid not null,
  spend_limit billing.limit_amount,
  spent billing.amount not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint account_members_pkey primary key (account_id, member_id, lenser_id),
  constraint account_members_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint account_members_member_id_fkey foreign key (member_id) references lensers.profiles (id),
  constraint the_owner_needs_no_membership check (member_id <> lenser_id)
);

create index account_members_account_id_lenser_id_idx on billing.account_members (account_id, lenser_id);
create index account_members_lenser_id_idx on billing.account_members (lenser_id);
create index account_members_member_id_idx on billing.account_members (member_id);

comment on table billing.account_members is
'Who else may spend from an account. Set by billing.set_member().';
comment on column billing.account_members.account_id is 'The account.';
comment on column billing.account_members.lenser_id is 'Its owner.';
comment on column billing.account_members.member_id is 'The lenser who may spend from it.';
comment on column billing.account_members.spend_limit is 'Most credits that the member may spend in all, open holds included; NULL for no limit.';
comment on column billing.account_members.spent is 'What the member spent, less refunds.';
comment on column billing.account_members.created_at is 'When the member joined.';

select ratebook.show_all_to_admins('billing.account_members');
