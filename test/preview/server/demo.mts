import { spawn, spawnSync, type ChildProcess, type SpawnSyncOptions } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Prometheus that holds made-up series. */
export interface Demo {
  url: string;
  /** The time at which the series end, for pages that are to look the same however long they take. */
  environment: { PREVIEW_NOW: string };
  stop: () => Promise<void>;
}

const preview = join(import.meta.dirname, '..');
const root = join(preview, '../..');

/**
 * Makes series of one cluster or of a fleet, has promtool make blocks of them, and starts Prometheus on those. Both are built as the
 * tests' are.
 */
export async function startDemo(of: string): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'preview-'));
  const discard = () => rmSync(folder, { recursive: true });
  try {
    return await demoIn(of, folder, discard);
  } catch (reason) {
    discard();
    throw reason;
  }
}

async function demoIn(of: string, folder: string, discard: () => void): Promise<Demo> {
  const [prometheus, promtool] = output('go', ['run', './test/cluster/build', 'prometheus', 'promtool']).split('\n');
  const text = join(folder, 'series');
  const end = Math.floor(Date.now() / 30_000) * 30_000;
  run(process.execPath, ['--import', 'tsx', 'demo/main.ts', String(end), of], {
    cwd: preview,
    stdio: ['ignore', openSync(text, 'w'), 'inherit'],
  });
  output(join(promtool, 'promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', text, join(folder, 'data')]);
  rmSync(text);
  const port = await freePort();
  const child = start(join(prometheus, 'prometheus'), folder, port);
  const stop = async () => {
    child.kill();
    await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
    discard();
  };
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child);
  return { url, environment: { PREVIEW_NOW: String(end) }, stop };
}

const output = (name: string, args: string[]) =>
  run(name, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

function run(name: string, args: string[], options: SpawnSyncOptions): string {
  const { status, stdout, error } = spawnSync(name, args, options);
  if (status !== 0) {
    throw error ?? new Error(`${name} ended with ${status}`);
  }
  return String(stdout ?? '');
}

function start(binary: string, folder: string, port: number): ChildProcess {
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, 'global: {}\n');
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
    '--query.lookback-delta=1m', // what is made up has no markers of where a series ends
  ];
  return spawn(binary, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    }),
  );
}

const patience = 30_000;

/** Asks until Prometheus is ready, has ended, or takes too long. */
async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + patience;
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error('the Prometheus of the demo does not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
