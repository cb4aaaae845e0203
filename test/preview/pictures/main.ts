/** Command pictures takes a picture of every dashboard of a preview, and fails where one shows an error or nothing. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { openBrowser } from './browser';
import { take, type Subject } from './picture';
import type { Quiet } from './problems';

const usage = `usage: npm run pictures -- --url http://localhost:4000 --out FOLDER
  without --url, PREVIEW_URL; PREVIEW_NOW is the time at which clocks stand, unless --query says another
  --theme light|dark|both   both by default
  --quiet FILE              titles of panels that may be empty, by dashboard's uid, each with the reason
  --only UID                one dashboard; may be repeated
  --simulated FOLDER        the same pictures as someone sees them who cannot distinguish red and green
  --query NAME=VALUE        a further parameter of the address, such as now=1700000000000 or var-name=apps; may be repeated
                            UID?NAME=VALUE is one for that dashboard alone`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: process.env.PREVIEW_URL },
    out: { type: 'string' },
    theme: { type: 'string', default: 'both' },
    quiet: { type: 'string' },
    simulated: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    query: { type: 'string', multiple: true, default: [] },
  },
});

/** The object that the demo shows from near. */
const nearest = { 'var-namespace': 'apps', 'var-kind': 'Kustomization', 'var-name': 'shop' };

/** The parameters that are for this dashboard. */
function queryFor(uid: string): Record<string, string> {
  const mine = values.query.map((written) => /^(?:([\w-]+)\?)?([\w-]+)=(.*)$/.exec(written)).filter((m) => m && (!m[1] || m[1] === uid));
  const now: Record<string, string> = process.env.PREVIEW_NOW ? { now: process.env.PREVIEW_NOW } : {};
  return { ...now, ...(process.env.DEMO && uid === 'flux-resource' && nearest), ...Object.fromEntries(mine.map((m) => [m![2], m![3]])) };
}

/** A demo of one cluster has no fleet to show, and one of a fleet nothing else. */
const isOfDemo = (uid: string) => !process.env.DEMO || (uid === 'flux-fleet') === (process.env.DEMO === 'fleet');

async function uids(url: string): Promise<string[]> {
  const response = await fetch(new URL('/dashboards', url));
  const listed = (await response.json()) as Array<{ uid: string }>;
  return listed.map(({ uid }) => uid).filter((uid) => isOfDemo(uid) && (values.only.length === 0 || values.only.includes(uid)));
}

function save(file: string, png: Buffer | undefined): void {
  if (!png) {
    console.log(`${file}: no panel of the dashboard can be drawn here`);
    return;
  }
  writeFileSync(file, png);
  console.log(`${file}: ${Math.round(png.length / 1000)} kB`);
}

/** A screen as the dashboard opens, and the whole of it with all rows open, by what ends the names of their files. */
const views = { '': false, '-whole': true };

/** Takes the pictures of one dashboard in one theme, and says what is wrong on them. */
async function shoot(browser: Browser, subject: Omit<Subject, 'whole'>, out: string): Promise<string[]> {
  const problems = new Set<string>();
  for (const [suffix, whole] of Object.entries(views)) {
    const picture = await take(browser, { ...subject, whole });
    const name = `${subject.uid}${suffix}-${subject.theme}.png`;
    save(join(out, name), picture.png);
    if (values.simulated && picture.png) {
      save(join(values.simulated, name), picture.simulated);
    }
    picture.problems.forEach((problem) => problems.add(problem));
  }
  return [...problems];
}

async function main(): Promise<number> {
  const { url, out, theme } = values;
  if (!url || !out || !['light', 'dark', 'both'].includes(theme)) {
    console.error(usage);
    return 2;
  }
  const quiet = values.quiet ? (JSON.parse(readFileSync(values.quiet, 'utf8')) as Quiet) : {};
  const themes: Array<Subject['theme']> = theme === 'both' ? ['dark', 'light'] : [theme as Subject['theme']];
  [out, values.simulated ?? out].forEach((folder) => mkdirSync(folder, { recursive: true }));
  const browser = await openBrowser();
  let failed = 0;
  try {
    for (const uid of await uids(url)) {
      for (const each of themes) {
        const problems = await shoot(browser, { url, uid, theme: each, simulate: Boolean(values.simulated), query: queryFor(uid), quiet }, out);
        problems.forEach((problem) => console.error(`${uid}: ${problem}`));
        failed += problems.length;
      }
    }
  } finally {
    await browser.close();
  }
  return failed > 0 ? 1 : 0;
}

void main().then(
  (code) => (process.exitCode = code),
  (reason) => {
    console.error(`error: ${reason.message ?? reason}`);
    process.exitCode = 1;
  },
);
