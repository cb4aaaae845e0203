/** The heatmap of buckets, drawn here on Grafana's axes: it publishes none. */
import { useMemo } from 'react';
import * as chromatic from 'd3-scale-chromatic';
import uPlot from 'uplot';
import { FieldType, formattedValueToString, getValueFormat, type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { AxisPlacement, ScaleDirection } from '@grafana/schema';
import { UPlotChart, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import { numberOf } from '../prometheus/frames';
import { chartOfRows, invisible } from './canvas';
import type { Props } from './plugin';

/** What is painted: a column a time, in it a cell a bucket from the lowest up. */
interface Cells {
  times: number[];
  /** Milliseconds that a column is wide. */
  width: number;
  buckets: Array<{ name: string; counts: number[] }>;
  max: number;
}

const scaleHeight = 26;

export function HeatmapPanel(panel: Props) {
  const theme = useTheme2();
  const { data, width, height, timeRange, options } = panel;
  const cells = useMemo(() => cellsOf(data.series), [data.series]);
  const config = useMemo(() => configure(cells, panel, theme), [cells, timeRange, theme]);
  const times = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  const below = options.legend.show ? scaleHeight : 0;
  return (
    <>
      <UPlotChart config={config} data={[times, [0, 0]]} width={width} height={height - below} />
      {options.legend.show && <ColorScale color={coloring(options, cells.max, theme)} max={cells.max} unit={options.cellValues?.unit} />}
    </>
  );
}

/** Of one frame with a field a bucket, or of many with a field each. */
function cellsOf(frames: DataFrame[]): Cells {
  const time = frames[0]?.fields.find((field) => field.type === FieldType.time);
  const fields = frames.flatMap((frame) => frame.fields.filter((field) => field.type === FieldType.number));
  const buckets = fields
    .map((field) => ({ name: field.labels?.le ?? field.state?.displayName ?? field.name, counts: [...field.values] as number[] }))
    .sort((a, b) => numberOf(a.name) - numberOf(b.name));
  const times: number[] = time?.values ?? [];
  return {
    times,
    width: time?.config.interval ?? times[1] - times[0],
    buckets,
    max: Math.max(0, ...buckets.flatMap(({ counts }) => counts)),
  };
}

function configure(
  { times, width, buckets, max }: Cells,
  { timeRange, timeZone, options, height }: Props,
  theme: GrafanaTheme2,
): UPlotConfigBuilder {
  const format = getValueFormat(options.yAxis?.unit ?? 'short');
  const label = (name: string) =>
    Number.isFinite(numberOf(name)) ? formattedValueToString(format(numberOf(name), options.yAxis?.decimals)) : name;
  // Only as many edges are named as can be read.
  const every = Math.ceil(buckets.length / Math.max(1, Math.floor((height - 40) / 16)));
  const named = buckets.map((_, i) => i + 1).filter((edge) => (buckets.length - edge) % every === 0);
  const builder = chartOfRows({ timeRange, timeZone }, buckets.length, ScaleDirection.Up);
  builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone, theme });
  builder.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    splits: () => named, // a bucket is named by its upper edge
    values: () => named.map((edge) => label(buckets[edge - 1].name)),
  });
  builder.addSeries(invisible('y', theme));
  const color = coloring(options, max, theme);
  const least = options.filterValues?.le ?? 0;
  builder.addHook('draw', (chart) =>
    buckets.forEach(({ counts }, i) =>
      counts.forEach((count, t) => count > least && paint(chart, [times[t] - width, times[t]], i, color(count), options.cellGap)),
    ),
  );
  return builder;
}

/** A cell lies before its time: it holds what was counted until then. */
function paint({ ctx, valToPos, bbox }: uPlot, [from, to]: [number, number], bucket: number, color: string, gap: number): void {
  const left = Math.max(Math.round(valToPos(from, 'x', true)), bbox.left);
  const right = Math.min(Math.round(valToPos(to, 'x', true)), bbox.left + bbox.width);
  const top = Math.round(valToPos(bucket + 1, 'y', true));
  const bottom = Math.round(valToPos(bucket, 'y', true));
  ctx.fillStyle = color;
  ctx.fillRect(left, top, Math.max(right - left - gap, 1), Math.max(bottom - top - gap, 1));
}

/** Grafana turns a scheme round where its low end would stand out from the background more than its high one. */
const brightEnd = new Set(['Viridis', 'Inferno', 'Magma', 'Plasma', 'Turbo', 'Cividis', 'Warm', 'Cool', 'CubehelixDefault']);
const diverging = new Set(['Spectral', 'RdYlGn', 'RdYlBu', 'RdGy', 'RdBu', 'PuOr', 'PRGn', 'PiYG', 'BrBG']);

function coloring(options: Props['options'], max: number, theme: GrafanaTheme2): (count: number) => string {
  const { scheme, reverse, exponent, steps, scale, min: low = 0, max: high = max } = options.color;
  const interpolate = (chromatic as unknown as Record<string, (share: number) => string>)[`interpolate${scheme}`];
  const turned = diverging.has(scheme) || (brightEnd.has(scheme) ? theme.isLight : theme.isDark);
  return (count) => {
    const linear = high > low ? Math.min(Math.max((count - low) / (high - low), 0), 1) : 1;
    const share = scale === 'exponential' ? linear ** exponent : linear;
    const stepped = Math.round(share * (steps - 1)) / (steps - 1);
    return interpolate(turned !== Boolean(reverse) ? 1 - stepped : stepped);
  };
}

const pieces = 48;

function ColorScale({ color, max, unit }: { color: (count: number) => string; max: number; unit?: string }) {
  const theme = useTheme2();
  const label = (count: number) => formattedValueToString(getValueFormat(unit ?? 'short')(count));
  return (
    <div
      style={{
        display: 'flex',
        alignItems: 'center',
        gap: 8,
        height: scaleHeight,
        paddingLeft: 8,
        fontSize: 12,
        color: theme.colors.text.secondary,
      }}
    >
      <span>{label(0)}</span>
      <div style={{ display: 'flex', width: 240, height: 8 }}>
        {Array.from({ length: pieces }, (_, i) => (
          <div key={i} style={{ flex: 1, background: color((max * i) / (pieces - 1)) }} />
        ))}
      </div>
      <span>{label(max)}</span>
    </div>
  );
}
