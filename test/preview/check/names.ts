/** The names that Grafana's own code knows: of units, reducers, matchers, transformations, colours. */
import { createTheme, fieldMatchers, fieldReducers, getValueFormats, standardTransformers } from '@grafana/data';
import * as chromatic from 'd3-scale-chromatic';
import { standardFields } from '../src/grafana/standardfields';
import { customFields } from '../src/grafana/customfields';

/** Units may also be written with what they are followed or preceded by, or with a format of time. */
const freeUnit = /^(prefix|suffix|time|si|count|currency|bool):./;

const units = new Set(getValueFormats().flatMap((category) => category.submenu.map((unit) => unit.value)));

export const isUnit = (name: string) => name === '' || units.has(name) || freeUnit.test(name);

export const isReducer = (name: string) => fieldReducers.getIfExists(name) !== undefined || /^p([1-9]?\d)$/.test(name);

export const isMatcher = (name: string) => fieldMatchers.getIfExists(name) !== undefined;

/** Grafana has these too, but does not publish their code. */
const unpublished = [
  'configFromData',
  'extractFields',
  'heatmap',
  'joinByLabels',
  'lookup',
  'partitionByValues',
  'prepareTimeSeries',
  'regression',
  'rowsToFields',
  'smoothing',
  'spatial',
  'timeSeriesTable',
  'addFieldFromCalculation',
];

const transformations = new Set([...Object.values(standardTransformers).map((t) => t.id as string), ...unpublished]);

export const isTransformation = (name: string) => transformations.has(name);

const theme = createTheme();
const hues = theme.visualization.hues.flatMap((hue) => hue.shades.flatMap((shade) => [shade.name, ...(shade.aliases ?? [])]));
const named = new Set([...hues, 'text', 'transparent', 'panel-bg']);

export const isColor = (name: string) =>
  named.has(name) || /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(name) || /^(rgb|hsl)a?\(.+\)$/.test(name);

/** The colour schemes of heatmaps are those of d3. */
export const isScheme = (name: string) => `interpolate${name}` in chromatic;

const standardIds = standardFields().map((field) => field.id);

/** Whether an override of a panel of this type may set this. */
export function isOverridable(type: string, id: string): boolean {
  const custom = Object.keys(customFields[type] ?? {}).map((path) => `custom.${path}`);
  return standardIds.includes(id) || custom.includes(id);
}
