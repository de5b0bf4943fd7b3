/** Addresses behind the hash: `#/models/gpt-4o?usage=…`. What a view shows is in its address, so that it can be shared. */

import { type AnchorHTMLAttributes, createElement, useCallback, useSyncExternalStore } from 'react'

export interface Address {
  /** The decoded parts of the path. */
  path: readonly string[]
  params: URLSearchParams
}

export type Params = Record<string, string | number | null | undefined>

/** The address of a view, for `href`. Parameters that are null or empty are left out. */
export function href(path: readonly string[], params: Params | URLSearchParams = {}): string {
  const query = params instanceof URLSearchParams ? params : new URLSearchParams()
  if (!(params instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(params))
      if (value != null && value !== '') query.set(name, String(value))
  }
  const text = query.toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text && `?${text}`}`
}

function read(): Address {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  return { path: path.split('/').filter(Boolean).map(decoded), params: new URLSearchParams(query) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

let current = read()
let waiting: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function tell(address: Address) {
  current = address
  for (const listener of listeners) listener()
}

addEventListener('hashchange', () => {
  clearTimeout(waiting)
  waiting = undefined
  tell(read())
})

/** Goes to a view; `replace` changes the address without a step in the history. */
export function go(path: readonly string[], params: Params | URLSearchParams = {}, { replace = false } = {}): void {
  const target = href(path, params)
  if (!replace) {
    location.hash = target
    return
  }
  const [, query = ''] = target.split(/\?(.*)/s)
  tell({ path, params: new URLSearchParams(query) })
  // Browsers refuse more than a few changes a second: what is typed is written when it rests.
  clearTimeout(waiting)
  waiting = setTimeout(() => history.replaceState(history.state, '', target), 200)
}

/** The address, again whenever it changes. */
export function useAddress(): Address {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** A parameter of the address, and how it is set; the empty text takes it away. */
export function useParam(name: string): [string, (value: string) => void] {
  const { params } = useAddress()
  const set = useCallback((value: string) => setParams({ [name]: value }), [name])
  return [params.get(name) ?? '', set]
}

/** Sets some parameters of the address, and keeps the others. */
export function setParams(some: Params, options: { replace?: boolean } = { replace: true }): void {
  const params = new URLSearchParams(current.params)
  for (const [name, value] of Object.entries(some)) {
    if (value == null || value === '') params.delete(name)
    else params.set(name, String(value))
  }
  go(current.path, params, options)
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: readonly string[]
  params?: Params | URLSearchParams
}

/** A link to a view. */
export function Link({ to, params, ...rest }: LinkProps) {
  return createElement('a', { ...rest, href: href(to, params) })
}
