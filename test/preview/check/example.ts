/** A dashboard without fault, with every panel type and most of what can be said of one. */
import type { JsonObject } from './json';

const datasource = { type: 'prometheus', uid: '$datasource' };

const query = (refId: string, more: JsonObject = {}): JsonObject => ({
  refId,
  datasource,
  editorMode: 'code',
  expr: 'sum by (app) (rate(requests_total{app=~"$app"}[$__rate_interval]))',
  legendFormat: '{{app}}',
  format: 'time_series',
  instant: false,
  range: true,
  ...more,
});

const lastValue = { calcs: ['lastNotNull'], fields: '', values: false };

const thresholds = {
  mode: 'absolute',
  steps: [
    { color: 'green', value: null },
    { color: 'dark-red', value: 3 },
  ],
};

const defaults = (more: JsonObject = {}): JsonObject => ({ unit: 's', color: { mode: 'thresholds' }, mappings: [], thresholds, ...more });

function panel(id: number, type: string, more: JsonObject): JsonObject {
  return {
    id,
    type,
    title: `The ${type}`,
    description: 'Something.',
    datasource,
    gridPos: { x: 0, y: id * 8, w: 12, h: 8 },
    fieldConfig: { defaults: defaults(), overrides: [] },
    targets: [query('A')],
    ...more,
  };
}

const override = (name: string, id: string, value: JsonObject | string | number): JsonObject => ({
  matcher: { id: 'byName', options: name },
  properties: [{ id, value }],
});

const timeseries = panel(1, 'timeseries', {
  fieldConfig: {
    defaults: defaults({
      color: { mode: 'palette-classic' },
      custom: { drawStyle: 'line', lineWidth: 1, stacking: { mode: 'normal', group: 'A' }, thresholdsStyle: { mode: 'dashed' } },
    }),
    overrides: [override('limit', 'custom.lineStyle', { fill: 'dash', dash: [10, 10] }), override('limit', 'unit', 'bytes')],
  },
  options: {
    legend: { showLegend: true, displayMode: 'table', placement: 'right', calcs: ['max', 'p95'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
});

const table = panel(2, 'table', {
  fieldConfig: {
    defaults: defaults({ mappings: [{ type: 'value', options: { '0': { text: 'Bad', color: 'red', index: 0 } } }] }),
    overrides: [
      override('State', 'custom.cellOptions', { type: 'color-background', mode: 'basic' }),
      { matcher: { id: 'byRegexp', options: '/^(name|kind)$/' }, properties: [{ id: 'custom.width', value: 120 }] },
      {
        matcher: { id: 'byFrameRefID', options: 'A' },
        properties: [{ id: 'links', value: [{ title: 'More', url: '/d/x?${__url_time_range}' }] }],
      },
    ],
  },
  options: { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: 'State', desc: true }] },
  targets: [query('A', { format: 'table', instant: true, range: false })],
  transformations: [
    { id: 'filterFieldsByName', options: { include: { pattern: '^(name|Value)$' } } },
    { id: 'organize', options: { indexByName: { name: 0 }, renameByName: { Value: 'State' }, excludeByName: {} } },
    { id: 'groupBy', options: { fields: { name: { aggregations: ['count'], operation: 'aggregate' } } } },
  ],
});

const others = [
  panel(3, 'stat', { options: { reduceOptions: lastValue, colorMode: 'value', graphMode: 'area' } }),
  panel(4, 'bargauge', { options: { reduceOptions: lastValue, displayMode: 'basic', orientation: 'horizontal' } }),
  panel(5, 'gauge', { options: { reduceOptions: lastValue, showThresholdMarkers: true } }),
  panel(6, 'state-timeline', { options: { mergeValues: true, rowHeight: 0.9, showValue: 'auto' } }),
  panel(7, 'status-history', { options: { rowHeight: 0.9, colWidth: 0.9, showValue: 'auto' } }),
  panel(8, 'heatmap', { options: { calculate: false, color: { mode: 'scheme', scheme: 'Oranges', steps: 64 }, yAxis: { unit: 's' } } }),
  panel(9, 'text', { options: { mode: 'markdown', content: 'Costs $5, or $nothing.' }, targets: [] }),
];

const logs = panel(11, 'logs', {
  datasource: { type: 'loki', uid: 'loki' },
  options: { showTime: true, sortOrder: 'Descending', dedupStrategy: 'none' },
  targets: [{ refId: 'A', datasource: { type: 'loki', uid: 'loki' }, expr: '{app=~"$app"}', queryType: 'range', maxLines: 100 }],
});

const heading: JsonObject = { id: 10, type: 'row', title: 'More', collapsed: true, gridPos: { x: 0, y: 80, w: 24, h: 1 }, panels: [logs] };

/** A new one each time, so that a test may break it. */
export function example(): Example {
  const dashboard = {
    uid: 'example',
    title: 'Example',
    schemaVersion: 42,
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', current: {}, hide: 0, refresh: 1 },
        {
          name: 'app',
          type: 'query',
          datasource,
          definition: 'label_values(up, app)',
          query: { query: 'label_values(up, app)', refId: 'v' },
          sort: 1,
        },
      ],
    },
    annotations: { list: [{ name: 'deploys', datasource, enable: true, iconColor: 'orange' }] },
    links: [],
    panels: [timeseries, table, ...others, heading],
  };
  return JSON.parse(JSON.stringify(dashboard)) as Example;
}

/** Loose, for it is there to be broken. */
export type Example = { panels: any[]; templating: { list: any[] }; annotations: { list: any[] } } & Record<string, any>;
