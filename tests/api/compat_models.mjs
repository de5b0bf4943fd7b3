// Systems D and E through supabase-js, as one JSON object. Arguments: url, anon key, tokens of a user and an admin, service key.
import { createClient } from '@supabase/supabase-js'

const [url, anonKey, user, admin, serviceKey] = process.argv.slice(2)
const connect = (key, token) =>
  createClient(url, key, {
    auth: { persistSession: false },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  }).schema('compat')
const told = ({ data, error, status }) => ({ data, code: error?.code ?? null, status })

const anon = connect(anonKey)
const asUser = connect(anonKey, user)
const asAdmin = connect(anonKey, admin)
const service = connect(serviceKey)

const model = await anon.from('llm_models').select('id,pricing,llm_providers(provider_key)').eq('model_key', 'gpt-4o').single()
const provider = await service.from('llm_providers').upsert({ provider_key: 'js', provider_name: 'JS' }, { onConflict: 'provider_key' }).select('id').single()
const row = { provider_id: provider.data.id, model_key: 'js-1', model_name: 'One' }
const cost = { model: 'gpt-4o-mini', input_tokens: 1000, output_tokens: 500 }
const config = { model_name: 'js-2', display_name: 'Two', model_type: 'image', provider: 'js', cost_per_image: '0.0400' }

console.log(
  JSON.stringify({
    model: told(model),
    upserted: told(await service.rpc('upsert_llm_model', { model: row }).select('model_name,status').single()),
    anonWrites: told(await anon.from('llm_models').update({ status: 'retired' }).eq('id', model.data.id).select()),
    badKey: told(await service.from('llm_models').update({ pricing: { per_banana: 1 } }).eq('model_key', 'js-1')),
    anonConfigs: told(await anon.from('ai_model_config').select()),
    defaults: told(await asUser.from('ai_model_config').select('model_name,pricing_display').eq('is_default', true).order('model_name')),
    cost: told(await asUser.rpc('get_cost_for_tokens', cost)),
    badSize: told(await asUser.rpc('validate_size', { model: 'dall-e-3', size: '1x1' })),
    userWrites: told(await asUser.from('ai_model_config').update({ is_active: false }).eq('model_name', 'gpt-4.1').select()),
    made: told(await asAdmin.from('ai_model_config').insert(config).select('pricing_display').single()),
    switched: told(await asAdmin.rpc('deactivate_models', { model_names: ['js-2'] })),
    csv: told(await asUser.from('ai_model_config').select('model_name,cost_per_image').eq('model_name', 'js-2').csv()),
  }),
)
