// Read by tsc alone: what the generated types say, and what they refuse.
import { createClient } from '@supabase/supabase-js'
import type { Database } from '../../docs/types/database.types'

const supabase = createClient<Database>('http://localhost', 'key')

export async function read(): Promise<[string, string, string | null]> {
  const { data } = await supabase.schema('ai').from('models').select('key,providers(name),pricing_tier').single()
  if (data === null) throw new Error('none')
  const tier: 'free' | 'paid' | 'enterprise' | null = data.pricing_tier
  // @ts-expect-error a key is text
  const wrong: number = data.key
  return [data.key, data.providers.name, tier ?? String(wrong)]
}

export async function exact(): Promise<string[]> {
  const { data } = await supabase.schema('ai').from('model_pricing').select('price_per_unit::text')
  return (data ?? []).map((price) => price.price_per_unit)
}

export async function write(): Promise<void> {
  await supabase.schema('ai').from('generations').insert({ model_id: '', prompt: 'Hello' })
  // @ts-expect-error a generation needs a model
  await supabase.schema('ai').from('generations').insert({ prompt: 'Hello' })
  // @ts-expect-error there is no such table
  await supabase.schema('ai').from('modles').select('key')
}

export async function call(): Promise<void> {
  await supabase.schema('billing').rpc('quote', { model: 'gpt-4o', usage: { input: 1 } })
  // @ts-expect-error the argument is called model
  await supabase.schema('billing').rpc('quote', { modle: 'gpt-4o', usage: { input: 1 } })
}
