/** Time ranges, told from a clock that may stand still. */
import { dateMath, dateTime, type TimeRange } from '@grafana/data';

/** The range from one time to another, each as Grafana writes them: now-6h, or milliseconds. */
export function timeRange(from: string, to: string, now: number): TimeRange {
  return { from: moment(from, now, false), to: moment(to, now, true), raw: { from, to } };
}

function moment(written: string, now: number, roundUp: boolean) {
  const known = /^\d+$/.test(written)
    ? dateTime(Number(written))
    : written.startsWith('now')
      ? dateMath.toDateTime(written, { roundUp, now: new Date(now) })
      : dateTime(written);
  if (!known?.isValid()) {
    throw new Error(`${written} is not a time`);
  }
  return known;
}
