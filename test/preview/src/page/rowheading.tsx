/** The heading of a row, which opens and closes it. */
import { Icon, useTheme2 } from '@grafana/ui';
import type { Panel } from '../dashboard';

interface Props {
  row: Panel;
  title: string;
  isOpen: boolean;
  onToggle: () => void;
}

export function RowHeading({ row, title, isOpen, onToggle }: Props) {
  const theme = useTheme2();
  const held = row.panels?.length ?? 0;
  return (
    <button
      onClick={onToggle}
      aria-expanded={isOpen}
      style={{
        display: 'flex',
        alignItems: 'center',
        gap: theme.spacing(1),
        height: '100%',
        padding: 0,
        border: 0,
        background: 'none',
        color: theme.colors.text.primary,
        ...theme.typography.h5,
      }}
    >
      <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
      {title}
      {!isOpen && held > 0 && <span style={{ ...theme.typography.bodySmall, color: theme.colors.text.secondary }}>({held} panels)</span>}
    </button>
  );
}
