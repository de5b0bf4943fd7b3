/** What an owner has, what it was spent on, and what limits it. */

import type { Account, AccountBalance } from '@ratebook/client'
import { WalletBalance } from '@ratebook/client/react'
import { type Api, useAsked } from '../../app/api.ts'
import { setParams, useParam } from '../../app/router.ts'
import { useSession } from '../../app/session.ts'
import { ChoiceField, Tabs } from '../../ui/Fields.tsx'
import { Answered, Empty, View } from '../../ui/states.tsx'
import { Overview } from './Overview.tsx'
import { Statement } from './Statement.tsx'
import { Usage } from './Usage.tsx'

export interface Wallet extends Omit<AccountBalance, 'account_id' | 'lenser_id'> {
  account_id: string
  lenser_id: string
  name: string | null
  low_balance_mark: string | null
}

const COLUMNS =
  'account_id,lenser_id,name,overdraft_limit::text,low_balance_mark::text,posted::text,reserved::text,available::text,debt::text,upcoming::text'

const TABS = { '': 'Overview', statement: 'Statement', usage: 'Usage' }

/** The client's account, which names its owner with every question. */
export const accountOf = ({ ratebook }: Api, wallet: Wallet): Account =>
  ratebook.account(wallet.account_id, { owner: wallet.lenser_id })

export default function WalletView({ rest }: { rest: readonly string[] }) {
  const me = useSession()?.user ?? ''
  const wallets = useAsked(['wallets'], ({ ratebook: { api } }) =>
    api.all<Wallet>(() =>
      api.table('billing', 'balances').select(COLUMNS, { count: 'exact' }).eq('lenser_id', me).order('account_id'),
    ),
  )
  const [wanted] = useParam('account')
  const [tab = ''] = rest
  return (
    <View title="Wallet">
      <Answered of={wallets}>
        {(all) => {
          const wallet =
            all.find((one) => one.account_id === wanted) ?? all.find((one) => one.account_id === me) ?? all[0]
          if (!wallet) {
            return (
              <Empty title="You have no account yet.">
                <p>One is made when credits are first granted to you, or by whoever runs this.</p>
              </Empty>
            )
          }
          return (
            <>
              {all.length > 1 && (
                <ChoiceField
                  label="Account"
                  value={wallet.account_id}
                  onChange={(account) => setParams({ account })}
                  options={all.map((one) => [one.account_id, one.name ?? one.account_id])}
                />
              )}
              <WalletBalance balance={wallet} label={wallet.name ?? 'Credits'} />
              <Tabs of="wallet" open={tab} tabs={TABS} label="Wallet" />
              {tab === 'statement' && <Statement wallet={wallet} />}
              {tab === 'usage' && <Usage owner={wallet.lenser_id} />}
              {tab === '' && <Overview wallet={wallet} />}
            </>
          )
        }}
      </Answered>
    </View>
  )
}
