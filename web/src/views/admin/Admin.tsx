/** What admins do every day. Each step that changes something shows first what it would do. */

import { Tabs } from '../../ui/Fields.tsx'
import { Empty, View } from '../../ui/states.tsx'
import { Audit } from './Audit.tsx'
import { Health } from './Health.tsx'
import { Import } from './Import.tsx'
import { Margins } from './Margins.tsx'
import { Models } from './Models.tsx'
import { Prices } from './Prices.tsx'
import { Routes } from './Routes.tsx'

const TABS = {
  '': 'Models',
  prices: 'Prices',
  margins: 'Margins',
  import: 'Import',
  routes: 'Routes',
  audit: 'History',
  health: 'Health',
}
const VIEWS: Record<string, () => React.ReactNode> = {
  '': Models,
  prices: Prices,
  margins: Margins,
  import: Import,
  routes: Routes,
  audit: Audit,
  health: Health,
}

export default function Admin({ rest: [tab = ''] }: { rest: readonly string[] }) {
  const Shown = VIEWS[tab]
  return (
    <View title={`Admin: ${TABS[tab as keyof typeof TABS] ?? 'not here'}`}>
      <Tabs of="admin" open={tab} tabs={TABS} label="Admin" />
      {Shown ? <Shown /> : <Empty title="There is no such view." />}
    </View>
  )
}
