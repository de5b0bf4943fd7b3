create trigger profiles_stamp before update on lensers.profiles
for each row execute function ratebook.stamp();
create trigger user_roles_require_privileged before insert or delete on lensers.user_roles
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
