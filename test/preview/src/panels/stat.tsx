/** The stat panel: Grafana's BigValue. */
import { BigValue, useTheme2 } from '@grafana/ui';
import type { Props } from './plugin';
import { Values } from './values';

export function StatPanel(panel: Props) {
  const theme = useTheme2();
  const { options } = panel;
  return (
    <Values
      panel={panel}
      sparkline={options.graphMode !== 'none'}
      autoGrid
      itemSpacing={3}
      draw={({ value, width, height, alignmentFactors, count }, { openMenu, targetClassName }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          alignmentFactors={alignmentFactors}
          text={options.text}
          width={width}
          height={height}
          theme={theme}
          onClick={openMenu}
          className={targetClassName}
          percentChangeColorMode={options.percentChangeColorMode}
          disableWideLayout={!options.wideLayout}
        />
      )}
    />
  );
}
