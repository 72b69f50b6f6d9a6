/** Directed graphs whose nodes are numbered from 0. */

/**
 * The strongly connected components (nodes that reach each other), each after every component that it reaches: what is true of everything behind
 * a node can be computed in one pass. Tarjan's algorithm, linear and without recursion: chains of references can be long.
 */
export function condense(edges: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const order = new Int32Array(edges.length);
  const low = new Int32Array(edges.length);
  const onStack = new Uint8Array(edges.length);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;

  const enter = (node: number): void => {
    visited += 1;
    order[node] = low[node] = visited;
    stack.push(node);
    onStack[node] = 1;
  };
  const leave = (node: number): void => {
    if (low[node] !== order[node]) return;
    const component = stack.splice(stack.lastIndexOf(node));
    for (const member of component) onStack[member] = 0;
    components.push(component);
  };
  const lower = (node: number, value: number | undefined): void => {
    low[node] = Math.min(low[node] ?? 0, value ?? 0);
  };

  for (let root = 0; root < edges.length; root += 1) {
    if (order[root] !== 0) continue;
    enter(root);
    const path = [{ node: root, next: 0 }];
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const target = edges[frame.node]?.[frame.next];
      frame.next += 1;
      if (target === undefined) {
        leave(frame.node);
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.node, low[frame.node]);
      } else if (order[target] === 0) {
        enter(target);
        path.push({ node: target, next: 0 });
      } else if (onStack[target] === 1) lower(frame.node, order[target]);
    }
  }
  return components;
}
