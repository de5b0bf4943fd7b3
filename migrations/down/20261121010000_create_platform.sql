-- Takes out platform (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('10_platform');
drop function ratebook.alter_promptly(p_statements text);
drop function ratebook.assert_removable(p_domain text);
drop function ratebook.caller();
drop function ratebook.close_privileges(p_domain text);
drop function ratebook.dependents(p_domain text);
drop function ratebook.detach_partitions(p_table regclass, p_before timestamp with time zone);
drop function ratebook.detached_months();
drop function ratebook.differences();
drop function ratebook.extend_partitions(p_table regclass, p_months integer);
drop function ratebook.extend_partitions_if_short(VARIADIC p_tables regclass[]);
drop function ratebook.fail(p_error text, p_message text, p_hint text, p_detail jsonb);
drop function ratebook.give_back_schema(p_name text);
drop function ratebook.give_back_type(p_name text);
drop function ratebook.make_partitions(p_table regclass, p_from timestamp with time zone, p_until timestamp with time zone);
drop function ratebook.partitioned_tables();
drop function ratebook.partitions_end(p_table regclass);
drop function ratebook.refuse_change();
drop function ratebook.relation_name(p_relation oid);
drop function ratebook.require_owner();
drop function ratebook.source_hash(p_definition text);
drop function ratebook.stamp();
drop function ratebook.take_schema(p_name text, p_comment text);
drop function ratebook.uuid_v7(p_at timestamp with time zone);
drop function ratebook.uuid_v7_floor(p_at timestamp with time zone);
drop table ratebook.found;
drop function ratebook.clock();
drop function ratebook.describe(p_schemas text[]);
drop function ratebook.privileges(p_state text);
drop function ratebook.uuid_v7_time(p_id uuid);
drop table ratebook.manifest;
drop schema ratebook;
