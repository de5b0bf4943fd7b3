/** Starts the stand-in for the providers, which speaks their wire formats. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    standIn: string
  }
}

export default async function setup(project: TestProject) {
  if (!process.env.RATEBOOK_URL) {
    throw new Error('These tests need a stack: run tests/client/test_js_client.py, which starts one and them.')
  }
  const script = new URL('../../examples/stand_in.py', import.meta.url).pathname
  const server = spawn('python3', [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(server.stdout), 'line')
  project.provide('standIn', String(url).trim())
  return () => {
    server.kill('SIGKILL') // it has nothing to tidy up
  }
}
