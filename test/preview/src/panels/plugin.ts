/** Panel types, put together with Grafana's own PanelPlugin, so that defaults and field options are applied by its code. */
import type { ComponentType } from 'react';
import { FieldColorModeId, identityOverrideProcessor, PanelPlugin, type PanelProps, type StandardOptionConfig } from '@grafana/data';
import { customFields } from '../grafana/customfields';
import { noEditor } from '../grafana/standardfields';

/** What a panel of any type is drawn with; the options are its own type's. */
export type Props = PanelProps<any>;

/** The value that Grafana shows unless it is told another. */
export const lastValue = { calcs: ['lastNotNull'], fields: '', values: false };

interface Kind {
  type: string;
  draw: ComponentType<Props>;
  /** The options that Grafana fills in. */
  options: Record<string, unknown>;
  /** The colour mode that fields have unless they are told another. */
  color?: FieldColorModeId;
}

export function plugin({ type, draw, options, color }: Kind): PanelPlugin {
  const made = new PanelPlugin<Record<string, unknown>, Record<string, unknown>>(draw);
  const standardOptions: Partial<Record<string, StandardOptionConfig>> = color
    ? { color: { defaultValue: { mode: color }, settings: colored } }
    : {};
  made.setPanelOptions((builder) => {
    for (const [path, defaultValue] of Object.entries(options)) {
      builder.addCustomEditor({ id: path, path, name: path, defaultValue, editor: noEditor });
    }
  });
  made.useFieldConfig({
    standardOptions: standardOptions as never,
    useCustomConfig: (builder) => {
      for (const [id, defaultValue] of Object.entries(customFields[type])) {
        builder.addCustomEditor({
          id,
          path: id as never,
          name: id,
          defaultValue: defaultValue as never,
          editor: noEditor,
          override: noEditor,
          process: identityOverrideProcessor,
          shouldApply: () => true,
        });
      }
    },
  });
  return made as unknown as PanelPlugin;
}

const colored = { byValueSupport: true, bySeriesSupport: true, preferThresholdsMode: false };
