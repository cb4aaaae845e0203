/** What stat, bar gauge and gauge have in common: some values, each reduced from a field, side by side. */
import type { ReactElement } from 'react';
import {
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  VizOrientation,
  type DisplayValueAlignmentFactors,
  type FieldDisplay,
} from '@grafana/data';
import { DataLinksContextMenu, useTheme2, VizRepeater, type DataLinksContextMenuApi, type VizRepeaterRenderValueProps } from '@grafana/ui';
import { lastValue, type Props } from './plugin';

export type OneValue = VizRepeaterRenderValueProps<FieldDisplay, DisplayValueAlignmentFactors>;

interface Repeated {
  panel: Props;
  draw: (value: OneValue, links: DataLinksContextMenuApi) => ReactElement;
  sparkline?: boolean;
  autoGrid?: boolean;
  itemSpacing?: number;
  minVizWidth?: number;
  minVizHeight?: number;
  maxVizHeight?: number;
}

/** Draws each value; where its field has links, a click on it opens them. */
export function Values({ panel, draw, sparkline = false, ...layout }: Repeated) {
  const theme = useTheme2();
  const { options, fieldConfig, data, timeZone, replaceVariables } = panel;
  const getValues = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions ?? lastValue,
      replaceVariables,
      theme,
      data: data.series,
      sparkline,
      percentChange: options.showPercentChange,
      timeZone,
    });
  return (
    <VizRepeater
      getValues={getValues}
      getAlignmentFactors={(values) => getDisplayValueAlignmentFactors(values)}
      renderValue={(value) => linked(value, draw)}
      width={panel.width}
      height={panel.height}
      source={data}
      renderCounter={panel.renderCounter}
      orientation={options.orientation ?? VizOrientation.Auto}
      {...layout}
    />
  );
}

function linked(value: OneValue, draw: Repeated['draw']) {
  const { hasLinks, getLinks } = value.value;
  if (!hasLinks || !getLinks) {
    return draw(value, {});
  }
  return <DataLinksContextMenu links={getLinks}>{(links) => draw(value, links)}</DataLinksContextMenu>;
}
