/** How far apart the points of a query are, as Grafana's Prometheus datasource has it. */
import { rangeUtil, type TimeRange } from '@grafana/data';

/** What a datasource has for its scrape interval unless somebody changes it. */
const scrapeSeconds = 15;

/** Prometheus refuses more points a series. */
const mostPoints = 11_000;

/** Seconds between points for a panel of so many pixels: round, and no finer than the panel's own least interval. */
export function stepFor(range: TimeRange, points: number, least?: string): number {
  const { intervalMs } = rangeUtil.calculateInterval(range, points, least ?? `${scrapeSeconds}s`);
  const seconds = (range.to.valueOf() - range.from.valueOf()) / 1000;
  return Math.max(intervalMs / 1000, Math.ceil(seconds / mostPoints), 1);
}

/** The variables that stand for intervals. A rate needs two scrapes in its range, and four to survive one that is missed. */
export function intervals(range: TimeRange, step: number): Record<string, string> {
  const rate = Math.max(step + scrapeSeconds, 4 * scrapeSeconds);
  const seconds = Math.round((range.to.valueOf() - range.from.valueOf()) / 1000);
  return {
    __interval: `${step}s`,
    __interval_ms: String(step * 1000),
    __rate_interval: `${rate}s`,
    __rate_interval_ms: String(rate * 1000),
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(seconds * 1000),
    __from: String(range.from.valueOf()),
    __to: String(range.to.valueOf()),
  };
}
