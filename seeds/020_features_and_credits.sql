-- Demo data: features, their routes, and what credits cost. Safe to run again.

insert into ai.features (key, description) values
('chat', 'Answer a person in a conversation.'),
('summarize', 'Shorten a text.'),
('illustrate', 'Make a picture from a description.')
on conflict (key) do nothing;

insert into ai.feature_model_policies (feature_key, model_id, priority)
select s.feature_key, m.id, s.priority
from (
  values
  ('chat', 'gpt-4o-mini', 0),
  ('chat', 'claude-sonnet-5-5', 1),
  ('chat', 'gemini-3.8-flash', 2),
  ('summarize', 'mistral-small-2603', 0),
  ('summarize', 'gpt-4o-mini', 1),
  ('illustrate', 'dall-e-3', 0),
  ('illustrate', 'sdxl-1.0', 1)
) as s (feature_key, model_key, priority)
inner join ai.models as m on m.key = s.model_key
on conflict (feature_key, model_id) do nothing;

-- 1,000 credits a dollar and 30 % on top, rounded up to a thousandth of a credit.
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from) values
('USD', 1000, '2025-01-01T00:00:00Z')
on conflict do nothing;

insert into billing.execution_margin_policies (margin, increment, effective_from) values
(0.30, 0.001, '2025-01-01T00:00:00Z')
on conflict do nothing;
