/**
 * The field options that a panel type has for itself, by the ids under which Grafana registers them, with their defaults. An
 * override of anything else is dropped by Grafana without a word, also of a part of an option that is registered as a whole.
 */

/** Defaults by id, which is also the path below `custom`. */
export type CustomFields = Record<string, unknown>;

const axis: CustomFields = {
  axisPlacement: 'auto',
  axisLabel: '',
  axisWidth: undefined,
  axisGridShow: undefined,
  axisColorMode: 'text',
  axisBorderShow: false,
  scaleDistribution: { type: 'linear' },
  axisCenteredZero: false,
  axisSoftMin: undefined,
  axisSoftMax: undefined,
};

const hide: CustomFields = { hideFrom: { tooltip: false, viz: false, legend: false } };

const lines: CustomFields = {
  drawStyle: 'line',
  lineInterpolation: 'linear',
  barAlignment: 0,
  barWidthFactor: 0.6,
  lineWidth: 1,
  lineStyle: { fill: 'solid' },
  fillOpacity: 0,
  gradientMode: 'none',
  fillBelowTo: undefined,
  spanNulls: false,
  insertNulls: false,
  showPoints: 'auto',
  showValues: false,
  pointSize: 5,
  stacking: { mode: 'none', group: 'A' },
  transform: undefined,
  thresholdsStyle: { mode: 'off' },
};

const cells: CustomFields = {
  align: 'auto',
  cellOptions: { type: 'auto' },
  filterable: undefined,
  'footer.reducers': [],
  'hideFrom.viz': undefined,
  inspect: false,
  minWidth: undefined,
  styleField: undefined,
  'tooltip.field': undefined,
  'tooltip.placement': 'auto',
  width: undefined,
  wrapHeaderText: undefined,
  wrapText: undefined,
};

const blocks: CustomFields = { lineWidth: 0, fillOpacity: 70, axisPlacement: 'auto', axisWidth: undefined, ...hide };

/** Of every panel type that dashboards may use; a type with none of its own has an empty entry. */
export const customFields: Record<string, CustomFields> = {
  bargauge: {},
  gauge: {},
  heatmap: { scaleDistribution: { type: 'linear' }, ...hide },
  logs: {},
  stat: {},
  'state-timeline': { ...blocks, insertNulls: false, spanNulls: false },
  'status-history': { ...blocks, lineWidth: 1 },
  table: cells,
  text: {},
  timeseries: { ...lines, ...axis, ...hide },
};
