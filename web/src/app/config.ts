/** Where the database is, read when the page is opened: config.json lies beside index.html. */

export interface Config {
  /** The project's base address, without a slash at its end. */
  url: string
  /** The public key; what a visitor may see is all that it opens. */
  anonKey: string
  /** How people sign in: by Supabase Auth at the same address, or by links of the local stack. */
  signIn: 'supabase' | 'demo'
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch('./config.json', { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`This page is not configured: config.json is missing (${answer.status}).`)
  const { url = '/', anonKey = '', signIn = 'supabase' } = (await answer.json()) as Partial<Config>
  const address = new URL(url, location.origin)
  return { url: address.href.replace(/\/+$/, ''), anonKey, signIn }
}
