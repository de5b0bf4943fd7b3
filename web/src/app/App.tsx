import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Failure } from '../ui/states.tsx'
import { type Api, ApiContext, makeApi, queries } from './api.ts'
import { loadConfig } from './config.ts'
import { Shell } from './Shell.tsx'
import { currentSession, onSession, startSession } from './session.ts'

// Before anything is drawn, so that React's double effects do not ask twice.
const starting = loadConfig().then(async (config) => {
  await startSession(config)
  let who = currentSession()?.user
  onSession(() => {
    const before = who
    who = currentSession()?.user
    // A token that is renewed each hour is the same person's.
    if (who !== before) queries.clear()
  })
  return makeApi(config)
})

export function App() {
  const [api, setApi] = useState<Api>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    starting.then(setApi, setError)
  }, [])
  if (error) return <Failure error={error} />
  if (!api) return null
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <ApiContext value={api}>
          <Shell />
        </ApiContext>
      </QueryClientProvider>
    </CSPProvider>
  )
}
