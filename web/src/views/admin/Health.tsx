/** Whether the installation and the wallet are sound, and which models answer badly at the moment. */

import { useAsked } from '../../app/api.ts'
import { Section } from '../../ui/Fields.tsx'
import { Time } from '../../ui/Money.tsx'
import { Answered, Empty } from '../../ui/states.tsx'

interface Check {
  check_name: string
  severity: 'ok' | 'warning' | 'error'
  message: string
}

interface Report {
  id: string
  state: string
  until: string
  reason: string | null
  models: { key: string } | null
  providers: { key: string } | null
}

const DAY = 86_400_000

export function Health() {
  const installation = useAsked(['health', 'installation'], ({ ratebook: { api } }) =>
    api.ask<Check[]>(api.call('ai', 'self_check', {})),
  )
  const wallet = useAsked(['health', 'wallet'], ({ ratebook: { api } }) =>
    // All of a large wallet takes minutes; what was written today stands for it.
    api.ask<Check[]>(api.call('billing', 'self_check', { since: new Date(Date.now() - DAY).toISOString() })),
  )
  const usage = useAsked(['health', 'usage'], ({ ratebook: { api } }) =>
    api.ask<Check[]>(api.call('billing', 'check_usage', {})),
  )
  const reports = useAsked(['health', 'reports'], ({ ratebook: { api } }) =>
    api.ask<Report[]>(
      api
        .table('ai', 'health_reports')
        .select('id,state,until,reason,models(key),providers(key)')
        .gt('until', 'now')
        .order('until'),
    ),
  )
  return (
    <>
      <Section title="Models that answer badly">
        <Answered of={reports}>
          {(all) =>
            all.length === 0 ? (
              <Empty title="None is reported." />
            ) : (
              <ul>
                {all.map((report) => (
                  <li key={report.id}>
                    <strong>{report.models?.key ?? report.providers?.key}</strong>: {report.state} until{' '}
                    <Time at={report.until} style="time" />
                    {report.reason && <span className="soft"> ({report.reason})</span>}
                  </li>
                ))}
              </ul>
            )
          }
        </Answered>
      </Section>
      <Checks title="Installation" of={installation} />
      <Checks title="Wallet, what was written in the last 24 hours" of={wallet} />
      <Checks title="Usage of this month" of={usage} />
    </>
  )
}

function Checks({ title, of }: { title: string; of: ReturnType<typeof useAsked<Check[]>> }) {
  return (
    <Section title={title}>
      <Answered of={of}>
        {(all) => {
          const bad = all.filter(({ severity }) => severity !== 'ok')
          return (
            <>
              <p>
                {all.length - bad.length} of {all.length} checks are fine.
              </p>
              {bad.length > 0 && <List checks={bad} />}
              <details>
                <summary>All checks</summary>
                <List checks={all} />
              </details>
            </>
          )
        }}
      </Answered>
    </Section>
  )
}

function List({ checks }: { checks: readonly Check[] }) {
  return (
    <table className="list">
      <caption className="hidden">Checks</caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">State</th>
          <th scope="col">What it says</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <tr key={check.check_name}>
            <th scope="row">{check.check_name}</th>
            <td>{check.severity}</td>
            <td>{check.message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
