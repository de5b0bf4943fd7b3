import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@ratebook/client': new URL('src/index.ts', import.meta.url).pathname } },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/stand-in.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // The machine is shared with the database, PostgREST and the gateway.
    maxWorkers: 2,
    isolate: false,
  },
})
