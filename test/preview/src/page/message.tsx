/** Words in the place of a picture. */
import { useTheme2 } from '@grafana/ui';

export function Message({ text, isError = false }: { text: string; isError?: boolean }) {
  const theme = useTheme2();
  const color = isError ? theme.colors.error.text : theme.colors.text.secondary;
  return (
    <div
      role={isError ? 'alert' : undefined}
      style={{ display: 'grid', placeItems: 'center', height: '100%', overflow: 'auto', textAlign: 'center', color }}
    >
      {text}
    </div>
  );
}
