/** Operations as a task needs them: read once a model, planned once, validated lazily; bounded. */
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import { getOperation } from '../model/models.ts';
import type { ModelRecord, ModelStore } from '../model/model-store.ts';
import { loadClosure } from '../model/schema-closure.ts';
import { inputSchemas } from '../model/input-schema.ts';
import type { Operation } from '../openapi/operation.ts';
import { compileValidator, type InputValidator } from './input-validator.ts';
import { compilePlan, type RequestPlan } from './request-plan.ts';

export interface CompiledOperation {
  readonly operation: Operation;
  readonly plan: RequestPlan;
  /** Compiled at its first use. */
  validator(): InputValidator;
}

export interface CompiledOperations {
  /** @throws EverbearerError `not_found`, `store_unavailable` */
  get(model: ModelRecord, operationId: string): CompiledOperation | Promise<CompiledOperation>;
}

/** How many operations a process keeps compiled. */
const KEPT = 1_000;

export function createCompiledOperations(store: ModelStore): CompiledOperations {
  const kept = new BoundedCache<string, CompiledOperation>({ maxEntries: KEPT });
  /** A worker's first calls are thousands; what they need is loaded and compiled once. */
  const loads = createSingleFlight<CompiledOperation>();

  async function load(model: ModelRecord, operationId: string, key: string): Promise<CompiledOperation> {
    const operation = await getOperation(store, model, operationId);
    const fragments = await loadClosure(store, model.id, inputSchemas(operation));
    let validator: InputValidator | undefined;
    const compiled: CompiledOperation = {
      operation,
      plan: compilePlan(operation, { fragments }),
      validator: () => (validator ??= compileValidator(operation, model.facts.dialect, fragments)),
    };
    kept.set(key, compiled);
    return compiled;
  }

  return {
    get(model, operationId) {
      const key = `${model.id} ${operationId}`;
      return kept.find(key) ?? loads.run(key, async () => await load(model, operationId, key));
    },
  };
}
