/** What `npm pack` makes, in a project that has nothing else: under Node's rules, a bundler's, and Deno. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anonKey, url } from './stack.js'

const run = promisify(execFile)
const here = new URL('..', import.meta.url).pathname
const npm = (...command: string[]) => run('npm', [...command, '--ignore-scripts', '--loglevel=error'], { cwd: here })

const APP = `
import { Client, type Quote } from '@ratebook/client'

const client = new Client(process.env.RATEBOOK_URL!, process.env.RATEBOOK_ANON_KEY!)
const quote: Quote = await client.quote('gpt-4o-mini', { input: 1000, output: 500 })
// @ts-expect-error: money is text
export const wrong: number = quote.credits
console.log(quote.credits)
`
const SERVER = `
import Anthropic from '@anthropic-ai/sdk'
import { createClient } from '@supabase/supabase-js'
import { type Charged, Client, type Database, InsufficientCredits } from '@ratebook/client'
import { tracked } from '@ratebook/client/ai'
import { type LanguageModel, wrapLanguageModel } from 'ai'
import OpenAI from 'openai'

const account = new Client(createClient<Database>('http://localhost', 'key')).account('1')
export const openai: OpenAI = account.track(new OpenAI({ apiKey: 'none' }), { on_charge: (made: Charged) => made.credits })
export const anthropic: Anthropic = account.track(new Anthropic({ apiKey: 'none' }))
export const model = (inner: Parameters<typeof wrapLanguageModel>[0]['model']): LanguageModel =>
  wrapLanguageModel({ model: inner, middleware: tracked(account) })
export const isPoor = (error: unknown): string => (error instanceof InsufficientCredits ? error.needed : '')
`
const PAGE = `
import type { CatalogueEntry } from '@ratebook/client'
import { ModelPicker, PriceTag } from '@ratebook/client/react'
export const Page = ({ models }: { models: CatalogueEntry[] }) => (
  <><ModelPicker models={models} onChange={(key: string) => key} /><PriceTag price="1" currency="USD" /></>
)
`
// What the project would install beside it; from here, so that nothing is asked of a registry.
const BESIDE = [
  '@anthropic-ai/sdk', '@supabase/postgrest-js', '@supabase/supabase-js', '@types/node', '@types/react', 'ai', 'openai', 'react',
  'typescript',
] // biome-ignore format: a list
const TSC = join(here, 'node_modules/typescript/bin/tsc')
const STRICT = [
  '--strict',
  '--noEmit',
  '--exactOptionalPropertyTypes',
  '--jsx',
  'react-jsx',
  '--target',
  'esnext',
  '--types',
  'node',
]

let project = ''
let packed: string[] = []
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'ratebook-js-'))
  const { stdout } = await npm('pack', '--json', '--pack-destination', project)
  const [{ filename, files }] = JSON.parse(stdout)
  packed = files.map((file: { path: string }) => file.path)
  const dependencies = Object.fromEntries(BESIDE.map((name) => [name, `file:${here}node_modules/${name}`]))
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...dependencies, '@ratebook/client': `file:./${filename}` },
  }
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(project, 'app.ts'), APP)
  await writeFile(join(project, 'server.ts'), SERVER)
  await writeFile(join(project, 'page.tsx'), PAGE)
  await npm('install', '--offline', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefix', project)
})
afterAll(() => rm(project, { recursive: true, force: true }))

const inProject = (command: string, ...rest: string[]) =>
  run(command, rest, {
    cwd: project,
    env: {
      ...process.env,
      RATEBOOK_URL: url,
      RATEBOOK_ANON_KEY: anonKey,
      DENO_NO_UPDATE_CHECK: '1',
      DENO_DIR: join(project, '.deno'),
    },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(error.stdout + error.stderr)
  })

describe('the package', () => {
  test.each([
    ["Node's rules", ['--module', 'nodenext']],
    ["a bundler's", ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('type-checks by %s', async (_, options) => {
    // Its own declarations are checked, those of others are not.
    await inProject(process.execPath, TSC, ...STRICT, '--skipLibCheck', ...options, 'app.ts', 'server.ts', 'page.tsx')
  })

  test('type-checks and runs in Deno', async () => {
    const deno = join(here, 'node_modules/.bin/deno')
    const options = { nodeModulesDir: 'manual', compilerOptions: { jsx: 'react-jsx', jsxImportSource: 'react' } }
    await writeFile(join(project, 'deno.json'), JSON.stringify(options))
    await inProject(deno, 'check', 'app.ts')
    expect((await inProject(deno, 'run', '--allow-all', 'app.ts')).stdout).toBe('0.585\n')
  })

  test('runs in Node, without React', async () => {
    expect((await inProject(process.execPath, 'app.ts')).stdout).toBe('0.585\n')
  })

  test('has its licence, and nothing that is not built', async () => {
    expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/react/index.d.ts']))
    expect(packed.filter((path) => !/^(dist\/.*\.(js|d\.ts)|LICENSE|README\.md|package\.json)$/.test(path))).toEqual([])
    expect(await readFile(join(here, 'LICENSE'), 'utf8')).toBe(await readFile(join(here, '../LICENSE'), 'utf8'))
  })
})
