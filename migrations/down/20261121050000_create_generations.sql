-- Takes out generations (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('50_generations');
delete from ratebook.manifest where domain = '50_generations';
drop function ai.backfill_generations(generations jsonb);
drop function ai.extend_partitions(months integer);
drop function ai.finish_generation(generation uuid, status ai.generation_status_enum, usage jsonb, output text, token_count integer, latency_ms integer, quality_rating smallint, owner uuid);
drop function ai.self_check();
drop function ratebook.cost(p_sheet_id bigint, p_usage jsonb, p_what_if ratebook.what_if);
drop function ratebook.cost_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model_id uuid, p_source text, p_at timestamp with time zone, p_of_model_id uuid, p_what_if ratebook.what_if);
drop function ratebook.detach_statements(p_table regclass, p_before timestamp with time zone);
drop view ai.all_generations;
drop function ratebook.backfill_generations(p_generations jsonb);
drop function ratebook.finish_generation(p_generation uuid, p_status ai.generation_status_enum, p_usage jsonb, p_output text, p_token_count integer, p_latency_ms integer, p_quality_rating smallint, p_owner uuid);
drop function ratebook.self_check();
drop view ratebook.all_generations;
drop function ratebook.check_copies();
drop table ai.generations;
drop function ratebook.check_usage_changed();
drop function ratebook.complete_log_entry();
drop function ratebook.drop_content_of_erased();
drop function ratebook.enforce_media_owner();
drop function ratebook.refuse_columns_of_others();
drop type ai.latency;
drop type ai.quality_rating;
drop type ai.token_count;
