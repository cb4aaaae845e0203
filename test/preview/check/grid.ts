/** Places and numbers of panels. */
import { object, text, type JsonObject } from './json';
import { everything, onTheGrid, within, type Found } from './panels';
import { problem, type Problem } from './problem';

const columns = 24;

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** What is wrong with where panels are, which number they have and what their headings hold. */
export function gridProblems(dashboard: JsonObject): Problem[] {
  const top = onTheGrid(dashboard);
  return [
    ...everything(dashboard).flatMap(outside),
    ...overlaps(top),
    ...top.flatMap((heading) => overlaps(within(heading))),
    ...headings(top),
    ...sameIds(everything(dashboard)),
  ];
}

function place({ panel }: Found): Place {
  const position = object(panel.gridPos);
  return { x: Number(position.x), y: Number(position.y), w: Number(position.w), h: Number(position.h) };
}

function outside(found: Found): Problem[] {
  const { x, y, w, h } = place(found);
  const inside = x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= columns;
  return inside ? [] : [problem(`${found.path}/gridPos`, `is not within the ${columns} columns of the grid`)];
}

const overlap = (a: Place, b: Place) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function overlaps(panels: Found[]): Problem[] {
  return panels.flatMap((found, i) =>
    panels
      .slice(0, i)
      .filter((other) => overlap(place(found), place(other)))
      .map((other) => problem(`${found.path}/gridPos`, `overlaps ${other.path} ${JSON.stringify(text(other.panel.title))}`)),
  );
}

/** A heading holds panels when it is collapsed, and only then. */
function headings(panels: Found[]): Problem[] {
  return panels.flatMap((found) => {
    const holds = within(found).length > 0;
    const wrong = holds && (found.type !== 'row' || found.panel.collapsed !== true);
    return wrong ? [problem(`${found.path}/panels`, 'only a collapsed row holds panels')] : [];
  });
}

function sameIds(panels: Found[]): Problem[] {
  const ids = panels.map(({ panel }) => panel.id);
  return panels.flatMap(({ path }, i) => {
    const first = ids.indexOf(ids[i]);
    return ids[i] === undefined || first === i ? [] : [problem(`${path}/id`, `${panels[first].path} has it too: ${ids[i]}`)];
  });
}
