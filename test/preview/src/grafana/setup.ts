/** What Grafana's application does once when it starts, and its libraries leave to whoever uses them. */
import {
  locationUtil,
  setTimeZoneResolver,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  type GrafanaConfig,
  type TransformerRegistryItem,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { noEditor, standardFields } from './standardfields';

const editors = [
  'actions',
  'boolean',
  'color',
  'dashboard-uid',
  'datasource-uid',
  'field-name',
  'fieldColor',
  'links',
  'mappings',
  'multi-select',
  'number',
  'radio',
  'select',
  'slider',
  'stats-picker',
  'strings',
  'text',
  'thresholds',
  'timezone',
  'unit',
];

/** Fills Grafana's registries. */
export async function setUpGrafana(timeZone: string): Promise<void> {
  await initPluginTranslations('grafana');
  standardFieldConfigEditorRegistry.setInit(standardFields);
  standardEditorsRegistry.setInit(() => editors.map((id) => ({ id, name: id, editor: noEditor })));
  standardTransformersRegistry.setInit(transformers);
  setTimeZoneResolver(() => timeZone);
}

function transformers(): TransformerRegistryItem[] {
  const byId = new Map(Object.values(standardTransformers).map((t) => [t.id, t]));
  return [...byId.values()].map((t) => ({
    id: t.id,
    name: t.name,
    editor: noEditor,
    imageDark: '',
    imageLight: '',
    transformation: () => Promise.resolve(t),
  })) as TransformerRegistryItem[];
}

/** Tells Grafana's links which time range and variables to carry along. */
export function setUpLinks(timeRange: () => Record<string, string>, variables: () => Record<string, string[]>): void {
  locationUtil.initialize({
    config: { appSubUrl: '' } as GrafanaConfig,
    getTimeRangeForUrl: timeRange as never,
    getVariablesUrlParams: variables as never,
  });
}
