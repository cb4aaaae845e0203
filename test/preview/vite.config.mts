import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { dashboards } from './server/dashboards.mts';
import { publicFiles } from './server/publicfiles.mts';

const prometheus = process.env.PROMETHEUS_URL ?? 'http://localhost:9090';
const port = Number(process.env.PORT ?? 4000);

// The page asks its own server, which asks Prometheus: a Prometheus does not answer pages of others. A path in the URL, as
// that of a Service behind an API server, is put before what the page asks.
const proxy = { '/api/v1': { target: prometheus, changeOrigin: true, secure: false } };

export default defineConfig({
  plugins: [react(), dashboards(process.env.DASHBOARDS), publicFiles()],
  build: { chunkSizeWarningLimit: 20_000, reportCompressedSize: false },
  preview: { port, strictPort: true, proxy },
  server: { port, strictPort: true, proxy },
});
