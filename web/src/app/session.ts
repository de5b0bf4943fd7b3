/**
 * Who looks: a visitor with the anon key, or a person with a token, from Supabase Auth or from a link of the local
 * stack. The page has no rights of its own: what is shown is what the database answers to that token.
 */

import { useSyncExternalStore } from 'react'
import type { Config } from './config.ts'
import { go } from './router.ts'

export interface Session {
  token: string
  /** The person's id. */
  user: string
  email: string | null
  /** Seconds since 1970; null where the token does not say. */
  expires: number | null
  kind: 'link' | 'auth'
}

const KEY = 'ratebook-link-token'
/** Where auth-js keeps its session; without one its code is not loaded. */
export const AUTH_KEY = 'ratebook-auth'

let current: Session | null = null
const listeners = new Set<() => void>()

export const currentSession = (): Session | null => current

export function setSession(session: Session | null): void {
  if (session?.token === current?.token) return
  current = session
  for (const listener of listeners) listener()
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Who is signed in; null for a visitor. */
export const useSession = (): Session | null => useSyncExternalStore(onSession, currentSession)

/** What a token says of itself. The database checks it; here it is only shown. */
export function sessionOf(token: string, kind: Session['kind']): Session | null {
  try {
    const [, payload = ''] = token.split('.')
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    // No service key in a browser, not even by mistake.
    if (claims.role !== 'authenticated' || typeof claims.sub !== 'string') return null
    return {
      token,
      kind,
      user: claims.sub,
      email: typeof claims.email === 'string' ? claims.email : null,
      expires: typeof claims.exp === 'number' ? claims.exp : null,
    }
  } catch {
    return null
  }
}

/** Whoever was signed in here before, or comes by a link; the link's token leaves the address at once. */
export async function startSession(config: Config): Promise<void> {
  const [path, query = ''] = location.hash.split(/\?(.*)/s)
  const token = path === '#/sign-in' ? new URLSearchParams(query).get('token') : null
  if (token !== null) {
    const session = sessionOf(token, 'link')
    if (session) sessionStorage.setItem(KEY, token)
    history.replaceState(null, '', session ? '#/' : '#/sign-in?refused=token')
    dispatchEvent(new HashChangeEvent('hashchange'))
  }
  const kept = sessionStorage.getItem(KEY)
  const session = kept && sessionOf(kept, 'link')
  if (session && (session.expires === null || session.expires * 1000 > Date.now())) return setSession(session)
  sessionStorage.removeItem(KEY)
  if (config.signIn !== 'supabase') return
  const answer = answerOfAuth()
  const comesBack = ['code', 'error', 'error_code', 'access_token'].some((name) => answer.has(name))
  if (!comesBack && localStorage.getItem(AUTH_KEY) === null) return
  const error = await (await import('./auth.ts')).resume(config)
  if (!comesBack) return
  // auth-js takes the code away that it has exchanged. What is left was refused, and leaves the address too.
  const isAccepted = answer.has('code') && !new URLSearchParams(location.search).has('code')
  const next = isAccepted ? '#/' : `#/sign-in?refused=${refusalOf(answer, error)}`
  history.replaceState(null, '', location.pathname + next)
  dispatchEvent(new HashChangeEvent('hashchange'))
}

/** What a link of Supabase Auth brings back: behind `?`, and behind `#`, where the page's own addresses begin with `#/`. */
function answerOfAuth(): URLSearchParams {
  const answer = new URLSearchParams(location.hash.startsWith('#/') ? '' : location.hash.slice(1))
  for (const [name, value] of new URLSearchParams(location.search)) answer.set(name, value)
  return answer
}

/** Why a link signed nobody in. The address's own sentence is not shown: anybody can write one. */
function refusalOf(answer: URLSearchParams, error: unknown): 'expired' | 'elsewhere' | 'link' {
  if (answer.get('error_code') === 'otp_expired') return 'expired'
  // Tokens come with links that nobody asked for here, such as invitations; a code needs what the asking browser keeps.
  if (answer.has('access_token') || (answer.has('code') && !error)) return 'elsewhere'
  return 'link'
}

export async function signOut(config: Config): Promise<void> {
  const isAuth = current?.kind === 'auth'
  sessionStorage.removeItem(KEY)
  go([])
  setSession(null)
  if (isAuth) await (await import('./auth.ts')).signOut(config)
}
