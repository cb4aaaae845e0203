/** The gauge, drawn here: Grafana publishes none. */
import { formattedValueToString, ThresholdsMode, type FieldDisplay, type GrafanaTheme2 } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import type { Props } from './plugin';
import { Values } from './values';

const start = 0.85 * Math.PI;
const sweep = 1.3 * Math.PI;

/** A piece of a circle around the origin, from one share of the gauge to another. */
function arc(radius: number, from: number, to: number): string {
  const point = (share: number) => `${radius * Math.cos(start + sweep * share)},${radius * Math.sin(start + sweep * share)}`;
  return `M${point(from)}A${radius},${radius} 0 ${Number(sweep * (to - from) > Math.PI)} 1 ${point(to)}`;
}

const within = (share: number) => Math.min(Math.max(share, 0), 1);

const bounds = ({ min, max }: FieldDisplay['field']) => [min ?? 0, max ?? 100];

/** The pieces of the outer ring: from which share to which, in which colour. */
function pieces({ field }: FieldDisplay, theme: GrafanaTheme2) {
  const { thresholds } = field;
  const [min, max] = bounds(field);
  const steps = thresholds?.steps ?? [];
  const share = (value: number) => within(thresholds?.mode === ThresholdsMode.Percentage ? value / 100 : (value - min) / (max - min));
  return steps.map((step, i) => ({
    from: i === 0 ? 0 : share(step.value),
    to: i + 1 < steps.length ? share(steps[i + 1].value) : 1,
    color: theme.visualization.getColorByName(step.color),
  }));
}

function Dial({ value, width, height, markers }: { value: FieldDisplay; width: number; height: number; markers: boolean }) {
  const theme = useTheme2();
  const [min, max] = bounds(value.field);
  const radius = Math.max(Math.min(width / 2, height / 1.7) - 8, 10);
  const thick = radius / 4;
  const filled = within((value.display.numeric - min) / (max - min));
  const inner = radius - thick / 2 - 8;
  return (
    <svg width={width} height={height} viewBox={`${-width / 2} ${-radius - 4} ${width} ${height}`} fill="none">
      <path d={arc(inner, 0, 1)} stroke={theme.colors.background.secondary} strokeWidth={thick} />
      <path d={arc(inner, 0, filled)} stroke={value.display.color} strokeWidth={thick} />
      {markers &&
        pieces(value, theme).map(({ from, to, color }) => <path key={from} d={arc(radius - 2, from, to)} stroke={color} strokeWidth={4} />)}
      <text textAnchor="middle" y={radius / 6} fontSize={radius / 2.6} fill={value.display.color}>
        {formattedValueToString(value.display)}
      </text>
      <text textAnchor="middle" y={radius * 0.8} fontSize={12} fill={theme.colors.text.secondary}>
        {value.display.title}
      </text>
    </svg>
  );
}

export function GaugePanel(panel: Props) {
  return (
    <Values
      panel={panel}
      draw={({ value, width, height }) => <Dial value={value} width={width} height={height} markers={panel.options.showThresholdMarkers} />}
    />
  );
}
