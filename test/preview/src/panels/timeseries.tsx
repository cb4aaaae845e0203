/** The time series panel: Grafana's TimeSeries with its tooltip. */
import { useLayoutEffect, useMemo } from 'react';
import { TimeSeries, TooltipPlugin, type UPlotConfigBuilder } from '@grafana/ui';
import type { DataFrame } from '@grafana/data';
import { finite } from '../page/drawable';
import { remember } from '../page/insight';
import type { Props } from './plugin';

export function TimeSeriesPanel({ id, data, timeRange, timeZone, width, height, options }: Props) {
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
        <>
          <Remembered config={config} panel={id} />
          <TooltipPlugin data={aligned} config={config} mode={options.tooltip.mode} sortOrder={options.tooltip.sort} timeZone={timeZone} />
        </>
      )}
    </TimeSeries>
  );
}

function Remembered({ config, panel }: { config: UPlotConfigBuilder; panel: number }) {
  useLayoutEffect(() => config.addHook('draw', (chart) => remember(panel, chart)), [config]);
  return null;
}
