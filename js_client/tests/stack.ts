/** The stack that tests/client/test_js_client.py has started, and people in it. */

import { mkdirSync } from 'node:fs'
import { inject } from 'vitest'
import { type Account, Client } from '../src/index.js'

export const url = process.env.RATEBOOK_URL ?? ''
export const anonKey = process.env.RATEBOOK_ANON_KEY ?? ''
export const serviceKey = process.env.RATEBOOK_SERVICE_KEY ?? ''
export const anon = new Client(url, anonKey)
export const service = new Client(url, serviceKey)

interface Person {
  id: string
  token: string
}
const people: Person[] = JSON.parse(process.env.RATEBOOK_PEOPLE ?? '[]')

/** Somebody whom no other test knows, in whatever file and process it runs. */
export function newPerson(): Person {
  for (let person = people.pop(); person; person = people.pop()) {
    try {
      mkdirSync(`${process.env.RATEBOOK_CLAIMS}/${person.id}`)
      return person
    } catch {
      // Another test was faster.
    }
  }
  throw new Error('There are not enough people.')
}

/** Somebody's account with so many credits. */
export async function funded(credits = '1000'): Promise<Account> {
  const { id } = newPerson()
  const account = service.account(id, { owner: id })
  await account.grant(credits)
  return account
}

/** Where the stand-in behaves in that way: for OpenAI's SDK with `/v1` after it. */
export const standIn = (behaviour = 'plain'): string => `${inject('standIn')}/${behaviour}`

/** What was charged to an account, the oldest first: credits, whether they are an estimate, and of what. */
export async function chargesOf(account: Account): Promise<[string, boolean, Record<string, number> | null][]> {
  const charges = service.api.table('billing', 'charges').select('credits::text,is_estimated,usage')
  const rows = await service.api.ask<
    { credits: string; is_estimated: boolean; usage: Record<string, number> | null }[]
  >(charges.eq('account_id', account.id).order('created_at').order('id'))
  return rows.map(({ credits, is_estimated, usage }) => [credits, is_estimated, usage])
}

// The examples read their environment when they are imported.
Object.assign(process.env, {
  SUPABASE_URL: url,
  SUPABASE_SERVICE_ROLE_KEY: serviceKey,
  OPENAI_API_KEY: 'none',
  OPENAI_BASE_URL: `${standIn()}/v1`,
})
