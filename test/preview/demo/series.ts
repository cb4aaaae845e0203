/** Series as OpenMetrics text, from what they are at each time. */

export type Labels = Record<string, string>;

/** The value at a time, in seconds from the first point on; undefined where there is none. */
export type At = (second: number) => number | undefined;

export interface Series {
  name: string;
  labels: Labels;
  at: At;
}

/** From when to when, and how far apart, in seconds since 1970. */
export interface Span {
  start: number;
  end: number;
  step: number;
}

/** Text that promtool makes blocks of. */
export function* openMetrics(all: Series[], { start, end, step }: Span): Generator<string> {
  for (const { name, labels, at } of all) {
    // An empty label is none.
    const matchers = Object.entries(labels).filter(([, value]) => value !== '').map(([label, value]) => `${label}="${value}"`);
    const head = `${name}{${matchers.join(',')}}`;
    let lines = '';
    for (let time = start; time <= end; time += step) {
      const value = at(time - start);
      lines += value === undefined ? '' : `${head} ${value} ${time}\n`;
    }
    yield lines;
  }
  yield '# EOF\n';
}

/** The same numbers between 0 and 1 on every run, others for every seed. */
export function random(seed: string): (second: number) => number {
  const start = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261);
  return (second) => {
    let x = Math.imul(start ^ Math.floor(second / 60), 2246822519);
    x = Math.imul(x ^ (x >>> 13), 3266489917);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** A rate that wavers around a mean; its integral, so that it only grows. */
export const counter =
  (perSecond: number, seed: string): At =>
  (second) =>
    perSecond * (second + 300 * Math.sin(second / 1700 + random(seed)(0) * 6)) + 1000;

/** A value that wavers around a mean by a share of it. */
export const gauge =
  (mean: number, share: number, seed: string): At =>
  (second) =>
    mean * (1 + share * Math.sin(second / 1300 + random(seed)(0) * 6) + (share / 3) * (random(seed)(second) - 0.5));

const bounds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** A histogram of durations around a mean, so many a second. */
export function histogram(name: string, labels: Labels, perSecond: number, mean: number): Series[] {
  const count = counter(perSecond, JSON.stringify(labels));
  const drift: At = (second) => 1 + 0.3 * Math.sin(second / 2600 + mean);
  const below = (bound: number, second: number) => 1 - Math.exp(-((bound / (mean * drift(second)!)) ** 1.6));
  const bucket = (bound: number): At => {
    let last = 0;
    let sum = 0;
    return (second) => {
      const now = count(second)!;
      sum += (second === 0 ? 0 : now - last) * (bound === Infinity ? 1 : below(bound, second));
      last = now;
      return Math.floor(sum); // whole reconciliations, so that most cells of a heat map are empty
    };
  };
  let counted = 0;
  let seconds = 0;
  const sum: At = (second) => {
    seconds += (second === 0 ? 0 : Math.floor(count(second)!) - counted) * mean * drift(second)!;
    counted = Math.floor(count(second)!);
    return seconds;
  };
  return [
    ...[...bounds, Infinity].map((le) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: le === Infinity ? '+Inf' : String(le) },
      at: bucket(le),
    })),
    { name: `${name}_count`, labels, at: (second) => Math.floor(count(second)!) },
    { name: `${name}_sum`, labels, at: sum },
  ];
}
