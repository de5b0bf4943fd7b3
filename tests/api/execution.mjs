// An evaluation through supabase-js, as one JSON object. Arguments: url, anon key, service key, token of the judge, owner,
// judge, other's token, models (five that answer, two that judge) with commas, and how many cases.
import { createClient } from '@supabase/supabase-js'

const [url, anonKey, serviceKey, judgeToken, owner, person, otherToken, names, count] = process.argv.slice(2)
const connect = (key, token) =>
  createClient(url, key, {
    auth: { persistSession: false },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  }).schema('execution')
const service = connect(serviceKey)
const judge = connect(anonKey, judgeToken)
const done = async (asked) => {
  const { data, error } = await asked
  if (error) throw new Error(JSON.stringify(error))
  return data
}
const models = names.split(',')
const contenders = models.slice(0, 5)
const judges = models.slice(5)

const evaluation = await done(
  service
    .rpc('create_evaluation', {
      name: `js ${models[0]}`,
      contenders,
      judges: [...judges, { person, name: 'Judy' }],
      lenser: owner,
    })
    .single(),
)
await done(service.rpc('change_evaluation', { evaluation: evaluation.id, state: 'open' }))
const run = await done(service.rpc('start_run', { evaluation: evaluation.id, key: 'one' }).single())

const charged = []
const submissions = []
// Ten at a time: each is a transaction of its own.
const each = async (items, work) => {
  for (let start = 0; start < items.length; start += 10) {
    await Promise.all(items.slice(start, start + 10).map(work))
  }
}
const cases = Array.from({ length: Number(count) }, (_, n) => `case ${n + 1}`)
await each(
  cases.flatMap((case_key, n) => contenders.map((contender, m) => ({ case_key, contender, n, m }))),
  async ({ case_key, contender, n, m }) => {
    const answer = await done(
      service.rpc('submit', {
        run: run.id,
        contender,
        case_key,
        account: owner,
        usage: { input: 100 + n, output: 10 * (m + 1) + n },
        output: `${contender} on ${case_key}`,
      }),
    )
    charged.push(answer.credits)
    submissions.push({ id: answer.submission_id, n, m })
  },
)
await each(
  submissions.flatMap((one) => judges.map((name, j) => ({ ...one, name, j }))),
  async ({ id, n, m, name, j }) => {
    const answer = await done(
      service.rpc('score', {
        submission: id,
        value: (m * 3 + n * (m + 1) * (j + 2)) % 7,
        judge: name,
        account: owner,
        usage: { input: 50 + m, output: 5 },
      }),
    )
    charged.push(answer.credits)
  },
)
const waiting = await done(judge.rpc('to_score'))
await each(waiting, ({ submission_id, output }) =>
  done(judge.rpc('score', { submission: submission_id, value: output.length % 5, rationale: 'length' })),
)
const finished = await done(service.rpc('finish_run', { run: run.id }).single())
const seen = async (client, ...columns) => {
  const { data, error, status } = await client.rpc('leaderboard', { evaluation: evaluation.id }, { get: true })
  return { rows: data?.length ?? null, status, token: error && JSON.parse(error.details).error }
}

console.log(
  JSON.stringify({
    evaluation: evaluation.id,
    run: finished.state,
    submissions: submissions.length,
    waiting: waiting.length,
    charged,
    costs: await done(
      service.rpc('costs', { evaluation: evaluation.id }).select('contender,submissions,judgements,credits::text'),
    ),
    leaderboard: await done(
      service.rpc('leaderboard', { evaluation: evaluation.id }).select('contender,submissions,scores,comparisons,rating'),
    ),
    stranger: await seen(connect(anonKey, otherToken)),
    anon: await seen(connect(anonKey)),
  }),
)
