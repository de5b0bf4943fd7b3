/** A view's frame, and what stands where there is nothing, nothing yet, or an error. */

import { ApiError, NotAllowed, RatebookError } from '@ratebook/client'
import { Component, type ReactNode, useEffect } from 'react'
import { Link } from '../app/router.ts'
import css from './states.module.css'

/** A view: its heading is the page's title. */
export function View({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Ratebook`
  }, [title])
  return (
    <>
      <div className={css.top}>
        <h1>{title}</h1>
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
      {children}
    </>
  )
}

/** Holds the place of what is on its way; said to screen readers, and seen after a moment. */
export function Loading({ what = 'Loading…' }: { what?: string }) {
  return (
    <p className={css.loading} role="status">
      {what}
    </p>
  )
}

/** Nothing, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p className={css.emptyTitle}>{title}</p>
      {children}
    </div>
  )
}

/** What the database, or the way to it, refused: its own sentence and hint. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  if (!error) return null
  const isForbidden = error instanceof NotAllowed
  const { message, hint, details } = said(error)
  return (
    <div className={css.failure} role="alert">
      <p className={css.failureTitle}>{message}</p>
      {hint && <p>{hint}</p>}
      {details && <p>{details}</p>}
      {isForbidden && (
        <p>
          <Link to={['sign-in']}>Sign in</Link> as somebody who may.
        </p>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** The sentences of an error, of Ratebook's client and of postgrest-js. */
export function said(error: unknown): { message: string; hint: string; details: string } {
  if (error instanceof RatebookError) {
    return { message: error.message, hint: error instanceof ApiError ? error.hint : '', details: error.details }
  }
  const { message, hint } = error as { message?: unknown; hint?: unknown }
  return {
    message: typeof message === 'string' && message ? message : 'Something went wrong.',
    hint: typeof hint === 'string' ? hint : '',
    details: '',
  }
}

/** An answer's states: loading, an error, or what it shows. */
export function Answered<T>({
  of,
  loading,
  children,
}: {
  of: { data: T | undefined; error: unknown; refetch: () => unknown }
  loading?: ReactNode
  children: (data: T) => ReactNode
}) {
  if (of.data !== undefined) return children(of.data)
  if (of.error) return <Failure error={of.error} retry={() => void of.refetch()} />
  return loading ?? <Loading />
}

/** Catches what a view throws while it is drawn, and a chunk that does not come. */
export class FailureBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error) {
      return (
        <View title="That went wrong">
          <Failure error={this.state.error} retry={() => this.setState({ error: null })} />
        </View>
      )
    }
    return this.props.children
  }
}
