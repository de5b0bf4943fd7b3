create schema media;
create schema content;
grant usage on schema media to anon, authenticated, service_role;
grant usage on schema content to anon, authenticated, service_role;
comment on schema media is 'Stored files: where each object lies.';
comment on schema content is 'What lensers made and keep: their media library.';
