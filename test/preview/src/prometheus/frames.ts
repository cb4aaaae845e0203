/** Prometheus' answers as Grafana's data frames. */
import { createDataFrame, DataFrameType, FieldType, type DataFrame } from '@grafana/data';
import type { Target } from '../dashboard';
import type { Labels, Sample, Series } from './client';

/** What was asked, as far as it shapes the frames. */
export interface Asked {
  target: Target;
  expr: string;
  /** Seconds between points, for a gap to be seen as one. */
  step: number;
  /** Whether other queries of the panel give tables too: their values have to be told apart. */
  amongTables: boolean;
}

/** The frames of one answer, in the format that its query asks for. */
export function framesOf(series: Series[], asked: Asked): DataFrame[] {
  switch (asked.target.format) {
    case 'table':
      return series.length > 0 ? [table(series, asked)] : [];
    case 'heatmap':
      return series.length > 0 ? [heatmap(series, asked)] : [];
    default:
      return series.map((one) => timeSeries(one, asked));
  }
}

const samples = (series: Series): Sample[] => series.values ?? (series.value ? [series.value] : []);

/** Prometheus writes infinities as +Inf and -Inf. */
export function numberOf(value: string): number {
  return value.endsWith('Inf') ? (value.startsWith('-') ? -Infinity : Infinity) : Number(value);
}

const time = (all: Sample[], step: number) => ({
  name: 'Time',
  type: FieldType.time,
  config: { interval: step * 1000 },
  values: all.map(([seconds]) => seconds * 1000),
});

function timeSeries(series: Series, { target, expr, step }: Asked): DataFrame {
  const all = samples(series);
  const name = legend(target, series.metric, expr);
  return createDataFrame({
    refId: target.refId,
    name,
    meta: { type: DataFrameType.TimeSeriesMulti, custom: { expr } },
    fields: [
      time(all, step),
      {
        name: 'Value',
        type: FieldType.number,
        labels: series.metric,
        config: name === undefined ? {} : { displayNameFromDS: name },
        values: all.map(([, value]) => numberOf(value)),
      },
    ],
  });
}

/** Without a format a series is called what it is; with an automatic one, Grafana finds the labels that tell it from others. */
function legend({ legendFormat }: Target, labels: Labels, expr: string): string | undefined {
  if (legendFormat === '__auto' && Object.keys(labels).length > 0) {
    return undefined;
  }
  if (legendFormat && legendFormat !== '__auto') {
    // As Grafana's server does it: a label that is not there is nothing. The published renderLegendFormat writes its name.
    return legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '').trim();
  }
  return selector(labels) || expr;
}

function selector({ __name__: metric = '', ...labels }: Labels): string {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return matchers.length > 0 ? `${metric}{${matchers.join(', ')}}` : metric;
}

function table(series: Series[], { target, amongTables }: Asked): DataFrame {
  const rows = series.flatMap((one) => samples(one).map(([seconds, value]) => ({ labels: one.metric, seconds, value })));
  const names = [...new Set(series.flatMap((one) => Object.keys(one.metric)))].sort();
  return createDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map((row) => row.seconds * 1000) },
      ...names.map((name) => ({
        name,
        type: FieldType.string,
        config: { filterable: true },
        values: rows.map((row) => row.labels[name] ?? ''),
      })),
      { name: amongTables ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: rows.map((row) => numberOf(row.value)) },
    ],
  });
}

/** One frame, a field a bucket. Prometheus' buckets hold all below them too: each less the one below is its own. */
function heatmap(series: Series[], { target, step }: Asked): DataFrame {
  const buckets = series
    .map((one) => ({ bound: numberOf(one.metric.le ?? 'NaN'), le: one.metric.le, at: new Map(samples(one)) }))
    .sort((a, b) => a.bound - b.bound);
  const times = [...new Set(buckets.flatMap((bucket) => [...bucket.at.keys()]))].sort((a, b) => a - b);
  const counts = buckets.map((bucket) => times.map((t) => numberOf(bucket.at.get(t) ?? '0')));
  return createDataFrame({
    refId: target.refId,
    meta: { type: DataFrameType.HeatmapRows },
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: times.map((t) => t * 1000) },
      ...buckets.map((bucket, i) => ({
        name: bucket.le,
        type: FieldType.number,
        labels: { le: bucket.le },
        values: counts[i].map((count, t) => Math.max(0, count - (i > 0 ? counts[i - 1][t] : 0))),
      })),
    ],
  });
}
