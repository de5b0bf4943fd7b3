/** What a provider's own usage becomes, and what it costs with some models. */

import { QuoteLines } from '@ratebook/client/react'
import { useDeferredValue, useId, useMemo } from 'react'
import { useAsked } from '../../app/api.ts'
import { Link, listOf, listText, setParams, useAddress } from '../../app/router.ts'
import { meterName } from '../../lib/catalogue.ts'
import { MOST_COMPARED } from '../../lib/usage.ts'
import { Wide } from '../../ui/Fields.tsx'
import { ModelSearch } from '../../ui/ModelSearch.tsx'
import { Money } from '../../ui/Money.tsx'
import { Answered, Empty, Failure, View } from '../../ui/states.tsx'
import css from './Calculator.module.css'

/** As `ai.normalize_usage` calls them. */
const FORMATS = [
  'openai_chat',
  'openai_responses',
  'anthropic',
  'gemini',
  'bedrock',
  'deepseek',
  'groq',
  'mistral',
  'xai',
  'perplexity',
  'cohere',
  'ollama',
  'dashscope',
  'openrouter',
  'litellm',
  'langchain',
  'vercel_ai',
  'openai_agents',
  'opentelemetry',
]

const EXAMPLES: readonly [name: string, raw: object, models: string][] = [
  [
    'OpenAI',
    {
      model: 'gpt-4o-mini',
      object: 'chat.completion',
      usage: { prompt_tokens: 1200, completion_tokens: 350, prompt_tokens_details: { cached_tokens: 1024 } },
    },
    'gpt-4o-mini,gpt-4o',
  ],
  [
    'Anthropic',
    {
      type: 'message',
      model: 'claude-sonnet-5-5',
      usage: { input_tokens: 176, cache_read_input_tokens: 1024, output_tokens: 350 },
    },
    'claude-sonnet-5-5,claude-opus-5-5',
  ],
  [
    'Gemini',
    { usageMetadata: { promptTokenCount: 1200, candidatesTokenCount: 350, totalTokenCount: 1550 } },
    'gemini-3.8-flash',
  ],
]

// Longer ones stay out of the address.
const LONGEST = 4000

export default function Calculator() {
  const { params } = useAddress()
  const id = useId()
  const text = params.get('usage') ?? ''
  const format = params.get('format') ?? ''
  const names = params.get('models') ?? ''
  const read = useMemo(() => parsed(text), [text])
  const raw = useDeferredValue(read.raw)
  // An answer says which model gave it.
  const models = useMemo(() => {
    const said = listOf(names)
    const guess = typeof read.raw?.model === 'string' && read.raw.model ? [read.raw.model] : []
    return [...new Set(params.has('models') ? said : guess)].slice(0, MOST_COMPARED)
  }, [names, params, read.raw])
  const named = models.filter((model) => model !== '-')
  const choose = (chosen: readonly string[]) => setParams({ models: listText(chosen) || '-' })
  return (
    <View title="Calculator">
      <div className={css.page}>
        <section className={css.given} aria-label="The usage">
          <label htmlFor={`${id}raw`}>The usage of an answer, or the whole answer, as JSON</label>
          <textarea
            id={`${id}raw`}
            className="code"
            rows={14}
            spellCheck={false}
            placeholder={'{"usage": {"prompt_tokens": 1200, "completion_tokens": 350}}'}
            value={text}
            aria-invalid={read.problem !== null}
            aria-describedby={read.problem ? `${id}problem` : undefined}
            onChange={(event) => setParams({ usage: event.currentTarget.value })}
          />
          {read.problem && (
            <p id={`${id}problem`} className={css.problem} role="alert">
              {read.problem}
            </p>
          )}
          <div className={css.row}>
            <label htmlFor={`${id}format`}>Format</label>
            <select
              id={`${id}format`}
              value={format}
              onChange={(event) => setParams({ format: event.currentTarget.value })}
            >
              <option value="">seen by its shape</option>
              {FORMATS.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <p className={css.row}>
            Such as
            {EXAMPLES.map(([name, example, some]) => (
              <button
                key={name}
                type="button"
                className="plain"
                onClick={() => setParams({ usage: JSON.stringify(example, null, 2), format: null, models: some })}
              >
                {name}
              </button>
            ))}
          </p>
          {text.length > LONGEST && <p className="soft">This is long: links to it may not work everywhere.</p>}
        </section>
        <section className={css.answers} aria-label="What it comes to">
          {raw ? (
            <>
              <Meters raw={raw} format={format} />
              <ModelSearch
                label={models.length < MOST_COMPARED ? 'Add a model' : 'Six models are the most'}
                disabled={models.length >= MOST_COMPARED}
                without={named}
                onChoose={(key) => choose([...named, key])}
              />
              {named.length > 1 && <Costs models={named} raw={raw} format={format} />}
              {named.map((model) => (
                <Cost
                  key={model}
                  model={model}
                  raw={raw}
                  format={format}
                  leave={() => choose(models.filter((one) => one !== model))}
                />
              ))}
            </>
          ) : (
            <Empty title="Paste what a provider answered.">
              <p>
                Its usage becomes meters, each unit in exactly one, and those are priced with each model that you add.
                Texts and prompts stay in this browser: only what is counted is sent.
              </p>
            </Empty>
          )}
        </section>
      </div>
    </View>
  )
}

type Raw = Record<string, unknown>

function parsed(text: string): { raw: Raw | null; problem: string | null } {
  if (!text.trim()) return { raw: null, problem: null }
  try {
    const found: unknown = JSON.parse(text)
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) {
      return { raw: found as Raw, problem: null }
    }
    return { raw: null, problem: 'A usage is a JSON object.' }
  } catch (error) {
    return { raw: null, problem: `That is no JSON yet: ${(error as Error).message}` }
  }
}

