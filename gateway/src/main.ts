// SPDX-License-Identifier: Apache-2.0
// The gateway process: environment in, HTTP out, and on SIGTERM or SIGINT an end with code 0 within ten seconds, however
// often it is told (docs/operations.md §20). Prints one line of JSON when it serves: {"port"}.
import { setFlagsFromString } from 'node:v8';
import { connectEmbedded } from '@zhenglian/network/embedded/client';
import { isCodedError } from '@zhenglian/core/errors';
import type { Ledger } from '@zhenglian/network/ledger';
import { createClosing } from './closing.ts';
import type { Closing } from './closing.ts';
import { parseConfig } from './config.ts';
import type { Config } from './config.ts';
import type { FaultPoint } from './fault-points.ts';
import { createGateway } from './gateway.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';
import { runVerb } from './operate/run-verb.ts';
import { createRandomPool } from './random-pool.ts';
import { rotateKey } from './rotate-key.ts';

/**
 * Percent by which the heap may grow over what lives in it before garbage is collected. Unless told, V8 lets it grow to four times
 * while an import makes garbage. Told here and not by an argument of Node's: whoever starts a gateway would have to know it.
 */
const HEAP_GROWTH = 60;
/** Copies of a batch at most: what waits goes together, and one transaction carries ten thousand as well as one. */
const BATCH_SIZE = 10_000;
/** Milliseconds for the gateway's parts to end in good order, for all of them, and for the process whatever happens. */
const STOP_WITHIN = 8000;
const END_WITHIN = 8500;
const EXIT_AFTER = 9500;

setFlagsFromString(`--heap-growing-percent=${String(HEAP_GROWTH)}`);
// A file over the process's limit must be an error of the write, not the end of the process.
process.on('SIGXFSZ', () => undefined);

try {
  await run(process.argv.slice(2));
} catch (error) {
  const isExpected = isCodedError<string>(error);
  process.stderr.write(`${isExpected ? error.message : String(error)}\n`);
  process.exitCode = isExpected && error.code === 'CONFIG_INVALID' ? 2 : 1;
}

/** Without a word the gateway itself; with a verb what an operator does (docs/operations.md). */
async function run([command, ...operands]: readonly string[]): Promise<void> {
  if (command === undefined) return main();
  const call = {
    env: process.env,
    now: Math.floor(Date.now() / 1000),
    random: createRandomPool(),
  };
  const told =
    command === 'rotate-key'
      ? await rotateKey(operands, process.env)
      : await runVerb(command, operands, call);
  process.stdout.write(`${told}\n`);
}

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLog(config.logLevel);
  const closing = createClosing();
  let ending: Promise<void> | undefined;
  const end = () => (ending ??= endProcess(closing, log));
  // From here on, also while it opens; a second signal finds it ending already.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  if (config.attached) process.stdin.resume().on('close', () => void end());
  log.info('opening', { msp: config.msp });
  try {
    const ledger = await connectLedger(config, log);
    closing.add('ledger', () => ledger.close());
    const gateway = await createGateway(config, {
      ledger,
      clock: () => Math.floor(Date.now() / 1000),
      random: createRandomPool(),
      log,
      batch: { size: BATCH_SIZE, milliseconds: config.batchMilliseconds },
      fault: killAt(config.fault),
    });
    closing.add('gateway', () => gateway.stop(STOP_WITHIN), END_WITHIN);
    const ports = await gateway.listen();
    log.info('serving', { ...ports, msp: config.msp });
    process.stdout.write(`${JSON.stringify({ port: ports.port })}\n`);
  } catch (error) {
    // What fails because it is ending is no failure: it has left before this goes on.
    await (ending ??= closing.close(END_WITHIN).then(() => undefined));
    // An open pipe would keep the process alive.
    process.stdin.destroy();
    throw error;
  }
}

/** In good order, or at least in time: what was accepted is durable, so nothing is lost by leaving. */
async function endProcess(closing: Closing, log: Log): Promise<void> {
  const leave = (parts: readonly string[]) => {
    if (parts.length > 0) log.warn('parked', { parts });
    log.info('ended');
    process.exit(0);
  };
  setTimeout(leave, EXIT_AFTER, ['process']).unref();
  log.info('draining');
  leave(await closing.close(END_WITHIN));
}

/** For the tests of kills (docs/issuance.md): dies at the named point, the n-th time it comes there. */
function killAt(wanted: Config['fault']): FaultPoint {
  let left = wanted?.times ?? 0;
  return (point) => {
    if (point !== wanted?.name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

async function connectLedger(config: Config, log: Log): Promise<Ledger> {
  const { ledger, msp, channel, identity } = config;
  const member = { msp, channel, ...identity };
  if (ledger.engine === 'embedded') return connectEmbedded({ url: ledger.url, ...member });
  // Only who runs Fabric loads its client library.
  const { connectFabric } = await import('./fabric-ledger.ts');
  return connectFabric({
    ...ledger,
    ...member,
    report: ({ msp: left, error, isLiar }) => {
      log.warn(isLiar ? 'peer-showed-bad-block' : 'peer-left', { msp: left, error });
    },
  });
}
