/** State timeline and status history, drawn here on Grafana's axes: it publishes neither. */
import { useMemo } from 'react';
import uPlot from 'uplot';
import { formattedValueToString, type DisplayValue, type Field, type GrafanaTheme2 } from '@grafana/data';
import { AxisPlacement, FieldColorModeId, ScaleDirection } from '@grafana/schema';
import { measureText, UPlotChart, type UPlotConfigBuilder, useTheme2, VizLayout, VizLegend, type VizLegendItem } from '@grafana/ui';
import { chartOfRows, invisible } from './canvas';
import type { Props } from './plugin';
import { rowsOf, type Row, type Span } from './rows';

const fontSize = 12;
const padding = 4;

export const StateTimelinePanel = (panel: Props) => <Timeline panel={panel} merge={panel.options.mergeValues} />;

export const StatusHistoryPanel = (panel: Props) => <Timeline panel={panel} merge={false} />;

function Timeline({ panel, merge }: { panel: Props; merge: boolean }) {
  const theme = useTheme2();
  const { data, width, height, options, timeRange } = panel;
  const rows = useMemo(() => rowsOf(data.series, timeRange.to.valueOf(), merge), [data.series, timeRange, merge]);
  const config = useMemo(() => configure(rows, panel, theme), [rows, panel.timeRange, theme]);
  const { placement, displayMode, showLegend } = options.legend;
  const legend = showLegend && (
    <VizLayout.Legend placement={placement}>
      <VizLegend items={legendItems(rows, theme)} placement={placement} displayMode={displayMode} readonly />
    </VizLayout.Legend>
  );
  const times = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  return (
    <VizLayout width={width} height={height} legend={legend || undefined}>
      {(w, h) => <UPlotChart config={config} data={[times, [0, 0]]} width={w} height={h} />}
    </VizLayout>
  );
}

/** Grafana's axes over an empty chart, on which the rows are painted, the first on top. */
function configure(rows: Row[], panel: Props, theme: GrafanaTheme2): UPlotConfigBuilder {
  const { timeZone } = panel;
  const builder = chartOfRows(panel, rows.length, ScaleDirection.Down);
  builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone, theme, grid: { show: true } });
  builder.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    splits: () => rows.map((_, i) => i + 0.5),
    values: () => rows.map(({ name }) => name),
    grid: { show: false },
    ticks: { show: false },
    gap: 8,
  });
  builder.addSeries(invisible('y', theme));
  builder.addHook('draw', (chart) => paint(chart, rows, panel, theme));
  return builder;
}

function paint(chart: uPlot, rows: Row[], { options }: Props, theme: GrafanaTheme2): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  rows.forEach((row, i) => {
    const top = chart.valToPos(i + (1 - options.rowHeight) / 2, 'y', true);
    const bottom = chart.valToPos(i + (1 + options.rowHeight) / 2, 'y', true);
    const shorten = options.colWidth ?? 1;
    row.spans.forEach((span) =>
      paintSpan(chart, row.field, { ...span, to: span.from + (span.to - span.from) * shorten }, [top, bottom], options, theme),
    );
  });
  ctx.restore();
}

type Edges = [top: number, bottom: number];

function paintSpan(
  { ctx, valToPos }: uPlot,
  field: Field,
  { from, to, value }: Span,
  [top, bottom]: Edges,
  options: Props['options'],
  theme: GrafanaTheme2,
) {
  const shown = display(field, value);
  const left = valToPos(from, 'x', true);
  const width = valToPos(to, 'x', true) - left;
  const color = shown.color ?? theme.colors.text.primary;
  ctx.globalAlpha = (field.config.custom?.fillOpacity ?? 70) / 100;
  ctx.fillStyle = color;
  ctx.fillRect(left, top, width, bottom - top);
  ctx.globalAlpha = 1;
  paintText(
    ctx,
    formattedValueToString(shown),
    { left, width, middle: (top + bottom) / 2 },
    options,
    theme.colors.getContrastText(color, theme.colors.contrastThreshold),
  );
}

/** The value's words, where there is room for them. */
function paintText(
  ctx: CanvasRenderingContext2D,
  text: string,
  at: { left: number; width: number; middle: number },
  options: Props['options'],
  color: string,
) {
  const scale = devicePixelRatio;
  const room = measureText(text, fontSize).width * scale + 2 * padding * scale <= at.width;
  if (options.showValue === 'never' || (options.showValue === 'auto' && !room)) {
    return;
  }
  const anchors = { left: at.left + padding * scale, center: at.left + at.width / 2, right: at.left + at.width - padding * scale };
  const align: keyof typeof anchors = options.alignValue ?? 'center';
  ctx.font = `${fontSize * scale}px Inter, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = align;
  ctx.fillStyle = color;
  ctx.fillText(text, anchors[align], at.middle);
}

const display = (field: Field, value: unknown): DisplayValue => field.display?.(value) ?? { text: String(value), numeric: NaN };

/** With thresholds the legend has their steps, else the values that are seen. */
function legendItems(rows: Row[], theme: GrafanaTheme2): VizLegendItem[] {
  const config = rows[0]?.field.config;
  if (config?.color?.mode === FieldColorModeId.Thresholds && !config.mappings?.length) {
    const steps = config.thresholds?.steps ?? [];
    return steps.map((step, i) => {
      const label = i > 0 ? `${step.value}+` : steps[1] ? `< ${steps[1].value}` : '';
      return { label, color: theme.visualization.getColorByName(step.color), yAxis: 1 };
    });
  }
  const seen = new Map<string, VizLegendItem>();
  rows.forEach(({ field, spans }) =>
    spans.forEach(({ value }) => {
      const shown = display(field, value);
      const label = formattedValueToString(shown);
      seen.set(label, { label, color: shown.color, yAxis: 1 });
    }),
  );
  return [...seen.values()].sort((a, b) => a.label.localeCompare(b.label));
}
