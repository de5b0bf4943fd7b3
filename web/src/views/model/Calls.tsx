/** A line of code each: what a request of the model costs, and a request that is charged. */

import { useApi } from '../../app/api.ts'
import { Copy } from '../../ui/Copy.tsx'
import css from './Model.module.css'

export function Calls({ model, meters }: { model: string; meters: readonly string[] }) {
  const { config } = useApi()
  const usage = Object.fromEntries(example(meters))
  const json = JSON.stringify(usage)
  const name = JSON.stringify(model)
  const shell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const lines: [string, string][] = [
    ['TypeScript', `await new Client(url, key).quote(${name}, ${json})`],
    ['Python', `Client(url, key).quote(${name}, ${json})`],
    [
      'TypeScript, a request that is charged',
      `ratebook.account(userId).track(openai).chat.completions.create({ model: ${name}, messages })`,
    ],
    [
      'Shell',
      `curl ${config.url}/rest/v1/rpc/quote -H 'apikey: ${config.anonKey}' -H 'Content-Profile: billing' -H 'Content-Type: application/json' -d ${shell(
        JSON.stringify({ model, usage }),
      )}`,
    ],
  ]
  // What is charged as a chat needs tokens.
  const shown = meters.includes('output') ? lines : lines.filter(([, line]) => !line.includes('.chat.'))
  return (
    <div className={css.calls}>
      {shown.map(([language, line]) => (
        <div key={language} className={css.call}>
          <h3>{language}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard */}
          <pre tabIndex={0}>
            <code>{line}</code>
          </pre>
          <Copy text={line} label={`Copy the line of ${language}`} />
        </div>
      ))}
    </div>
  )
}

const example = (meters: readonly string[]): [string, number][] => {
  const tokens = (
    [
      ['input', 1000],
      ['output', 500],
    ] as [string, number][]
  ).filter(([meter]) => meters.includes(meter))
  return tokens.length > 0 ? tokens : [[meters[0] ?? 'input', 1]]
}
