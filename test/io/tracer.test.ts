/** Spans reach whichever SDK the process has, beneath the right parent; without one the work just runs. */
import { context, trace, TraceFlags, type SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { createTracer } from '../../src/io/tracer.ts';
import { HttpFailure } from '../../src/kernel/http-client.ts';
import { NO_SPAN, NO_TRACER, type SpanStart, type Tracer } from '../../src/kernel/tracer.ts';
import { recordSpans, type SpanRecording } from '../support/spans.ts';

const TASK: SpanStart = { name: 'everbearer.task', kind: 'internal', attributes: { 'everbearer.integration': 'crm' } };
const SEND: SpanStart = { name: 'GET', kind: 'client', attributes: { 'server.port': 443 } };

/** What the SDK may still do after the work went on. */
const later = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('with an SDK', () => {
  let recording: SpanRecording;
  const record = (): SpanRecording => (recording = recordSpans());
  afterEach(async () => {
    await recording.dispose();
  });

  test('a span has its name, kind and attributes, also those that come while it runs', async () => {
    record();
    const result = await createTracer('1').within(SEND, async (span) => {
      span.add({ 'http.response.status_code': 200 });
      return await Promise.resolve('result');
    });
    expect(result).toBe('result');
    expect(recording.spans()).toEqual([
      {
        name: 'GET',
        kind: 'CLIENT',
        failed: false,
        attributes: { 'server.port': 443, 'http.response.status_code': 200 },
        parent: undefined,
      },
    ]);
  });

  test('what runs within a span stands beneath it, across waits and beside others', async () => {
    record();
    const tracer = createTracer('1');
    const run = async (name: string): Promise<void> =>
      await tracer.within({ ...TASK, name }, async () => {
        await later();
        await Promise.all([
          tracer.within({ ...SEND, name: `${name} 1` }, later),
          tracer.within({ ...SEND, name: `${name} 2` }, later),
        ]);
      });
    await Promise.all([run('a'), run('b')]);
    const parents = recording.spans().map(({ name, parent }) => `${name} < ${parent ?? 'none'}`);
    expect(parents.toSorted()).toEqual(['a 1 < a', 'a 2 < a', 'a < none', 'b 1 < b', 'b 2 < b', 'b < none']);
  });

  test.each<[string, unknown, string]>([
    ['one of ours, by its code', new EverbearerError('token_blocked', 'a secret'), 'token_blocked'],
    [
      'one of the HTTP client, by its kind',
      new HttpFailure('timeout', 'a secret', { sent: true, origin: '' }),
      'timeout',
    ],
    ['any other, by its class', new RangeError('a secret'), 'RangeError'],
    ['what is no error', 'a secret', '_OTHER'],
  ])('what the work throws fails the span and is thrown on: %s', async (_title, error, type) => {
    record();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- others may throw what they like
    const work = (): Promise<never> => Promise.reject(error);
    await expect(createTracer('1').within(TASK, work)).rejects.toBe(error);
    expect(recording.spans()).toMatchObject([{ failed: true, attributes: { 'error.type': type } }]);
    expect(recording.text()).not.toContain('a secret');
  });

  test('one that is registered after the tracer was made gets the spans', async () => {
    const tracer = createTracer('1');
    await tracer.within(TASK, later);
    record();
    await tracer.within(SEND, later);
    expect(recording.spans().map(({ name }) => name)).toEqual(['GET']);
  });
});

describe.each<[string, Tracer]>([
  ['without an SDK', createTracer('1')],
  ['the tracer that makes none', NO_TRACER],
])('%s', (_title, tracer) => {
  test('the work runs, with a span that says nothing', async () => {
    const result = await tracer.within(TASK, async (span) => await Promise.resolve(span));
    expect(result).toBe(NO_SPAN);
    result.add({ 'server.port': 443 });
    result.fail('timeout');
  });

  test('what the work throws comes out as it is', async () => {
    const error = new EverbearerError('internal', 'x');
    await expect(tracer.within(TASK, () => Promise.reject(error))).rejects.toBe(error);
  });
});

test('what a sampler leaves out is left out beneath it as well, but stays one trace', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    sampler: new AlwaysOffSampler(),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  onTestFinished(async () => {
    trace.disable();
    context.disable();
    await provider.shutdown();
  });
  let beneath: SpanContext | undefined;
  await createTracer('1').within(TASK, async () => {
    beneath = trace.getActiveSpan()?.spanContext();
    await later();
  });
  expect(beneath).toMatchObject({ traceFlags: TraceFlags.NONE });
  expect(beneath?.traceId).toMatch(/^(?!0{32})[\da-f]{32}$/);
  expect(exporter.getFinishedSpans()).toEqual([]);
});
