/** Which panels are drawn, and where on the grid: rows opened and closed, rows and panels repeated. */
import type { GridPos } from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
import type { Panel } from '../dashboard';
import { singles, type Values } from '../variables/value';

/** A panel in its place. */
export interface Placed {
  /** Tells repeated panels apart. */
  key: string;
  panel: Panel;
  gridPos: GridPos;
  /** The variables that the panel is repeated for, each with this panel's value only. */
  repeated: Values;
}

/** A row with the panels that follow it or that it holds. At the top there may be panels without a row. */
interface Section {
  row?: Panel;
  panels: Panel[];
}

const columns = 24;
const panelsInALine = 4;

/** Lays out what is on the grid. Every section begins where the one above ends, every panel where its section has it. */
export function layOut(panels: Panel[], values: Values, isOpen: (row: Panel) => boolean): Placed[] {
  const placed: Placed[] = [];
  for (const section of sections(panels)) {
    for (const repeated of repeats(section.row, values)) {
      const top = bottom(placed);
      const heading = section.row ? [at(section.row, { ...section.row.gridPos, y: top }, repeated)] : [];
      const shown = !section.row || isOpen(section.row) ? content(section, { ...values, ...repeated }) : [];
      const inside = shown.map((p) => ({
        ...p,
        gridPos: { ...p.gridPos, y: p.gridPos.y + top + heading.length },
        repeated: { ...repeated, ...p.repeated },
      }));
      placed.push(...heading, ...inside.map((p) => ({ ...p, key: keyOf(p.panel, p.repeated) })));
    }
  }
  return placed;
}

/** The first grid row below all that is placed. */
export const bottom = (placed: Placed[]) => Math.max(0, ...placed.map(({ gridPos }) => gridPos.y + gridPos.h));

function sections(panels: Panel[]): Section[] {
  const found: Section[] = [{ panels: [] }];
  for (const panel of [...panels].sort((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)) {
    if (panel.type === 'row') {
      found.push({ row: panel, panels: [...(panel.panels ?? [])] });
    } else {
      found[found.length - 1].panels.push(panel);
    }
  }
  return found;
}

const at = (panel: Panel, gridPos: GridPos, repeated: Values): Placed => ({ key: keyOf(panel, repeated), panel, gridPos, repeated });

const keyOf = (panel: Panel, repeated: Values) => [panel.id, ...Object.values(repeated).flatMap((value) => value.chosen)].join(' ');

/** The variables of each time that something is drawn: once for every chosen value of what it is repeated for. */
function repeats(panel: Panel | undefined, values: Values): Values[] {
  const value = panel?.repeat ? values[panel.repeat] : undefined;
  return value ? singles(value).map((one) => ({ [value.variable.name]: { ...value, chosen: [one] } })) : [{}];
}

/** A section's panels, from grid row 0 on. What is below a repeated panel is pushed down by the lines that it takes more. */
function content({ panels }: Section, values: Values): Placed[] {
  const top = Math.min(...panels.map(({ gridPos }) => gridPos.y));
  const placed: Placed[] = [];
  for (const panel of panels) {
    const above = panels.filter((p) => p.gridPos.y + p.gridPos.h <= panel.gridPos.y);
    const pushed = above.reduce((rows, p) => rows + (lines(p, values) - 1) * p.gridPos.h, 0);
    const place = { ...panel.gridPos, y: panel.gridPos.y - top + pushed };
    placed.push(...repeats(panel, values).map((repeated, i, each) => at(panel, repeatedPlace(panel, place, i, each.length), repeated)));
  }
  return placed;
}

const inALine = (panel: Panel, times: number) => (panel.repeatDirection === 'v' ? 1 : Math.min(times, panel.maxPerRow ?? panelsInALine));

const lines = (panel: Panel, values: Values) => {
  const times = repeats(panel, values).length;
  return Math.max(1, Math.ceil(times / inALine(panel, times)));
};

/** Repeated side by side, panels share the whole width; one below the other, they keep theirs. */
function repeatedPlace(panel: Panel, place: GridPos, i: number, times: number): GridPos {
  if (!panel.repeat) {
    return place;
  }
  const beside = inALine(panel, times);
  const line = place.y + Math.floor(i / beside) * place.h;
  const width = columns / beside;
  return panel.repeatDirection === 'v' ? { ...place, y: line } : { ...place, x: (i % beside) * width, w: width, y: line };
}
