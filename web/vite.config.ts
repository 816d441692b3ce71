import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { compress } from './build/compress';

// Where the API is while the page is developed (`npm run dev`); what is built is served by the API itself.
const api = process.env.TODOFLOW_URL ?? 'http://127.0.0.1:8080';
const proxy = { '/api': { target: api }, '/hubs': { target: api, ws: true } };

export default defineConfig({
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy },
  preview: { proxy },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false, // src/app/worker.ts does it: no script is inline
      injectManifest: { globPatterns: ['**/*.{js,css,html,svg,png}'], globIgnores: ['**/sw.js'] },
      manifest: {
        id: '/',
        name: 'TodoFlow',
        short_name: 'TodoFlow',
        description: 'Tasks, on every device, also without a network.',
        start_url: '/today',
        scope: '/',
        display: 'standalone',
        background_color: '#fbfbfa',
        theme_color: '#fbfbfa',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
        ],
        shortcuts: [{ name: 'Add a task', url: '/today?add' }],
      },
    }),
    compress(),
  ],
});
