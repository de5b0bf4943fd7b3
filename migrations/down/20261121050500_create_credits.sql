-- Takes out credits (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('55_credits');
delete from ratebook.manifest where domain = '55_credits';
drop function billing.calculate_credit_cost(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text);
drop function billing.compare(usage jsonb, models text[], feature text, service_tier text, variant text, region text, at timestamp with time zone);
drop function billing.quote(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text);
drop function billing.quote_many(requests jsonb);
drop function billing.reprice_generations(since timestamp with time zone, until timestamp with time zone, model text, price_source text, at timestamp with time zone, margin numeric);
drop function ratebook.assert_service_tier(p_service_tier text);
drop function ratebook.assert_size(p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamp with time zone);
drop function ratebook.credit_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone);
drop function ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric, p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean, p_increment numeric);
drop function ratebook.moments_of_terms();
drop function ratebook.price_request(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[]);
drop function ratebook.price_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean, p_passes_over boolean);
drop function ratebook.prices_tell_apart(p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text);
drop function ratebook.quote_line(p_meter text, p_quantity numeric, p_price_meter text, p_unit_price numeric, p_cost numeric, p_is_public boolean, p_price_id uuid, p_all boolean);
drop function ratebook.read_requests(p_requests jsonb);
drop function ratebook.refuse_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean);
drop function ratebook.refuse_stated(p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone);
drop function ratebook.require_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone);
drop function ratebook.round_up(p_value numeric, p_increment numeric);
drop function ratebook.why_unpriced(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean);
drop table billing.credit_rates;
drop table billing.execution_margin_policies;
drop function ratebook.compare(p_usage jsonb, p_models text[], p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone);
drop function ratebook.credit_cost(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text);
drop function ratebook.margin_scope(p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum);
drop function ratebook.quote(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text);
drop function ratebook.quote_many(p_requests jsonb);
drop function ratebook.reprice_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric);
select ratebook.give_back_schema('billing');
drop type ratebook.credit_terms;
drop type ratebook.priced_request;
