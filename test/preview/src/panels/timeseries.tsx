/** The time series panel: Grafana's TimeSeries with its tooltip. */
import { TimeSeries, TooltipPlugin, type UPlotConfigBuilder } from '@grafana/ui';
import type { DataFrame } from '@grafana/data';
import type { Props } from './plugin';

export function TimeSeriesPanel({ data, timeRange, timeZone, width, height, options }: Props) {
  return (
    <TimeSeries
      frames={data.series}
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
