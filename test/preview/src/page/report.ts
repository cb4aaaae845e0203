/** What a machine may know of the page: window.__preview, and data-ready on the body once nothing is left to draw. */
import { isOutOfSight } from './insight';

export interface PanelReport {
  id: number;
  title: string;
  type: string;
  /** Why it could not be drawn. */
  error?: string;
  /** It has no data. */
  empty?: boolean;
  /** The names of series with values that are not numbers, which cannot be drawn. */
  notNumbers?: string[];
  /** It has a chart with data, of which no point is in sight. */
  outOfSight?: boolean;
  /** It is not drawn at all, and the page says why. */
  missing?: boolean;
}

export interface PageReport {
  title: string;
  panels: PanelReport[];
  /** What is wrong with the page as a whole. */
  error?: string;
  ready: boolean;
}

declare global {
  interface Window {
    __preview: PageReport;
  }
}

/** Begins a page's report. */
export function startReport(): void {
  window.__preview = { title: '', panels: [], ready: false };
}

/** Says that everything is drawn: the fonts are there, and the browser has painted twice since. */
export async function finishReport(panels: PanelReport[], title: string, error?: string): Promise<void> {
  window.__preview = { title, panels, error, ready: false };
  await document.fonts.ready;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      panels.forEach((panel) => (panel.outOfSight = isOutOfSight(panel.id) || undefined));
      window.__preview.ready = true;
      document.body.dataset.ready = 'true';
    }),
  );
}
