/** What panels that paint for themselves need of a chart. */
import type { GrafanaTheme2 } from '@grafana/data';
import { GraphDrawStyle, VisibilityMode } from '@grafana/schema';
import type { UPlotConfigBuilder } from '@grafana/ui';

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
