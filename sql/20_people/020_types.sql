create type lensers.app_role as enum ('admin', 'moderator', 'user');
comment on type lensers.app_role is
'Roles of a user inside the application. Ratebook itself asks for admin only.';
