/** Keeps the open labels of a metric within their bounds, first come first served for the life of the process. */
import { OTHER_VALUE, type MetricRow } from '../kernel/metrics.ts';

export type Labels = Readonly<Record<string, string | number>>;

export interface LabelBounds {
  /** The labels with {@link OTHER_VALUE} in the place of what is beyond a bound: sums may be folded together. */
  fold<Given extends Labels>(labels: Given): Given;
  /** Whether all of them are within their bounds: a level that was folded together with others would be nobody's. */
  admit(labels: Labels): boolean;
  /** Makes room for other values again. */
  release(labels: Labels): void;
}

interface OpenLabel {
  readonly name: string;
  readonly atMost: number;
  readonly known: Set<string | number>;
}

export function createLabelBounds(row: MetricRow): LabelBounds {
  const open = Object.entries(row.labels).flatMap(([name, label]): readonly OpenLabel[] =>
    'atMost' in label ? [{ name, atMost: label.atMost, known: new Set() }] : [],
  );
  return {
    fold: (labels) =>
      open.reduce((folded, label) => (admits(label, labels) ? folded : withOther(folded, label)), labels),
    admit: (labels) => open.every((label) => admits(label, labels)),
    release(labels) {
      for (const { name, known } of open) known.delete(labels[name] ?? '');
    },
  };
}

function admits({ name, atMost, known }: OpenLabel, labels: Labels): boolean {
  const value = labels[name] ?? '';
  if (value === '' || known.has(value)) return true;
  if (known.size >= atMost) return false;
  known.add(value);
  return true;
}

function withOther<Given extends Labels>(labels: Given, { name }: OpenLabel): Given {
  return { ...labels, [name]: OTHER_VALUE };
}
