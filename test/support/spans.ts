/** The spans of a test, kept in memory; registered for the whole process, as a host registers its SDK. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export interface ToldSpan {
  readonly name: string;
  readonly kind: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Name of the span that it stands beneath. */
  readonly parent: string | undefined;
}

export interface SpanRecording {
  /** Those that have ended, in the order in which they began. */
  spans(): readonly ToldSpan[];
  /** All that an exporter could send. */
  text(): string;
  dispose(): Promise<void>;
}

export function recordSpans(): SpanRecording {
  const exporter = new InMemorySpanExporter();
  const begun: string[] = [];
  const order: SpanProcessor = {
    onStart: (span) => void begun.push(span.spanContext().spanId),
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter), order] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const place = (span: ReadableSpan): number => begun.indexOf(span.spanContext().spanId);
  const ended = (): readonly ReadableSpan[] => exporter.getFinishedSpans().toSorted((a, b) => place(a) - place(b));
  return {
    spans: () => ended().map((span, _index, all) => told(span, all)),
    text: () =>
      JSON.stringify(
        ended().map(({ name, attributes, status, events, links, resource }) => {
          return { name, attributes, status, events, links, resource: resource.attributes };
        }),
      ),
    async dispose() {
      trace.disable();
      context.disable();
      await provider.shutdown();
    },
  };
}

function told(span: ReadableSpan, all: readonly ReadableSpan[]): ToldSpan {
  const parent = all.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    failed: span.status.code === SpanStatusCode.ERROR,
    attributes: span.attributes,
    parent: parent?.name,
  };
}
