import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/stand-in.ts'],
    testTimeout: 60_000,
    // The machine is shared with the database, PostgREST and the gateway.
    maxWorkers: 2,
    isolate: false,
  },
})
