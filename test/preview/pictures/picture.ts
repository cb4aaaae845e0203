/** One picture of one dashboard, and what is wrong on it. */
import type { Browser, Page } from 'playwright-core';
import { compress } from './compress';
import { problemsOf, type Quiet } from './problems';

/** What to take a picture of. */
export interface Subject {
  /** Where the preview is served. */
  url: string;
  uid: string;
  theme: 'light' | 'dark';
  /** The whole dashboard with all rows open, or else a screen of it as it opens. */
  whole: boolean;
  /** Whether to take it too as someone sees it who cannot distinguish red and green. */
  simulate: boolean;
  /** Further parameters of the address. */
  query: Record<string, string>;
  quiet: Quiet;
}

/** Without a picture where no panel of the dashboard is drawn. */
export interface Picture {
  png?: Buffer;
  simulated?: Buffer;
  problems: string[];
}

const width = 1600;
const patience = 60_000;

/** Opens the dashboard, waits until it is drawn, and looks. */
export async function take(browser: Browser, subject: Subject): Promise<Picture> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-US',
    reducedMotion: 'reduce',
  });
  try {
    const page = await context.newPage();
    const said = listen(page);
    await page.goto(addressOf(subject), { timeout: patience });
    await page.waitForSelector('body[data-ready]', { timeout: patience });
    if (subject.whole) {
      await grow(page);
    }
    const report = await page.evaluate(() => window.__preview);
    const nothing = report.panels.every(({ missing }) => missing) && !report.error;
    const problems = [...said, ...problemsOf(report, subject.uid, subject.quiet)];
    if (nothing) {
      return { problems };
    }
    return { problems, png: await compress(await page.screenshot()), simulated: subject.simulate ? await simulated(page) : undefined };
  } finally {
    await context.close();
  }
}

/** Green and red are one colour to about one man in twenty: Chromium shows what deuteranopia leaves of a page. */
async function simulated(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setEmulatedVisionDeficiency', { type: 'deuteranopia' });
  return compress(await page.screenshot());
}

function addressOf({ url, uid, theme, whole, query }: Subject): string {
  const address = new URL(`/d/${uid}`, url);
  Object.entries({ theme, ...(whole && { rows: 'open' }), ...query }).forEach(([name, value]) => address.searchParams.append(name, value));
  return address.href;
}

/** What the page says to its console is wrong, and what it throws. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => message.type() === 'error' && said.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`));
  return said;
}

/** Makes the window as high as the dashboard, and waits for what is loaded and painted thereupon. */
async function grow(page: Page): Promise<void> {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height });
  await page.waitForLoadState('networkidle', { timeout: patience });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
