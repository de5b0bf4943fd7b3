/**
 * An app that streams a model's answer to a browser and charges the reader's wallet for it: `node examples/node-app.ts`.
 *
 * It asks for SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, and, as their SDKs do, for OPENAI_API_KEY and ANTHROPIC_API_KEY
 * (OPENAI_BASE_URL and ANTHROPIC_BASE_URL may lead to ../examples/stand_in.py). Who asks is in X-User here: take it from
 * your session instead.
 */

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import Anthropic from '@anthropic-ai/sdk'
import { Client, InsufficientCredits } from '@ratebook/client'
import OpenAI from 'openai'

const LONGEST = 400 // tokens that an answer may have
const ratebook = new Client(process.env.SUPABASE_URL ?? '', process.env.SUPABASE_SERVICE_ROLE_KEY ?? '')
const openai = new OpenAI({ maxRetries: 0 })
const anthropic = new Anthropic({ maxRetries: 0 })

/** The pieces of an answer, charged to a user when it ends or is left. */
async function* answer(path: string, user: string, question: string, signal: AbortSignal): AsyncGenerator<string> {
  const account = ratebook.account(user, { owner: user })
  // What is held: about a token for 4 characters, and the longest answer.
  const usage = { input: Math.floor(question.length / 4) + 10, output: LONGEST }
  const messages = [{ role: 'user' as const, content: question }]
  if (path === '/messages') {
    const request = { model: 'claude-haiku-4-5', messages, max_tokens: LONGEST, stream: true as const }
    for await (const event of await account.track(anthropic, { usage }).messages.create(request, { signal })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text
    }
  } else if (path === '/responses') {
    const request = { model: 'gpt-4o-mini', input: question, max_output_tokens: LONGEST, stream: true as const }
    for await (const event of await account.track(openai, { usage }).responses.create(request, { signal })) {
      if (event.type === 'response.output_text.delta') yield event.delta
    }
  } else {
    const request = { model: 'gpt-4o-mini', messages, max_completion_tokens: LONGEST, stream: true as const }
    for await (const chunk of await account.track(openai, { usage }).chat.completions.create(request, { signal })) {
      yield chunk.choices[0]?.delta.content ?? ''
    }
  }
}

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') {
    response
      .writeHead(200, { 'content-type': 'text/plain' })
      .end('POST {"text": "…"} to /chat, /responses or /messages\n')
    return
  }
  const left = new AbortController()
  response.once('close', () => left.abort())
  try {
    const question = JSON.parse(await text(request)).text
    for await (const piece of answer(request.url ?? '', String(request.headers['x-user']), question, left.signal)) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
      response.write(piece)
    }
    response.end()
  } catch (error) {
    if (left.signal.aborted) return // nobody is there to tell
    if (response.headersSent) response.destroy()
    else if (error instanceof InsufficientCredits) {
      // Nothing was asked of the provider.
      response.writeHead(402, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: error.message, needed: error.needed }))
    } else {
      console.error(error)
      response.writeHead(500).end()
    }
  }
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`)
})

// Asked to stop: what is still streaming is charged for what came.
process.once('SIGTERM', async () => {
  server.close()
  await ratebook.cutAll()
  process.exit(0)
})
