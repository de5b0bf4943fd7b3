// What each role sees through supabase-js, as one JSON object. Arguments: url, anon key, then a token per lenser, service key.
import { createClient } from '@supabase/supabase-js'

const [url, anonKey, ada, bob, serviceKey] = process.argv.slice(2)
const connect = (key, token) =>
  createClient(url, key, {
    auth: { persistSession: false },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  })
const told = ({ data, error, status }) => ({ data, code: error?.code ?? null, status })

const anon = connect(anonKey)
const asAda = connect(anonKey, ada)
const asBob = connect(anonKey, bob)
const service = connect(serviceKey)

const models = await anon.schema('ai').from('models').select('key,name,providers(name)').eq('is_active', true)
const model = await anon.schema('ai').rpc('find_model', { model: 'openai/gpt-4o-mini' }).select('id').single()
const made = await asAda
  .schema('ai')
  .from('generations')
  .insert({ model_id: model.data.id, prompt: 'hello' })
  .select('id')
  .single()
const own = (client) => client.schema('ai').from('generations').select('id').eq('id', made.data.id)

console.log(
  JSON.stringify({
    models: told(models),
    margins: told(await anon.schema('billing').from('execution_margin_policies').select('*')),
    rates: told(await anon.schema('billing').from('credit_rates').select('*')),
    anonGenerations: told(await anon.schema('ai').from('generations').select('*')),
    made: told(made),
    adaSees: told(await own(asAda)),
    bobSees: told(await own(asBob)),
    serviceSees: told(await own(service)),
    bobDeletes: told(await asBob.schema('ai').from('generations').delete().eq('id', made.data.id).select()),
    adaDeletes: told(await asAda.schema('ai').from('generations').delete().eq('id', made.data.id).select('id')),
    quote: told(
      await anon.schema('billing').rpc('quote', { model: 'dall-e-3', usage: { image: 2 }, variant: '1024x1024' }),
    ),
    unknown: told(await anon.schema('billing').rpc('quote', { model: 'gpt-99', usage: { input: 1 } })),
  }),
)
