/**
 * The process that reads documents (see import-process.ts). It gets bytes, gives facts and rows, and has nothing else: an empty environment, no files
 * but our own code, no network.
 */
import { lockNetwork } from './import-child-lock.ts';
import { runJob } from './import-child-job.ts';
import { ParentChannel } from './import-child-parent.ts';

lockNetwork();
process.once('disconnect', () => process.exit());

const parent = new ParentChannel();
await parent.send({ type: 'ready' });
for (;;) {
  const message = await parent.next();
  if (message.type === 'read') await runJob(message.job, parent);
}
