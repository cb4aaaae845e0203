/** What a panel draws: its queries answered, its transformations and its field options applied, by Grafana's code. */
import { firstValueFrom } from 'rxjs';
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  getPanelOptionsWithDefaults,
  standardTransformersRegistry,
  transformDataFrame,
  type DataFrame,
  type FieldConfigSource,
  type GrafanaTheme2,
  type InterpolateFunction,
  type PanelPlugin,
  type TimeRange,
} from '@grafana/data';
import type { Panel, Target } from '../dashboard';
import { queryInstant, queryRange } from '../prometheus/client';
import { framesOf } from '../prometheus/frames';
import { intervals, stepFor } from '../prometheus/interval';
import { inPromQL, interpolate } from '../variables/interpolate';
import { replacer } from '../variables/replace';
import type { Values } from '../variables/value';

/** What a panel is drawn with. */
export interface Surroundings {
  theme: GrafanaTheme2;
  timeRange: TimeRange;
  timeZone: string;
  values: Values;
}

/** What is drawn. */
export interface PanelContent {
  series: DataFrame[];
  options: Record<string, unknown>;
  fieldConfig: FieldConfigSource;
  replaceVariables: InterpolateFunction;
}

/** Asks and prepares for a panel of so many pixels. */
export async function panelContent(panel: Panel, plugin: PanelPlugin, pixels: number, at: Surroundings): Promise<PanelContent> {
  const step = stepFor(at.timeRange, panel.maxDataPoints ?? pixels, panel.interval);
  const replaceVariables = replacer(at.values, intervals(at.timeRange, step));
  const { options, fieldConfig } = getPanelOptionsWithDefaults({
    plugin,
    currentOptions: panel.options ?? {},
    currentFieldConfig: structuredClone(panel.fieldConfig ?? { defaults: {}, overrides: [] }),
    isAfterPluginChange: false,
  });
  const all = panel.transformations ?? [];
  const unpublished = all.find(({ id }) => !standardTransformersRegistry.getIfExists(id));
  if (unpublished) {
    throw new Error(`Grafana does not publish the transformation ${unpublished.id}`);
  }
  const frames = await firstValueFrom(transformDataFrame(all, await answers(panel, pixels, at), { interpolate: replaceVariables }));
  const series = applyFieldOverrides({
    data: frames,
    fieldConfig,
    fieldConfigRegistry: plugin.fieldConfigRegistry,
    replaceVariables,
    theme: at.theme,
    timeZone: at.timeZone,
  });
  cacheFieldDisplayNames(series); // else a field that is renamed shows its old name
  return { series, options, fieldConfig, replaceVariables };
}

/** The answers to all queries of a panel, in their order. */
async function answers(panel: Panel, pixels: number, at: Surroundings): Promise<DataFrame[]> {
  const targets = (panel.targets ?? []).filter((target) => !target.hide);
  const tables = targets.filter((target) => target.format === 'table').length;
  const each = targets.map((target) => answer(target, panel, pixels, at, tables > 1));
  return (await Promise.all(each)).flat();
}

async function answer(target: Target, panel: Panel, pixels: number, at: Surroundings, amongTables: boolean): Promise<DataFrame[]> {
  const step = stepFor(at.timeRange, panel.maxDataPoints ?? pixels, target.interval || panel.interval);
  const expr = interpolate(target.expr, inPromQL(at.values, intervals(at.timeRange, step)));
  const series = target.instant
    ? await queryInstant(expr, at.timeRange.to.unix())
    : await queryRange(expr, aligned(at.timeRange, step), step);
  return framesOf(series, { target, expr, step, amongTables });
}

/** Points lie at multiples of the step, so that they do not wander as time goes on. */
function aligned({ from, to }: TimeRange, step: number) {
  return { start: Math.floor(from.unix() / step) * step, end: Math.floor(to.unix() / step) * step };
}
