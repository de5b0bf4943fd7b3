/** Builds the package, which the examples import, and starts the stand-in for the providers, which speaks their wire formats. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    standIn: string
  }
}

const here = new URL('..', import.meta.url)

export default async function setup(project: TestProject) {
  if (!process.env.RATEBOOK_URL) {
    throw new Error('These tests need a stack: run tests/client/test_js_client.py, which starts one and them.')
  }
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { cwd: here })
  const script = new URL('../../examples/stand_in.py', import.meta.url).pathname
  const server = spawn('python3', [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(server.stdout), 'line')
  project.provide('standIn', String(url).trim())
  return () => {
    server.kill('SIGKILL') // it has nothing to tidy up
  }
}
