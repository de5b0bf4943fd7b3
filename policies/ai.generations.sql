alter table ai.generations enable row level security;

-- No API role chooses id, or created_at, which is its time. The columns that an owner may not set are in their grant all the
-- same: PostgreSQL's own refusal names the table only, ai_generations_columns_enforce names the column.
revoke all on ai.generations from public, anon, authenticated, service_role;
grant select, delete on ai.generations to authenticated;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating,
  created_at
) on ai.generations to authenticated;
grant select, delete on ai.generations to service_role;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;
grant update (
  media_id, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;

create policy generations_select_own on ai.generations for select to authenticated
using (lenser_id = (select ratebook.uid()));
-- The subquery runs under the caller's own policies: a hidden model is refused like an unknown one.
create policy generations_insert_own on ai.generations for insert to authenticated
with check (
  lenser_id = (select ratebook.uid())
  and exists (
    select from ai.models as m
    where m.id = model_id
  )
);
create policy generations_delete_own on ai.generations for delete to authenticated
using (lenser_id = (select ratebook.uid()));
