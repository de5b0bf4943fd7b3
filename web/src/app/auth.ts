/** Signing in at a Supabase project: a chunk of its own, loaded when somebody signs in or has. */

import { AuthClient } from '@supabase/auth-js'
import type { Config } from './config.ts'
import { AUTH_KEY, sessionOf, setSession } from './session.ts'

type Auth = InstanceType<typeof AuthClient>
let made: Auth | undefined

function auth({ url, anonKey }: Config): Auth {
  if (made) return made
  const client = new AuthClient({
    url: `${url}/auth/v1`,
    headers: { apikey: anonKey, Authorization: `Bearer ${anonKey}` },
    storageKey: AUTH_KEY,
    // A magic link comes back with ?code=…: what stands behind the hash is the page's own.
    flowType: 'pkce',
    detectSessionInUrl: true,
    persistSession: true,
    autoRefreshToken: true,
  })
  client.onAuthStateChange((_, session) => setSession(session && sessionOf(session.access_token, 'auth')))
  made = client
  return client
}

/** Takes up a session that is kept in this browser, or that a magic link brought; why the link did not bring one. */
export async function resume(config: Config): Promise<Error | null> {
  const { error } = await auth(config).initialize()
  const { data } = await auth(config).getSession()
  setSession(data.session && sessionOf(data.session.access_token, 'auth'))
  return error
}

/** Throws the project's own sentence where it refuses. */
export async function signInWithPassword(config: Config, email: string, password: string): Promise<void> {
  const { error } = await auth(config).signInWithPassword({ email, password })
  if (error) throw error
}

export async function sendMagicLink(config: Config, email: string): Promise<void> {
  const emailRedirectTo = `${location.origin}${location.pathname}`
  const { error } = await auth(config).signInWithOtp({ email, options: { emailRedirectTo } })
  if (error) throw error
}

export async function signOut(config: Config): Promise<void> {
  await auth(config).signOut({ scope: 'local' })
}
