// Systems B and C through supabase-js, as one JSON object. Arguments: url, anon key, then a token of a user and of an
// admin, the key of a provider with a model, and that model's key.
import { createClient } from '@supabase/supabase-js'

const [url, anonKey, user, admin, provider, model] = process.argv.slice(2)
const connect = (token) =>
  createClient(url, anonKey, {
    auth: { persistSession: false },
    db: { schema: 'compat' },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  })
const told = ({ data, error, status }) => ({ data, code: error?.code ?? null, status })

const anon = connect()
const asUser = connect(user)
const asAdmin = connect(admin)

const row = await asAdmin.from('api_models').select('id,provider_id,model_key').eq('model_key', model).single()
const prices = { per_1m_input_tokens: 0.15, per_1m_output_tokens: 0.6 }
const card = { provider, model, input_cost_per_1m: 0.1, output_cost_per_1m: 0.4, effective_from: '2030-01-01T00:00:00Z' }
const profile = { name: model, provider_id: row.data.provider_id, model, max_tokens: 100 }

console.log(
  JSON.stringify({
    anonReads: told(await anon.from('api_models').select('*')),
    changed: told(await asAdmin.from('api_models').update({ pricing: prices }).eq('id', row.data.id).select('pricing').single()),
    userChanges: told(await asUser.from('api_models').update({ priority: 9 }).eq('id', row.data.id)),
    userReads: told(await asUser.from('api_models').select('priority,pricing,api_providers(name)').eq('id', row.data.id).single()),
    upserted: told(await asAdmin.rpc('upsert_api_model', { model: { ...row.data, priority: 4 } }).select('priority,pricing')),
    made: told(await asAdmin.from('rate_cards').insert(card).select('input_cost_per_1m,cache_read_cost_per_1m,currency').single()),
    duplicate: told(await asAdmin.from('rate_cards').insert(card)),
    userSeesFuture: told(await asUser.from('rate_cards').select('input_cost_per_1m').eq('model', model).gt('effective_from', '2029-01-01')),
    profiles: [
      told(await asAdmin.from('model_profiles').upsert(profile, { onConflict: 'name' }).select('max_tokens').single()),
      told(await asAdmin.from('model_profiles').upsert({ ...profile, max_tokens: 200 }, { onConflict: 'name' }).select('max_tokens').single()),
    ],
    userUpserts: told(await asUser.from('model_profiles').upsert(profile, { onConflict: 'name' })),
  }),
)
