/** The table: Grafana's TableNG, which is what its table panel draws. */
import { TableNG } from '@grafana/ui/unstable';
import type { Props } from './plugin';

export function TablePanel({ data, width, height, options, fieldConfig, timeRange, transparent }: Props) {
  return (
    <TableNG
      data={data.series[options.frameIndex] ?? data.series[0]}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      showTypeIcons={options.showTypeIcons}
      sortBy={options.sortBy}
      cellHeight={options.cellHeight}
      maxRowHeight={options.maxRowHeight}
      enablePagination={options.enablePagination}
      pageSize={options.pageSize}
      frozenColumns={options.frozenColumns?.left}
      fieldConfig={fieldConfig}
      timeRange={timeRange}
      transparent={transparent}
      structureRev={data.structureRev}
    />
  );
}
