import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const client = (path: string) => fileURLToPath(new URL(`../js_client/src/${path}`, import.meta.url))

export default defineConfig({
  // Any folder of any host serves it.
  base: './',
  plugins: [react()],
  resolve: {
    alias: {
      '@ratebook/client/react': client('react/index.ts'),
      '@ratebook/client': client('index.ts'),
    },
    // The client's sources lie beside packages of their own.
    dedupe: ['react', 'react-dom', '@supabase/postgrest-js'],
  },
  build: {
    target: 'es2023',
    sourcemap: false,
    // A policy without inline content: nothing is put into the HTML or into data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { fs: { allow: ['..'] } },
})
