/** What metrics, spans and events of the whole product tell, and what they never do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT_DETAILS } from '../../src/kernel/event.ts';
import type { TaskResponse } from '../../src/task/tasks-face.ts';
import { recordSpans, type SpanRecording } from '../support/spans.ts';
import { canary, INTEGRATION, startProduct, type Product } from './product-under-test.ts';

let product: Product;
let recording: SpanRecording;
beforeEach(async () => {
  recording = recordSpans();
  product = await startProduct('sqlite', { validate: 'off' });
});
afterEach(async () => {
  await product.dispose();
  await recording.dispose();
});

const run = async (operationId: string, input = {}, integration = INTEGRATION): Promise<TaskResponse> =>
  await product.everbearer.tasks.run({ integration, operationId, input });

/** Values of the metric by its labels, as they stand; those that are 0 are left out. */
async function valuesOf(metric: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await product.everbearer.metrics.text()).split('\n');
  const found = lines.flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === metric && Number(value) !== 0 ? [[labels, Number(value)] as const] : [];
  });
  return Object.fromEntries(found);
}

describe('a task', () => {
  test('is a span above that of its request', async () => {
    await run('listBooks');
    const spans = recording.spans();
    expect(spans[0]).toMatchObject({ name: 'everbearer.task', kind: 'INTERNAL', failed: false, parent: undefined });
    expect(spans[0]?.attributes).toEqual({
      'everbearer.integration': INTEGRATION,
      'everbearer.operation_id': 'listBooks',
    });
    expect(spans.at(-1)).toMatchObject({ name: 'GET', kind: 'CLIENT', failed: false, parent: 'everbearer.task' });
    expect(spans.filter(({ parent }) => parent === undefined)).toHaveLength(1);
  });

  test('whose token the API refused shows both statuses', async () => {
    await run('listBooks');
    product.provider.revoke();
    const known = recording.spans().length;
    expect(await run('listBooks')).toMatchObject({ ok: true, status: 200 });
    const sends = recording
      .spans()
      .slice(known)
      .filter(({ name }) => name === 'GET');
    expect(sends.map(({ parent, failed }) => ({ parent, failed }))).toEqual([
      { parent: 'everbearer.task', failed: true },
      { parent: 'everbearer.task', failed: false },
    ]);
    expect(
      sends.map(({ attributes }) => [attributes['http.response.status_code'], attributes['http.request.resend_count']]),
    ).toEqual([
      [401, undefined],
      [200, 1],
    ]);
    expect(await valuesOf('everbearer_task_resends_total')).toEqual({ 'outcome="accepted"': 1 });
    expect(await valuesOf('everbearer_tasks_total')).toEqual({ 'outcome="ok"': 2 });
  });

  test('is counted by what came of it, its requests by status and purpose', async () => {
    await run('listBooks');
    await run('getBook');
    await expect(run('listBooks', {}, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect(await valuesOf('everbearer_tasks_total')).toEqual({
      'outcome="ok"': 1,
      'outcome="input_invalid"': 1,
      'outcome="not_found"': 1,
    });
    const requests = await valuesOf('http_client_request_duration_seconds_count');
    const purposes = Object.keys(requests).map((labels) => /everbearer_purpose="(\w+)"/.exec(labels)?.[1]);
    expect([...new Set(purposes)].toSorted()).toEqual(['task', 'token']);
  });
});

test('another Everbearer counts for itself', async () => {
  const other = await product.another();
  await run('listBooks');
  expect(await other.metrics.text()).toContain('everbearer_tasks_total{outcome="ok"} 0\n');
  expect(other.metrics.contentType).toMatch(/^text\/plain; version=/);
});

test('test 47: no secret, token or input stands in metrics, spans or events; nor any detail that is not listed', async () => {
  const { everbearer, provider } = product;
  const secrets = ['client_secret', 'password', 'access_token', 'refresh_token', 'query', 'header', 'path', 'body'].map(
    canary,
  );
  const [client = '', password = '', access = '', refresh = '', query = '', header = '', path = '', body = ''] =
    secrets;
  const { model } = await everbearer.integrations.get(INTEGRATION);
  const refused = {
    flow: 'password',
    client_id: 'x',
    client_secret: client,
    username: 'y',
    password,
    token_url: provider.tokenUrl,
  };
  await everbearer.integrations.create({
    name: 'refused',
    model,
    server: { url: provider.apiUrl },
    authentication: { shop: refused },
  });
  expect(await run('listBooks', {}, 'refused')).toMatchObject({ code: 'token_blocked' });

  await everbearer.tokens.set({ integration: INTEGRATION }, { access_token: access, refresh_token: refresh });
  const ran = [
    await run('listBooks', { query: { author: query }, header: { 'x-any': header } }),
    await run('getBook', { path: { isbn: path } }),
    await run('addBook', { body: { title: body } }),
  ];
  expect(ran.filter((response) => !('status' in response))).toEqual([]);
  const { access_token: received } = await everbearer.tokens.get({ integration: INTEGRATION });

  const { items } = await everbearer.events.list();
  const told = recording.text() + (await everbearer.metrics.text()) + JSON.stringify(items);
  expect(told).toContain('everbearer.task');
  expect(told).toContain('token_refused');
  expect([...secrets, received].filter((secret) => told.includes(secret))).toEqual([]);
  const details = new Set(items.flatMap((event) => Object.keys(event.details ?? {})));
  expect([...details].filter((name) => !Object.hasOwn(EVENT_DETAILS, name))).toEqual([]);
  expect(details.size).toBeGreaterThan(3);
});
