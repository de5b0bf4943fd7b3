/** What somebody has. */

import type { AccountBalance, Balance } from '../answers.js'
import { formatted, isZero } from './decimal.js'

export interface WalletBalanceProps {
  balance: Balance | AccountBalance
  locale?: string
  label?: string
}

/** What is available, and, where there is any, what is reserved, comes later, or is owed. */
export function WalletBalance({ balance, locale, label = 'Credits' }: WalletBalanceProps) {
  const rows: [string, string | null][] = [
    ['Reserved', balance.reserved],
    ['Upcoming', balance.upcoming],
    ['Owed', balance.debt],
  ]
  const shown = rows.filter((row): row is [string, string] => row[1] != null && !isZero(row[1]))
  return (
    <section className="ratebook-wallet" aria-label={label}>
      <dl>
        {[['Available', balance.available] as const, ...shown].map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <data value={amount}>{formatted(amount, { locale })}</data> <small>credits</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
