/** What stands around every view: navigation, who is signed in, the theme. */

import { Suspense, useEffect, useRef } from 'react'
import { FailureBoundary, Loading, View } from '../ui/states.tsx'
import { useApi, useIsAdmin } from './api.ts'
import { Link, useAddress } from './router.ts'
import { ROUTES, type Route } from './routes.ts'
import css from './Shell.module.css'
import { signOut, useSession } from './session.ts'
import { setTheme, THEMES, type Theme, useTheme } from './theme.ts'

export function Shell() {
  const { path } = useAddress()
  const [first = '', ...rest] = path
  const route = ROUTES.find((one) => one.path === first)
  const main = useRef<HTMLElement>(null)
  const place = path.join('/')
  const before = useRef(place)
  // Who goes on by keyboard or screen reader begins at the new view's top.
  useEffect(() => {
    if (before.current === place) return
    before.current = place
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [place])
  return (
    <div className={css.page}>
      <button type="button" className={css.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className={css.header}>
        <Link to={[]} className={css.brand}>
          Ratebook
        </Link>
        <Navigation first={first} />
        <Person />
        <ThemeChoice />
      </header>
      <main ref={main} id="main" tabIndex={-1} className={css.main}>
        <FailureBoundary key={place}>
          <Suspense fallback={<Loading />}>{route ? <Allowed route={route} rest={rest} /> : <NotThere />}</Suspense>
        </FailureBoundary>
      </main>
    </div>
  )
}

function Allowed({ route, rest }: { route: Route; rest: readonly string[] }) {
  const session = useSession()
  const isAdmin = useIsAdmin()
  const Page = route.view
  if (route.role === 'visitor') return <Page rest={rest} />
  if (session === null) {
    return (
      <View title="Sign in first">
        <p>
          This part belongs to somebody. <Link to={['sign-in']}>Sign in</Link> to see what is yours.
        </p>
      </View>
    )
  }
  if (route.role === 'admin' && isAdmin === undefined) return <Loading />
  if (route.role === 'admin' && !isAdmin) {
    return (
      <View title="For admins">
        <p>You are signed in, and not an admin. Somebody who is can give you the role.</p>
      </View>
    )
  }
  return <Page rest={rest} />
}

function Navigation({ first }: { first: string }) {
  const session = useSession()
  const isAdmin = useIsAdmin()
  const shown = ROUTES.filter(
    ({ nav, role }) => nav && (role === 'visitor' || (role === 'owner' && session) || (role === 'admin' && isAdmin)),
  )
  return (
    <nav className={css.nav} aria-label="Views">
      {shown.map(({ path, nav }) => (
        <Link key={path} to={path ? [path] : []} aria-current={path === first ? 'page' : undefined}>
          {nav}
        </Link>
      ))}
    </nav>
  )
}

function Person() {
  const { config } = useApi()
  const session = useSession()
  const isAdmin = useIsAdmin()
  if (!session) {
    return (
      <Link className={css.person} to={['sign-in']}>
        Sign in
      </Link>
    )
  }
  return (
    <span className={css.person}>
      <span className={css.who} title={session.user}>
        {session.email ?? session.user.slice(0, 8)}
        {isAdmin && <span className="badge">admin</span>}
        {session.kind === 'link' && <span className="badge">demo</span>}
      </span>
      <button type="button" onClick={() => void signOut(config)}>
        Sign out
      </button>
    </span>
  )
}

const THEME_NAMES: Record<Theme, string> = { system: 'System', light: 'Light', dark: 'Dark' }

function ThemeChoice() {
  const theme = useTheme()
  return (
    <select
      className={css.theme}
      aria-label="Theme"
      value={theme}
      onChange={(event) => setTheme(event.currentTarget.value as Theme)}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {THEME_NAMES[name]}
        </option>
      ))}
    </select>
  )
}

function NotThere() {
  return (
    <View title="Not here">
      <p>
        There is no view at this address. <Link to={[]}>All models</Link> are one click away.
      </p>
    </View>
  )
}
