-- One's own, by the policies of media.objects, and what admins and the service role see beside their own; for others that
-- is asked nothing. The condition on whose they are stands outside, or no page of one's own would come from an index: the
-- planner makes no order of what a policy alone says of a part of a union. Nobody is zeros.
create view ai.resources with (security_invoker = true) as
select
  r.id,
  r.lenser_id,
  r.bucket,
  r.path,
  r.mime_type,
  r.byte_size,
  r.created_at
from (
  select
    o.id,
    o.lenser_id,
    o.bucket,
    o.path,
    o.mime_type,
    o.byte_size,
    o.created_at,
    o.lenser_id as whose
  from media.objects as o
  union all
  select
    o.id,
    o.lenser_id,
    o.bucket,
    o.path,
    o.mime_type,
    o.byte_size,
    o.created_at,
    (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000')) as whose
  from ratebook.all_objects as o
  where o.lenser_id <> (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'))
) as r
where r.whose = (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'));

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
