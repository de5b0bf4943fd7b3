/** How views ask: `useApi()` for the clients, TanStack Query for what is kept. */

import { Client, ConnectionFailed } from '@ratebook/client'
import { PostgrestClient } from '@supabase/postgrest-js'
import { QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import type { Config } from './config.ts'
import { currentSession, useSession } from './session.ts'

export interface Api {
  config: Config
  /** Ratebook's own client, as whoever is signed in. */
  ratebook: Client
  /** PostgREST itself: `rest.schema('billing').from('grants')`; select numeric columns as `column::text`. */
  rest: PostgrestClient
}

export function makeApi(config: Config): Api {
  const send: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('apikey', config.anonKey)
    headers.set('Authorization', `Bearer ${currentSession()?.token ?? config.anonKey}`)
    return fetch(input, { ...init, headers })
  }
  const rest = new PostgrestClient(`${config.url}/rest/v1`, { fetch: send })
  return { config, rest, ratebook: new Client(rest) }
}

export const ApiContext = createContext<Api | null>(null)

export function useApi(): Api {
  const api = useContext(ApiContext)
  if (!api) throw new Error('There is no Api here.')
  return api
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (times, error) => error instanceof ConnectionFailed && times < 2,
    },
  },
})

/** An answer of the database, kept by `key` and by who asks. */
export function useAsked<T>(
  key: readonly unknown[],
  ask: (api: Api) => Promise<T>,
  options: { enabled?: boolean; staleTime?: number; keep?: boolean } = {},
): UseQueryResult<T> {
  const api = useApi()
  const who = useSession()?.user ?? null
  const { keep, ...rest } = options
  return useQuery({
    queryKey: [who, ...key],
    queryFn: () => ask(api),
    ...(keep && { placeholderData: (before: unknown) => before as never }),
    ...rest,
  })
}

/** Whether the person is an admin, as the database says; undefined until it has. It decides what is offered, no more. */
export function useIsAdmin(): boolean | undefined {
  const session = useSession()
  const { data, error } = useAsked(
    ['is admin'],
    async ({ rest }) => {
      const { data, error } = await rest
        .schema('lensers')
        .from('user_roles')
        .select('role')
        .eq('user_id', session?.user ?? '')
        .eq('role', 'admin')
      if (error) throw error
      return data.length > 0
    },
    { enabled: session !== null },
  )
  return session === null || error ? false : data
}
