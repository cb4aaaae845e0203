/** Debian's Chromium, as the test bed takes its other tools from Debian. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Opens a browser without a window. As root on Debian it installs one that is missing. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? candidates.find(existsSync) ?? install();
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--force-color-profile=srgb'] });
}

function install(): string {
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error('this needs Chromium: install it, and say where it is with CHROMIUM=/path/of/it');
  }
  if (process.getuid?.() !== 0) {
    throw new Error('Chromium is missing: run `apt-get install chromium` as root, or say where it is with CHROMIUM=/path/of/it');
  }
  console.error('installing chromium');
  const get = (...args: string[]) => spawnSync('apt-get', args, { encoding: 'utf8', timeout: 300_000 });
  const wanted = ['install', '--yes', '--no-install-recommends', 'chromium'];
  const done = get(...wanted).status === 0 || (get('update').status === 0 && get(...wanted).status === 0);
  if (!done || !existsSync(candidates[0])) {
    throw new Error('apt-get could not install chromium');
  }
  return candidates[0];
}
