/** The panels of a dashboard, wherever they are, each with its path. */
import { list, object, text, type JsonObject } from './json';

export interface Found {
  path: string;
  panel: JsonObject;
  type: string;
}

const found = (path: string, panel: JsonObject): Found => ({ path, panel, type: text(panel.type) });

/** What is on the grid at once: headings and panels, without those that a collapsed heading holds. */
export function onTheGrid(dashboard: JsonObject): Found[] {
  return list(dashboard.panels).map((panel, i) => found(`/panels/${i}`, object(panel)));
}

/** What a heading holds. */
export function within(heading: Found): Found[] {
  return list(heading.panel.panels).map((panel, i) => found(`${heading.path}/panels/${i}`, object(panel)));
}

/** Headings and panels, those of collapsed headings included. */
export function everything(dashboard: JsonObject): Found[] {
  return onTheGrid(dashboard).flatMap((f) => [f, ...within(f)]);
}
