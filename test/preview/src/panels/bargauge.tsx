/** The bar gauge: Grafana's BarGauge. */
import { BarGauge, useTheme2 } from '@grafana/ui';
import type { Props } from './plugin';
import { Values } from './values';

const cellWidth = 12;

export function BarGaugePanel(panel: Props) {
  const theme = useTheme2();
  const { options } = panel;
  const itemSpacing = options.displayMode === 'lcd' ? 2 : 10;
  return (
    <Values
      panel={panel}
      itemSpacing={itemSpacing}
      minVizWidth={options.minVizWidth}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      draw={({ value, width, height, orientation, alignmentFactors, count }, { openMenu, targetClassName }) => (
        <BarGauge
          value={value.display}
          width={width}
          height={height}
          orientation={orientation}
          field={value.field}
          text={options.text}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          theme={theme}
          itemSpacing={itemSpacing}
          lcdCellWidth={cellWidth}
          displayMode={options.displayMode}
          onClick={openMenu}
          className={targetClassName}
          alignmentFactors={count > 1 ? alignmentFactors : undefined}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
        />
      )}
    />
  );
}