function Meters({ raw, format }: { raw: Raw; format: string }) {
  const answer = useAsked(
    ['normalize', raw, format],
    ({ ratebook }) => ratebook.normalizeUsage(raw, format || undefined),
    {
      keep: true,
    },
  )
  if (answer.error) return <Failure error={answer.error} />
  return (
    <Answered of={answer}>
      {(meters) => (
        <table className="list">
          <caption>What it counts</caption>
          <thead className="hidden">
            <tr>
              <th scope="col">Meter</th>
              <th scope="col">Quantity</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(meters).map(([meter, quantity]) => (
              <tr key={meter}>
                <th scope="row">{meterName(meter)}</th>
                <td className="right">
                  <Money amount={String(quantity)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Answered>
  )
}

/** The models by what it costs, the cheapest first. */
function Costs({ models, raw, format }: { models: readonly string[]; raw: Raw; format: string }) {
  const answer = useAsked(
    ['compare', raw, format, models],
    ({ ratebook }) => ratebook.compare(raw, models, format ? { format } : {}),
    { keep: true },
  )
  // Each model's own card says what was refused.
  if (!answer.data) return null
  return (
    <Wide label="Costs by model">
      {' '}
      <table className="list">
        <caption>The cheapest first</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="right">
              Cost
            </th>
            <th scope="col" className="right">
              Credits
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.data.map((one) => (
            <tr key={one.index}>
              <th scope="row">{one.asked}</th>
              <td className="right">
                <Money amount={one.cost} currency={one.currency} none="no price" />
              </td>
              <td className="right">
                <Money amount={one.credits} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

function Cost({ model, raw, format, leave }: { model: string; raw: Raw; format: string; leave: () => void }) {
  const answer = useAsked(
    ['quote', model, raw, format],
    ({ ratebook }) => ratebook.quote(model, raw, format ? { format } : {}),
    { keep: true },
  )
  return (
    <div className="card">
      <div className={css.top}>
        <h2>
          <Link to={['models', model]}>{model}</Link>
        </h2>
        <button type="button" className="plain" aria-label={`Leave ${model} out`} onClick={leave}>
          ×
        </button>
      </div>
      {answer.error ? (
        <Failure error={answer.error} />
      ) : (
        <Answered of={answer}>
          {(quote) => <QuoteLines quote={quote} caption={`What it costs with ${quote.model}`} />}
        </Answered>
      )}
    </div>
  )
}
