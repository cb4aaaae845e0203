/** What is wrong on a dashboard, by the page's own report. */
import type { PageReport, PanelReport } from '../src/page/report';

/** Titles of panels that may be empty, by dashboard, each with the reason. */
export type Quiet = Record<string, Record<string, string>>;

/** Every fault of a page, those of panels with their titles. */
export function problemsOf({ error, panels }: Pick<PageReport, 'error' | 'panels'>, uid: string, quiet: Quiet): string[] {
  return [...(error ? [error] : []), ...panels.flatMap((panel) => problemsOfPanel(panel, quiet[uid]?.[panel.title]))];
}

function problemsOfPanel({ title, error, empty, outOfSight, notNumbers = [] }: PanelReport, mayBeEmpty: string | undefined): string[] {
  return [
    ...(error ? [`${title}: ${error}`] : []),
    ...notNumbers.map((name) => `${title}: ${name} has values that are not numbers`),
    ...(outOfSight ? [`${title}: no point is in sight`] : []),
    ...(!empty && mayBeEmpty ? [`${title}: is not empty, so the reason for that is not true`] : []),
    ...(empty && !mayBeEmpty ? [`${title}: no data`] : []),
  ];
}
