-- Demo data: a lenser without an auth user, and 1,000 credits. Safe to run again.

insert into lensers.profiles (id, display_name) values
('11111111-1111-4111-8111-111111111111', 'Ada')
on conflict (id) do nothing;

insert into billing.accounts (id, lenser_id, name) values
('11111111-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111', 'Ada''s wallet')
on conflict (id, lenser_id) do nothing;

select billing.grant_credits('11111111-1111-4111-8111-111111111111', 1000, source => 'demo', external_ref => 'demo');
