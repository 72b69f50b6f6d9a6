/** The `Tracer` port on OpenTelemetry's API: whose SDK gets the spans is the host's choice; without one there are none, and they cost next to nothing. */
import { context, isSpanContextValid, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { errorTypeOf, NO_SPAN, type OpenSpan, type Tracer } from '../kernel/tracer.ts';

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

/** Spans of the process's tracer provider, also of one that is registered later. @param version ours, which the spans name */
export function createTracer(version: string): Tracer {
  const tracer = trace.getTracer('everbearer', version);
  return {
    within({ name, kind, attributes }, work) {
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes });
      // Valid also where it is not recorded: what is beneath it is then not recorded either.
      if (!isSpanContextValid(span.spanContext())) return work(NO_SPAN);
      return context.with(trace.setSpan(context.active(), span), () => ended(span, work));
    },
  };
}

async function ended<T>(span: Span, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  const open = openSpan(span);
  try {
    return await work(open);
  } catch (error) {
    // Not as an exception event: a message may quote what no span may say.
    open.fail(errorTypeOf(error));
    throw error;
  } finally {
    span.end();
  }
}

function openSpan(span: Span): OpenSpan {
  return {
    add: (attributes) => void span.setAttributes(attributes),
    fail(errorType) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
  };
}
