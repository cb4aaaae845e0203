/** A variable, to choose one or more of its values from. */
import { Combobox, InlineLabel, Input, MultiCombobox, type ComboboxOption } from '@grafana/ui';
import { all, isAll, words, type Value } from '../variables/value';

interface Props {
  value: Value;
  onChange: (chosen: string[]) => void;
}

export function VariablePicker({ value, onChange }: Props) {
  const { variable } = value;
  return (
    <div style={{ display: 'flex' }}>
      {variable.hide !== 1 && <InlineLabel width="auto">{variable.label || variable.name}</InlineLabel>}
      <Choice value={value} onChange={onChange} />
    </div>
  );
}

function Choice({ value, onChange }: Props) {
  const { variable, chosen } = value;
  const options: Array<ComboboxOption<string>> = [
    ...(variable.includeAll ? [{ label: 'All', value: all }] : []),
    ...value.options.map((option) => ({ label: option, value: option })),
  ];
  if (variable.type === 'textbox' || variable.type === 'constant') {
    return <Input defaultValue={words(value)} onBlur={(event) => onChange([event.currentTarget.value])} width={16} />;
  }
  if (!variable.multi) {
    return (
      <Combobox options={options} value={chosen[0] ?? null} onChange={(option) => onChange([option.value])} width="auto" minWidth={12} />
    );
  }
  const select = (picked: Array<ComboboxOption<string>>) => {
    const values = picked.map((option) => option.value);
    const others = values.filter((v) => v !== all);
    const turnedAll = values.includes(all) && !isAll(value);
    onChange(turnedAll || others.length === 0 ? [all] : others);
  };
  return <MultiCombobox options={options} value={chosen} onChange={select} width="auto" minWidth={12} />;
}
