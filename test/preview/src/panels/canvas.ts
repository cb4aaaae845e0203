/** What panels that paint for themselves need of a chart. */
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { GraphDrawStyle, ScaleDirection, ScaleOrientation, VisibilityMode } from '@grafana/schema';
import { UPlotConfigBuilder } from '@grafana/ui';

type SeriesProps = Parameters<UPlotConfigBuilder['addSeries']>[0];

/** A series that shows nothing: a chart without any has no axes. */
export function invisible(scaleKey: string, theme: GrafanaTheme2): SeriesProps {
  return {
    scaleKey,
    theme,
    drawStyle: GraphDrawStyle.Line,
    lineColor: 'transparent',
    lineWidth: 0,
    showPoints: VisibilityMode.Never,
    pxAlign: false,
    pathBuilder: () => null,
  };
}

/** A chart of rows of one height over the panel's time range. */
export function chartOfRows(
  { timeRange, timeZone }: Pick<PanelProps, 'timeRange' | 'timeZone'>,
  rows: number,
  direction: ScaleDirection,
): UPlotConfigBuilder {
  const builder = new UPlotConfigBuilder(timeZone);
  builder.addScale({
    scaleKey: 'x',
    isTime: true,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [timeRange.from.valueOf(), timeRange.to.valueOf()],
  });
  builder.addScale({
    scaleKey: 'y',
    isTime: false,
    orientation: ScaleOrientation.Vertical,
    direction,
    range: () => [0, Math.max(rows, 1)],
  });
  return builder;
}
