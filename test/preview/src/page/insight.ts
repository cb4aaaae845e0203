/** Whether what a chart has is in sight: an axis that is lost, or a logarithmic one over zeros, shows none of it. */
import type uPlot from 'uplot';

/** What is asked of a chart. */
export type Chart = Pick<uPlot, 'data' | 'scales'> & { series: Array<{ scale?: string; show?: boolean }> };

/** Whether a point of a series lies within its axis. */
export const isInSight = ({ data, series, scales }: Chart): boolean =>
  series.some(({ scale = 'y', show }, i) => {
    const { min, max } = scales[scale] ?? {};
    const lies = (value: number | null | undefined) => typeof value === 'number' && value >= min! && value <= max!;
    return i > 0 && show !== false && [...data[i]].some(lies);
  });

const drawn: Array<{ panel: number; chart: uPlot }> = [];

/** Remembers the chart of a panel, for when all is drawn. */
export const remember = (panel: number, chart: uPlot): void => void drawn.push({ panel, chart });

/** Whether a panel has a chart whose points are all out of sight. */
export const isOutOfSight = (panel: number): boolean => drawn.some((one) => one.panel === panel && !isInSight(one.chart));
