begin;
set local search_path = tap, pg_catalog;
select plan(13);
select tests.make_admin('ada');
select tests.make_user('bob');

select tests.refused('update lensers.audit_history set subject = null', 'append_only', 'PT409', 'the owner: update');
select tests.refused('delete from lensers.audit_history', 'append_only', 'PT409', 'delete');
select tests.refused('truncate lensers.audit_history', 'append_only', 'PT409', 'truncate');
set local session_replication_role = replica;
select tests.refused('delete from lensers.audit_history', 'append_only', 'PT409', 'as a replica too');
set local session_replication_role = origin;

create temporary table writes (statement text);
insert into writes values
('update lensers.audit_history set subject = null'),
('delete from lensers.audit_history'),
('insert into lensers.audit_history (changed_at, table_name, operation, row_key, after, role, database_user)
  values (now(), ''t'', ''INSERT'', ''{}'', ''{}'', ''r'', ''u'')');
grant select on writes to authenticated, service_role;

select tests.as_service();
select tests.forbidden(statement, 'permission denied for table audit_history', 'the service role') from writes;
select cmp_ok((select count(*) from lensers.audit_history), '>', 0::bigint, 'reads it');
select tests.authenticate_as('ada');
select tests.forbidden(statement, 'permission denied for table audit_history', 'an admin') from writes;
select cmp_ok((select count(*) from lensers.audit_history), '>', 0::bigint, 'reads it too');
select tests.authenticate_as('bob');
select is((select count(*) from lensers.audit_history), 0::bigint, 'others see nothing of it');

select * from finish();
rollback;
