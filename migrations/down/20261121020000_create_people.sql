-- Takes out people (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('20_people');
delete from ratebook.manifest where domain = '20_people';
drop function lensers.granted_by(lensers.user_roles);
drop function lensers.has_role("user" uuid, role lensers.app_role);
drop function ratebook.actor();
drop function ratebook.assert_privileged();
drop function ratebook.ensure_profile();
drop function ratebook.ensure_profile_of(p_lenser_id uuid);
drop function ratebook.forget_reference_rows();
drop function ratebook.keep_history(p_table regclass);
drop function ratebook.record_call(p_function text, p_table text, p_row_key jsonb, p_arguments jsonb, p_answer jsonb);
drop function ratebook.request_headers();
drop function ratebook.show_all_to_admins(p_table regclass);
drop table lensers.audit_history;
drop view lensers.all_profiles;
drop function ratebook.author(p_table text, p_key jsonb, p_is_first boolean);
drop function ratebook.has_role(p_user uuid, p_role lensers.app_role);
drop table lensers.user_roles;
drop type ratebook.actor;
drop view ratebook.all_profiles;
drop function ratebook.is_admin();
drop function ratebook.is_privileged();
drop function ratebook.record_rows();
drop function ratebook.record_update();
drop function ratebook.require_privileged();
drop table lensers.profiles;
drop type lensers.app_role;
select ratebook.give_back_schema('lensers');
