/** Who changed what, when, from what to what: the newest first. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { useApi, useAsked } from '../../app/api.ts'
import { setParams, useParam } from '../../app/router.ts'
import { useSession } from '../../app/session.ts'
import { useRegistry } from '../../lib/registry.ts'
import { Buttons, ChoiceField, Fields } from '../../ui/Fields.tsx'
import { Time } from '../../ui/Money.tsx'
import { Answered, Empty, Failure, Loading } from '../../ui/states.tsx'
import css from './Admin.module.css'

interface Entry {
  id: number
  changed_at: string
  table_name: string
  operation: 'INSERT' | 'UPDATE' | 'DELETE' | 'CALL'
  row_key: Record<string, unknown>
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  subject: string | null
  role: string
  database_user: string
  request_id: string | null
  model_id: string | null
}

const COLUMNS = 'id,changed_at,table_name,operation,row_key,before,after,subject,role,database_user,request_id,model_id'
const PAGE = 50

const TABLES = [
  '',
  'ai.models',
  'ai.model_pricing',
  'ai.model_aliases',
  'ai.providers',
  'ai.features',
  'ai.feature_model_policies',
  'billing.execution_margin_policies',
  'billing.credit_rates',
  'billing.grants',
  'billing.charges',
  'lensers.user_roles',
]
const OPERATIONS = ['', 'INSERT', 'UPDATE', 'DELETE', 'CALL']
const VERBS = { INSERT: 'added', UPDATE: 'changed', DELETE: 'deleted', CALL: 'called' }

export function Audit() {
  const { ratebook } = useApi()
  const who = useSession()?.user ?? null
  const [table] = useParam('table')
  const [operation] = useParam('operation')
  const people = useAsked(['people'], ({ ratebook: { api } }) =>
    api.all<{ id: string; display_name: string | null }>(() =>
      api
        .table('lensers', 'all_profiles')
        .select('id,display_name', { count: 'exact' })
        .filter('display_name', 'not.is', null)
        .order('id'),
    ),
  )
  const registry = useRegistry()
  const pages = useInfiniteQuery({
    queryKey: [who, 'audit', table, operation],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam: below }) => {
      let query = ratebook.api.table('lensers', 'audit_history').select(COLUMNS)
      if (table) query = query.eq('table_name', table)
      if (operation) query = query.eq('operation', operation)
      if (below !== null) query = query.lt('id', below)
      return ratebook.api.ask<Entry[]>(query.order('id', { ascending: false }).limit(PAGE))
    },
    getNextPageParam: (last) => (last.length === PAGE ? (last.at(-1)?.id ?? null) : null),
  })
  const names = new Map((people.data ?? []).map(({ id, display_name }) => [id, display_name]))
  const models = new Map((registry.data ?? []).map(({ id, key }) => [id, key]))
  const entries = pages.data?.pages.flat()
  return (
    <>
      <Fields>
        <ChoiceField
          label="Of"
          value={table}
          onChange={(table) => setParams({ table })}
          options={TABLES.map((name) => [name, name || 'everything'])}
        />
        <ChoiceField
          label="What"
          value={operation}
          onChange={(operation) => setParams({ operation })}
          options={OPERATIONS.map((name) => [name, name ? VERBS[name as Entry['operation']] : 'everything'])}
        />
      </Fields>
      <Failure error={pages.error} retry={() => void pages.refetch()} />
      {!entries && !pages.error && <Loading />}
      {entries?.length === 0 && <Empty title="Nobody changed anything of that." />}
      <Answered of={people}>
        {() =>
          entries && (
            <ol className={css.timeline}>
              {entries.map((entry) => (
                <li key={entry.id}>
                  <OneEntry entry={entry} names={names} models={models} />
                </li>
              ))}
            </ol>
          )
        }
      </Answered>
      {pages.hasNextPage && (
        <Buttons>
          <button type="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Show older entries
          </button>
        </Buttons>
      )}
    </>
  )
}

function OneEntry({
  entry,
  names,
  models,
}: {
  entry: Entry
  names: Map<string, string | null>
  models: Map<string, string>
}) {
  const { operation, table_name, subject, role, database_user, before, after, row_key, model_id } = entry
  const person = subject
    ? (names.get(subject) ?? subject)
    : role === 'service_role'
      ? 'the service role'
      : database_user
  const model = model_id && (models.get(model_id) ?? model_id)
  const what = String(after?.function ?? before?.key ?? after?.key ?? model ?? Object.values(row_key).join(', '))
  const facts = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return (
    <details>
      <summary>
        <Time at={entry.changed_at} style="time" /> · <strong>{person}</strong> {VERBS[operation]} {table_name} · {what}
      </summary>
      <table className={`list ${css.changes}`}>
        <caption className="hidden">What it was and is</caption>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{shown(before, name)}</td>
              <td>{shown(after, name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">
        As {role}
        {entry.request_id && `, request ${entry.request_id}`}
      </p>
    </details>
  )
}

function shown(row: Record<string, unknown> | null, name: string) {
  const value = row?.[name]
  if (value === undefined || value === null) return <span className="none">–</span>
  return typeof value === 'string' ? value : JSON.stringify(value)
}
