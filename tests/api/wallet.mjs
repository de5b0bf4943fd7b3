// A wallet through supabase-js, as one JSON object. Arguments: url, anon key, token of the owner, of another, service key, owner.
import { createClient } from '@supabase/supabase-js'

const [url, anonKey, ada, bob, serviceKey, account] = process.argv.slice(2)
const connect = (key, token) =>
  createClient(url, key, {
    auth: { persistSession: false },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  }).schema('billing')
const told = ({ data, error, status }) => ({
  data,
  status,
  code: error?.code ?? null,
  details: error?.code?.startsWith('PT') ? JSON.parse(error.details) : null,
})

const service = connect(serviceKey)
const rpc = async (name, args) => told(await service.rpc(name, args))
const usage = { input: 1000, output: 500 }
// A lenser's own account has the lenser's id.
const owner = account

const granted = await rpc('grant_credits', { account, amount: '100', external_ref: account, owner })
const held = await rpc('authorize_credits', { account, amount: 5, model: 'gpt-4o-mini', owner })
const captured = await rpc('capture_hold', { hold: held.data.hold_id, usage, owner })
const charge = { account, model: 'dall-e-3', usage: { image: 1 }, idempotency_key: 'one', owner }
const charged = await rpc('charge_generation', charge)
const refunded = await rpc('refund_charge', { charge: charged.data.charge_id, amount: '2.5', owner })
const nobody = '00000000-0000-4000-8000-000000000000'

const read = (client) => async (table, columns, order) =>
  told(await client.from(table).select(columns).eq('account_id', account).order(order))
const shown = async (client) => {
  const see = read(client)
  return {
    balances: await see('balances', 'available::text,posted::text,reserved::text', 'account_id'),
    grants: await see('grants', 'remaining::text,amount::text', 'id'),
    holds: await see('holds', 'status,amount::text', 'id'),
    charges: await see('charges', 'credits::text,generation(status)', 'id'),
    entries: await see('ledger_entries', 'number,kind,amount::text', 'number'),
    outbox: await see('outbox', 'topic,payload', 'id'),
  }
}

console.log(
  JSON.stringify({
    granted,
    held,
    captured,
    charged,
    refunded,
    ownerSees: await shown(connect(anonKey, ada)),
    othersSee: await shown(connect(anonKey, bob)),
    anonSees: told(await connect(anonKey).from('balances').select('*')),
    ownerGrants: told(await connect(anonKey, ada).rpc('grant_credits', { account, amount: 1 })),
    insufficient: await rpc('authorize_credits', { account, amount: 1000 }),
    unknown: await rpc('get_balance', { account: nobody }),
    anothers: await rpc('get_balance', { account, owner: nobody }),
    conflict: await rpc('charge_generation', { ...charge, usage: { image: 2 } }),
    captureAgain: await rpc('capture_hold', { hold: held.data.hold_id, amount: 1 }), // looked up
    anothersHold: await rpc('capture_hold', { hold: held.data.hold_id, owner: nobody }),
    tooMuch: await rpc('refund_charge', { charge: charged.data.charge_id, amount: 100 }),
    invalid: await rpc('grant_credits', { account, amount: 'NaN' }),
  }),
)
