-- Takes out routing (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('70_routing');
delete from ratebook.manifest where domain = '70_routing';
drop function ai.explain_route(feature text, requirements jsonb, subject text);
drop function ai.report_health(model text, provider text, state ai.health_enum, until timestamp with time zone, reason text);
drop function ai.route_feature(feature text, requirements jsonb, subject text);
drop function ratebook.assert_requirements(p_requirements jsonb);
drop function ratebook.serves_region(p_model_id uuid, p_region text, p_at timestamp with time zone);
drop function ratebook.split_score(p_subject text, p_feature_id uuid, p_model_id uuid, p_weight numeric);
drop table ai.health_reports;
drop function ratebook.report_health(p_model text, p_provider text, p_state ai.health_enum, p_until timestamp with time zone, p_reason text);
drop function ratebook.route(p_feature text, p_requirements jsonb, p_subject text);
drop type ratebook.routed;
drop type ai.health_enum;
