/** The watching end of `process-guard.ts`: when its channel closes, it ends what is still watched, and itself. */
type Order = { readonly watch: number } | { readonly forget: number };

const watched = new Set<number>();

process.on('message', (order: Order) => {
  if ('watch' in order) watched.add(order.watch);
  else watched.delete(order.forget);
});
process.on('disconnect', () => {
  for (const pid of watched) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  process.exit();
});
process.send?.('ready');
