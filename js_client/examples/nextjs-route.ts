/**
 * A route handler that streams a model's answer and charges for it: copy it to `app/api/chat/route.ts` of a Next.js app, or
 * take it for any server that answers a `Request` with a `Response`: Hono, Remix, Deno, Supabase's edge functions.
 */

import { Client, InsufficientCredits } from '@ratebook/client'
import OpenAI from 'openai'

const ratebook = new Client(process.env.SUPABASE_URL ?? '', process.env.SUPABASE_SERVICE_ROLE_KEY ?? '')

/** Whom your session says. */
async function userOf(request: Request): Promise<string> {
  return request.headers.get('x-user') ?? ''
}

export async function POST(request: Request): Promise<Response> {
  const [user, { messages }] = [await userOf(request), await request.json()]
  // In Next.js also `{ wait_until: (ending) => after(() => ending) }`, with `after` of 'next/server': where a platform
  // stops a function whose reader has left, the charge is made all the same.
  const openai = ratebook.account(user, { owner: user }).track(new OpenAI({ maxRetries: 0 }))
  try {
    const stream = await openai.chat.completions.create(
      { model: 'gpt-4o-mini', messages, max_completion_tokens: 400, stream: true },
      { signal: request.signal },
    )
    return new Response(stream.toReadableStream(), { headers: { 'content-type': 'application/x-ndjson' } })
  } catch (error) {
    if (!(error instanceof InsufficientCredits)) throw error
    return Response.json({ error: error.message, needed: error.needed }, { status: 402 })
  }
}
