/** The time series panel: Grafana's TimeSeries with its tooltip. */
import { useMemo } from 'react';
import { TimeSeries, TooltipPlugin, type UPlotConfigBuilder } from '@grafana/ui';
import type { DataFrame } from '@grafana/data';
import { finite } from '../page/drawable';
import type { Props } from './plugin';

export function TimeSeriesPanel({ data, timeRange, timeZone, width, height, options }: Props) {
  const frames = useMemo(() => finite(data.series), [data.series]);
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={options.legend}
      options={options}
    >
      {(config: UPlotConfigBuilder, aligned: DataFrame) => (
        <TooltipPlugin data={aligned} config={config} mode={options.tooltip.mode} sortOrder={options.tooltip.sort} timeZone={timeZone} />
      )}
    </TimeSeries>
  );
}
