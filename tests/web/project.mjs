/**
 * A Supabase project for tests: `/auth/v1` is @supabase/lite's Auth, in the stack's own database, and all else the
 * stack's gateway. Called with one argument, a JSON object of the names below; what it would mail is on its standard
 * output, a JSON object a line. It makes its tables first; without a port, that is all.
 *
 * Two steps of a link by email are done here, as @supabase/lite 0.10 takes no `code_challenge` and no `redirect_to` at
 * /otp, and hands tokens over behind `#`: what was asked is kept with the link, and the opened link leads back with
 * `?code=`, or with its error behind `?` and `#`, as Supabase Auth does. Whether a link is right, and whether code and
 * verifier fit each other, is @supabase/lite's answer. So are the headers for
 * pages of other origins, which it sends for preflights alone, and not all. The class that is used here sends no telemetry: its command
 * line does.
 */

import { randomUUID } from 'node:crypto'
import { createServer, request } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { App } from '@supabase/lite'
import { createPostgresConnection } from '@supabase/lite/postgres'

const { socket, gateway, port, secret, page } = JSON.parse(process.argv[2])
const address = `http://127.0.0.1:${port}`
const connection = createPostgresConnection({
  url: 'postgres://postgres@localhost/postgres',
  postgresOptions: { path: socket, onnotice: () => {} },
})

/** What was asked for with each link that was mailed, by the link's token. */
const flows = new Map()
let mailed

const app = new App({
  connection,
  auth: { enabled: true, jwt_secret: secret, site_url: address, additional_redirect_urls: [page] },
  options: { drivers: { email: { send: async (message) => { mailed = message } } } },
})
await app.ensureSystemSchema()
if (!port) process.exit()

async function auth(incoming) {
  const { status, headers, body } = await answerTo(incoming)
  const allowed = new Headers(headers)
  allowed.set('access-control-allow-origin', '*')
  const wanted = incoming.headers.get('access-control-request-headers')
  if (wanted) allowed.set('access-control-allow-headers', wanted)
  return new Response(body, { status, headers: allowed })
}

function answerTo(incoming) {
  const url = new URL(incoming.url)
  if (url.pathname === '/auth/v1/otp' && incoming.method === 'POST') return sendLink(incoming, url)
  if (url.pathname === '/auth/v1/verify' && incoming.method === 'GET') return openLink(incoming, url)
  return app.fetch(incoming, { peerAddress: null })
}

async function sendLink(incoming, url) {
  const { code_challenge, code_challenge_method } = await incoming.clone().json()
  mailed = undefined
  const answer = await app.fetch(incoming, { peerAddress: null })
  if (!mailed) return answer
  const link = new URL(/http\S+/.exec(mailed.text)[0])
  const redirect = url.searchParams.get('redirect_to') ?? page
  flows.set(link.searchParams.get('token'), { code_challenge, code_challenge_method, redirect })
  if (code_challenge) link.searchParams.set('token', `pkce_${link.searchParams.get('token')}`)
  link.searchParams.set('redirect_to', redirect)
  console.log(JSON.stringify({ to: mailed.to, link: String(link) }))
  return answer
}

async function openLink(incoming, url) {
  const isPkce = url.searchParams.get('token')?.startsWith('pkce_')
  if (!isPkce) return app.fetch(incoming, { peerAddress: null })
  const token = url.searchParams.get('token').slice('pkce_'.length)
  url.searchParams.set('token', token)
  const answer = await app.fetch(new Request(url, { headers: incoming.headers }), { peerAddress: null })
  const target = new URL(answer.headers.get('location'))
  const brought = new URLSearchParams(target.hash.slice(1))
  const back = new URL(flows.get(token)?.redirect ?? url.searchParams.get('redirect_to'))
  if (brought.has('access_token')) {
    back.searchParams.set('code', await codeFor(brought.get('access_token'), flows.get(token)))
  } else {
    for (const [name, value] of brought) back.searchParams.set(name, value)
    back.hash = String(brought)
  }
  return new Response(null, { status: 303, headers: { location: String(back) } })
}

async function codeFor(token, { code_challenge, code_challenge_method }) {
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  const code = randomUUID()
  await connection.driver`
    insert into auth.flow_state
      (id, user_id, auth_code, code_challenge, code_challenge_method, authentication_method, provider_type)
    values
      (${randomUUID()}, ${sub}, ${code}, ${code_challenge}, ${code_challenge_method}, 'magiclink', 'magiclink')`
  return code
}

const answerAuth = getRequestListener(auth)

createServer((incoming, answer) => {
  if (incoming.url.startsWith('/auth/v1/')) return answerAuth(incoming, answer)
  const { method, url, headers } = incoming
  const asked = request(gateway + url, { method, headers }, (found) => {
    answer.writeHead(found.statusCode, found.rawHeaders)
    found.pipe(answer)
  })
  asked.on('error', () => answer.writeHead(502).end())
  incoming.pipe(asked)
}).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ listening: address })))
