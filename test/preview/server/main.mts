/**
 * Command serve builds the page if it must and serves it, over the Prometheus of PROMETHEUS_URL, or with DEMO over one of its
 * own. With arguments it runs them as a command while it serves, with PREVIEW_URL in their environment, and ends with them.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { startDemo } from './demo.mts';

const root = join(import.meta.dirname, '..');

async function main(command: string[]): Promise<number> {
  const demo = process.env.DEMO ? await startDemo(process.env.DEMO) : undefined;
  try {
    process.env.PROMETHEUS_URL = demo?.url ?? process.env.PROMETHEUS_URL ?? 'http://localhost:9090';
    await answers(process.env.PROMETHEUS_URL);
    await buildIfOlder();
    const server = await preview({ root });
    const url = server.resolvedUrls?.local[0] ?? '';
    console.log(`dashboards over ${process.env.PROMETHEUS_URL} at ${url}`);
    const code = command.length > 0 ? await run(command, { PREVIEW_URL: url, ...demo?.environment }) : await interrupted();
    await server.close();
    return code;
  } finally {
    await demo?.stop();
  }
}

/** Fails with what to do where no Prometheus answers. */
async function answers(url: string): Promise<void> {
  const query = new URL(`${url.replace(/\/$/, '')}/api/v1/query?query=vector(1)`);
  const body = await fetch(query, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.json().catch(() => undefined),
    () => undefined,
  );
  if (body?.status !== 'success') {
    const forward = 'kubectl -n monitoring port-forward svc/prometheus-operated 9090';
    throw new Error(`no Prometheus answers at ${url}: say where one is with PROMETHEUS_URL, forward it with \`${forward}\`, or try DEMO=1`);
  }
}

async function buildIfOlder(): Promise<void> {
  const built = join(root, 'dist/index.html');
  const sources = ['src', 'index.html', 'vite.config.mts', 'package-lock.json'].flatMap((path) => files(join(root, path)));
  const when = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (sources.some((file) => statSync(file).mtimeMs > when)) {
    console.log('building the page, which takes half a minute');
    await build({ root, logLevel: 'warn' });
  }
}

const files = (path: string): string[] =>
  statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file)) : [path];

function run([name, ...rest]: string[], more: Record<string, string>): Promise<number> {
  const child = spawn(name, rest, { stdio: 'inherit', env: { ...process.env, ...more } });
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', (code) => resolve(code ?? 1)));
}

const interrupted = () =>
  new Promise<number>((resolve) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => resolve(0))));

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (reason) => {
    console.error(`error: ${reason.message ?? reason}`);
    process.exit(1);
  },
);
