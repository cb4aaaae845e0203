/** Grafana's grid: 24 columns, rows of 30 pixels, 8 between. */
import type { CSSProperties } from 'react';
import { useEffect, useMemo, useState } from 'react';
import type { GridPos } from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
import type { Dashboard, Panel } from '../dashboard';
import { inText, interpolate } from '../variables/interpolate';
import { bottom, layOut, type Placed } from './layout';
import type { Surroundings } from './paneldata';
import { PanelFrame } from './panelframe';
import type { PanelReport } from './report';
import { RowHeading } from './rowheading';

const columns = 24;
const rowHeight = 30;
const gap = 8;

interface Props {
  dashboard: Dashboard;
  surroundings: Surroundings;
  width: number;
  /** All rows are open to begin with. */
  rowsOpen: boolean;
  /** Called once all panels that are shown at first are drawn. */
  onDrawn: (reports: PanelReport[]) => void;
}

export function Grid({ dashboard, surroundings, width, rowsOpen, onDrawn }: Props) {
  const [toggled, setToggled] = useState<number[]>([]);
  const isOpen = (row: Panel) => (rowsOpen || !row.collapsed) !== toggled.includes(row.id);
  const placed = useMemo(() => layOut(dashboard.panels, surroundings.values, isOpen), [dashboard, surroundings, toggled]);
  const onPanelDrawn = useReports(placed, onDrawn);
  const toggle = (id: number) => setToggled(toggled.includes(id) ? toggled.filter((other) => other !== id) : [...toggled, id]);
  return (
    <div style={{ position: 'relative', width, height: bottom(placed) * (rowHeight + gap) }}>
      {placed.map((p) => {
        const { panel, gridPos, key } = p;
        const style = place(gridPos, width);
        return (
          <div key={key} style={style}>
            {panel.type === 'row' ? (
              <RowHeading row={panel} title={title(p, surroundings)} isOpen={isOpen(panel)} onToggle={() => toggle(panel.id)} />
            ) : (
              <Repeated placed={p} style={style} surroundings={surroundings} onDrawn={(report) => onPanelDrawn(key, report)} />
            )}
          </div>
        );
      })}
    </div>
  );
}

const title = ({ panel, repeated }: Placed, { values }: Surroundings) => interpolate(panel.title, inText({ ...values, ...repeated }, {}));

function place({ x, y, w, h }: GridPos, width: number): CSSProperties & { width: number; height: number } {
  const column = (width - (columns - 1) * gap) / columns + gap;
  return {
    position: 'absolute',
    left: x * column,
    top: y * (rowHeight + gap),
    width: w * column - gap,
    height: h * (rowHeight + gap) - gap,
  };
}

interface RepeatedProps {
  placed: Placed;
  style: { width: number; height: number };
  surroundings: Surroundings;
  onDrawn: (report: PanelReport) => void;
}

/** A panel with the values that it is repeated for in place of those that are chosen. */
function Repeated({ placed, style, surroundings, onDrawn }: RepeatedProps) {
  const own = useMemo(() => ({ ...surroundings, values: { ...surroundings.values, ...placed.repeated } }), [surroundings, placed.key]);
  return <PanelFrame panel={placed.panel} width={style.width} height={style.height} surroundings={own} onDrawn={onDrawn} />;
}

/** Collects what panels report, until every one of those that were there at first has. */
function useReports(placed: Placed[], onDrawn: (reports: PanelReport[]) => void) {
  const [reports] = useState(() => new Map<string, PanelReport>());
  const [expected] = useState(() => placed.filter(({ panel }) => panel.type !== 'row').map(({ key }) => key));
  const all = () => expected.every((key) => reports.has(key)) && onDrawn(expected.map((key) => reports.get(key)!));
  useEffect(() => {
    all(); // there may be none to wait for
  }, []);
  return (key: string, report: PanelReport) => {
    reports.set(key, report);
    all();
  };
}
