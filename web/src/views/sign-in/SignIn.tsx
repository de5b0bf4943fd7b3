import { type FormEvent, useState } from 'react'
import { useApi } from '../../app/api.ts'
import { go, useAddress } from '../../app/router.ts'
import { useSession } from '../../app/session.ts'
import { Failure, View } from '../../ui/states.tsx'
import css from './SignIn.module.css'

const REFUSED: Record<string, { message: string; hint: string }> = {
  token: { message: 'The token of that link opens nothing here.', hint: 'Ask for a new link.' },
  link: { message: 'That link opens nothing here.', hint: 'Ask for a new link.' },
  expired: { message: 'That link has expired, or was used before.', hint: 'Ask for a new link.' },
  elsewhere: {
    message: 'That link was not asked for in this browser.',
    hint: 'Open it where it was asked for, or ask for a link here.',
  },
}

/** By email, with a password or a link that is sent; on the local stack by the links that it prints. */
export default function SignIn() {
  const { config } = useApi()
  const session = useSession()
  const { params } = useAddress()
  const refused = <Failure error={REFUSED[params.get('refused') ?? '']} />
  if (session) {
    return (
      <View title="Signed in">
        {refused}
        <p>You are signed in as {session.email ?? session.user}.</p>
      </View>
    )
  }
  return (
    <View title="Sign in">
      {refused}
      {config.signIn === 'demo' ? (
        <>
          <p>
            This is the local stack, which has no accounts to sign in to. It prints links with demo tokens, for Ada, who
            has credits, and for an admin:
          </p>
          <pre>
            <code>ratebook local page</code>
          </pre>
        </>
      ) : (
        <ByEmail />
      )}
    </View>
  )
}

function ByEmail() {
  const { config } = useApi()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [state, setState] = useState<{ isBusy?: boolean; error?: unknown; isSent?: boolean }>({})

  async function attempt(event: FormEvent) {
    event.preventDefault()
    setState({ isBusy: true })
    try {
      const auth = await import('../../app/auth.ts')
      if (password) {
        await auth.signInWithPassword(config, email, password)
        go([])
      } else {
        await auth.sendMagicLink(config, email)
        setState({ isSent: true })
      }
    } catch (error) {
      setState({ error })
    }
  }

  return (
    <form className={css.form} onSubmit={(event) => void attempt(event)}>
      <label htmlFor="email">Email</label>
      <input
        id="email"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <label htmlFor="password">Password, or none for a link by email</label>
      <input
        id="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <button type="submit" className="primary" disabled={state.isBusy}>
        {password ? 'Sign in' : 'Send me a link'}
      </button>
      {state.isSent && <p role="status">A link is on its way to {email}. Open it in this browser.</p>}
      <Failure error={state.error} />
    </form>
  )
}
