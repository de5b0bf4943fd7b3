'use client'
import { type DependencyList, useCallback, useEffect, useState } from 'react'

export interface Answered<T> {
  data: T | undefined
  error: unknown
  isLoading: boolean
  /** Asks again; what was answered stays until then. */
  reload: () => void
}

/**
 * What a client answers, asked for again when one of `dependencies` changes; only the last answer counts.
 *
 *     const { data: models } = useAnswer(() => ratebook.catalogue({ search }), [search])
 */
export function useAnswer<T>(ask: () => Promise<T>, dependencies: DependencyList): Answered<T> {
  const [state, setState] = useState<Omit<Answered<T>, 'reload'>>({
    data: undefined,
    error: undefined,
    isLoading: true,
  })
  const [times, setTimes] = useState(0)
  useEffect(() => {
    let isLast = true
    setState((before) => ({ ...before, isLoading: true }))
    ask().then(
      (data) => isLast && setState({ data, error: undefined, isLoading: false }),
      (error: unknown) => isLast && setState((before) => ({ ...before, error, isLoading: false })),
    )
    return () => {
      isLast = false
    }
  }, [...dependencies, times])
  return { ...state, reload: useCallback(() => setTimes((before) => before + 1), []) }
}
