create view ai.resources with (security_invoker = true) as
select
  o.id,
  o.lenser_id,
  o.bucket,
  o.path,
  o.mime_type,
  o.byte_size,
  o.created_at
from media.objects as o
union all
-- What admins see beside their own.
select
  o.id,
  o.lenser_id,
  o.bucket,
  o.path,
  o.mime_type,
  o.byte_size,
  o.created_at
from ratebook.all_objects as o
where (select ratebook.is_admin()) and o.lenser_id <> (select ratebook.uid());

create trigger resources_refuse_write instead of insert or update or delete on ai.resources
for each row execute function ratebook.refuse_write('Write to media.objects.');

comment on view ai.resources is 'Deprecated: media.objects under its former name, for readers of old.';
comment on column ai.resources.id is 'The object.';
comment on column ai.resources.lenser_id is 'The owner.';
comment on column ai.resources.bucket is 'Storage bucket.';
comment on column ai.resources.path is 'Path inside the bucket.';
comment on column ai.resources.mime_type is 'Media type.';
comment on column ai.resources.byte_size is 'Size in bytes.';
comment on column ai.resources.created_at is 'When the row was made.';
