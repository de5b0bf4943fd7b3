/** A catalogue from a file of rows: its difference first, then the import. */

import { useState } from 'react'
import type { Api } from '../../app/api.ts'
import { Buttons, Done, Field, Fields, Preview, Section, useStep } from '../../ui/Fields.tsx'
import { Count, Money } from '../../ui/Money.tsx'
import { Failure } from '../../ui/states.tsx'
import css from './Admin.module.css'

/** What `ratebook import SOURCE --rows FILE` writes. */
interface Rows {
  source: string
  models: unknown[]
  starts_at?: string
}

interface Odd {
  model: string
  meter: string
  price: string
  in_force: string | null
  reason?: string
}

interface Report {
  source: string
  providers: Record<string, number>
  models: Record<string, number>
  aliases: Record<string, number>
  prices: Record<string, number>
  unmapped: Record<string, number> | unknown[]
  held: Odd[]
  pinned: Odd[]
  skipped: { model: string; problem: string }[]
  taken: { name: string; model: string; held_by: string }[]
  own_prices: { model: string; price_source: string; missing: string[] }[]
}

interface Asked {
  rows: Rows
  /** Models whose odd prices are let through. */
  accept: string[]
}

const imported = (api: Api['ratebook']['api'], { rows, accept }: Asked, dry_run: boolean) =>
  api.call('ai', 'import_catalogue', { ...rows, accept, dry_run })

export function Import() {
  const [file, setFile] = useState<{ name: string; rows: Rows }>()
  const [unreadable, setUnreadable] = useState<string>()
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(new Set())
  const dry = useStep(({ ratebook: { api } }, asked: Asked) => api.ask<Report>(imported(api, asked, true)), {
    changes: false,
  })
  const real = useStep(({ ratebook: { api } }, asked: Asked) => api.ask<Report>(imported(api, asked, false)))

  async function read(chosen: File | undefined) {
    setFile(undefined)
    setUnreadable(undefined)
    setAccepted(new Set())
    dry.reset()
    real.reset()
    if (!chosen) return
    try {
      const rows = JSON.parse(await chosen.text()) as Partial<Rows>
      if (typeof rows?.source !== 'string' || !Array.isArray(rows.models)) throw new TypeError('no rows')
      const { source, models, starts_at } = rows
      const meant = { source, models, ...(starts_at && { starts_at }) }
      setFile({ name: chosen.name, rows: meant })
      dry.mutate({ rows: meant, accept: [] })
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) {
        setUnreadable(`${chosen.name} is no file of rows. \`ratebook import SOURCE --rows FILE\` writes one.`)
      } else throw error
    }
  }

  const accept = [...accepted]
  return (
    <Section title="Import a catalogue">
      <Fields>
        <Field
          label="File of rows"
          hint={
            <>
              <code>ratebook import litellm --rows rows.json</code> writes it, and asks no database.
            </>
          }
        >
          {(id, hintId) => (
            <input
              id={id}
              aria-describedby={hintId}
              type="file"
              accept=".json,application/json"
              onChange={(event) => void read(event.currentTarget.files?.[0])}
            />
          )}
        </Field>
      </Fields>
      {unreadable && <Failure error={{ message: unreadable }} />}
      {dry.isPending && (
        <p role="status">
          Comparing <Count value={file?.rows.models.length} /> models with the database…
        </p>
      )}
      <Failure error={dry.error} />
      {file && dry.data && !real.data && (
        <Preview title={`What ${file.name} would change`}>
          <Difference report={dry.data} accepted={accepted} setAccepted={setAccepted} />
          <Failure error={real.error} />
          <Buttons>
            {accept.length > 0 && (
              <button type="button" disabled={dry.isPending} onClick={() => dry.mutate({ rows: file.rows, accept })}>
                Compare again with {accept.length} accepted
              </button>
            )}
            <button
              type="button"
              className="primary"
              disabled={real.isPending || dry.isPending}
              onClick={() => real.mutate({ rows: file.rows, accept })}
            >
              {real.isPending ? 'Importing…' : `Import ${file.rows.models.length} models of ${file.rows.source}`}
            </button>
          </Buttons>
        </Preview>
      )}
      {real.data && (
        <>
          <Done>Imported. Each change is in the history with your name.</Done>
          <Difference report={real.data} accepted={accepted} />
        </>
      )}
    </Section>
  )
}

function Difference({
  report,
  accepted,
  setAccepted,
}: {
  report: Report
  accepted: ReadonlySet<string>
  setAccepted?: (accepted: ReadonlySet<string>) => void
}) {
  const { held, pinned, skipped, taken, own_prices } = report
  const kinds = ['providers', 'models', 'aliases', 'prices'] as const
  const columns = [...new Set(kinds.flatMap((kind) => Object.keys(report[kind])))]
  return (
    <>
      <div className={css.wide}>
        <table className="list">
          <caption className="hidden">Counts</caption>
          <thead>
            <tr>
              <th scope="col">Rows</th>
              {columns.map((column) => (
                <th key={column} scope="col" className="right">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                {columns.map((column) => (
                  <td key={column} className="right">
                    <Count value={report[kind][column]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {held.length > 0 && (
        <fieldset>
          <legend>Held back: odd prices, which are let through by name</legend>
          <ul className={css.held}>
            {[...Map.groupBy(held, ({ model }) => model)].map(([model, prices]) => (
              <li key={model}>
                {setAccepted ? (
                  <label>
                    <input
                      type="checkbox"
                      checked={accepted.has(model)}
                      onChange={(event) => {
                        const after = new Set(accepted)
                        if (event.currentTarget.checked) after.add(model)
                        else after.delete(model)
                        setAccepted(after)
                      }}
                    />{' '}
                    {model}
                  </label>
                ) : (
                  model
                )}
                <ul>
                  {prices.map((odd) => (
                    <li key={JSON.stringify(odd)}>
                      {odd.meter}: <Money amount={odd.in_force} /> → <Money amount={odd.price} /> a unit
                      {odd.reason && <span className="soft"> ({odd.reason})</span>}
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </fieldset>
      )}
      <Named title="Kept: prices that were set by hand" all={pinned} text={(one) => `${one.model} ${one.meter}`} />
      <Named title="Left out" all={skipped} text={(one) => `${one.model}: ${one.problem}`} />
      <Named
        title="Names that lead elsewhere from now on"
        all={taken}
        text={(one) => `${one.name}: from ${one.held_by} to ${one.model}`}
      />
      <Named
        title="With prices of their own, which lack meters"
        all={own_prices}
        text={(one) => `${one.model} (${one.price_source}): ${one.missing?.join(', ')}`}
      />
    </>
  )
}

const SHOWN = 50

function Named<T>({ title, all, text }: { title: string; all: readonly T[] | undefined; text: (one: T) => string }) {
  if (!all || all.length === 0) return null
  return (
    <details>
      <summary>
        {title}: <Count value={all.length} />
      </summary>
      <ul>
        {all.slice(0, SHOWN).map((one) => (
          <li key={text(one)}>{text(one)}</li>
        ))}
      </ul>
      {all.length > SHOWN && <p className="soft">And {all.length - SHOWN} more.</p>}
    </details>
  )
}
