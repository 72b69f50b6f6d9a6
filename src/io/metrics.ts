/** The `Metrics` port on prom-client: a registry of its own, never the process's global one, so that two Everbearers in a process don't meet. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricRow, METRICS, type MetricName, type MetricRow, type MetricsRegistry } from '../kernel/metrics.ts';
import { createLabelBounds, type LabelBounds, type Labels } from './metric-labels.ts';

/** A metric of prom-client with the bounds of its open labels. */
interface Bounded<Metric> {
  readonly metric: Metric;
  readonly bounds: LabelBounds;
}

/** Metrics in Prometheus' text format. Of the process itself (memory, event loop) they say nothing: that is the host's to tell. */
export function createMetrics(): MetricsRegistry {
  const registry = new Registry();
  const counters = byName('counter', (row) => startedCounter(registry, row));
  const gauges = byName('gauge', ({ config }) => new Gauge({ ...config, registers: [registry] }));
  const histograms = byName('histogram', ({ config, buckets }) => {
    return new Histogram({ ...config, buckets: [...buckets], registers: [registry] });
  });
  return {
    count(name, labels, by = 1) {
      const counter = counters.get(name);
      if (counter !== undefined && by >= 0 && Number.isFinite(by)) counter.metric.inc(counter.bounds.fold(labels), by);
    },
    observe(name, labels, value) {
      const histogram = histograms.get(name);
      if (Number.isFinite(value)) histogram?.metric.observe(histogram.bounds.fold(labels), value);
    },
    set(name, labels, value) {
      const gauge = gauges.get(name);
      if (gauge?.bounds.admit(labels) === true && Number.isFinite(value)) gauge.metric.set(labels, value);
    },
    add(name, labels, by) {
      const gauge = gauges.get(name);
      if (gauge?.bounds.admit(labels) === true && Number.isFinite(by)) gauge.metric.inc(labels, by);
    },
    unset(name, labels) {
      const gauge = gauges.get(name);
      gauge?.bounds.release(labels);
      gauge?.metric.remove(labels);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

interface Recipe {
  readonly config: { readonly name: string; readonly help: string; readonly labelNames: string[] };
  readonly buckets: readonly number[];
  readonly row: MetricRow;
}

function byName<Metric>(
  kind: MetricRow['kind'],
  make: (recipe: Recipe) => Metric,
): ReadonlyMap<MetricName, Bounded<Metric>> {
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) => metricRow(name).kind === kind);
  return new Map(
    names.map((name) => {
      const row = metricRow(name);
      const { help, labels, buckets = [] } = row;
      const metric = make({ config: { name, help, labelNames: Object.keys(labels) }, buckets, row });
      return [name, { metric, bounds: createLabelBounds(row) }];
    }),
  );
}

/** Series whose labels are all known begin with 0: an increase from nothing would not be seen as one. */
function startedCounter(registry: Registry, { config, row }: Recipe): Counter {
  const counter = new Counter({ ...config, registers: [registry] });
  for (const labels of everySeries(row)) counter.inc(labels, 0);
  return counter;
}

/** Every combination of the labels' values; none where a label is open. */
function everySeries({ labels }: MetricRow): readonly Labels[] {
  return Object.entries(labels).reduce<readonly Labels[]>(
    (series, [name, label]) =>
      'atMost' in label ? [] : series.flatMap((labels) => label.map((value) => ({ ...labels, [name]: value }))),
    [{}],
  );
}
