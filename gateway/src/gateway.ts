// SPDX-License-Identifier: Apache-2.0
// One gateway, put together: store, replica, trace, keys, desk, application. What it opened it closes.
import { mkdir } from 'node:fs/promises';
import type { Express } from 'express';
import type { Ledger } from '@zhenglian/network/ledger';
import { CodedError } from '@zhenglian/core/errors';
import { openRuleDesk } from './agree-rules.ts';
import { hasEnded } from './authority-keys.ts';
import { keyOf } from './checking/replica-facts.ts';
import { createApp } from './app.ts';
import { forgetOldRequests } from './checking/presentation-requests.ts';
import type { Config } from './config.ts';
import type { Clock, GatewayContext, RandomBytes } from './context.ts';
import { createDoorServer } from './http/server.ts';
import { discardUnaccepted } from './imports/discard-unaccepted.ts';
import { startImports } from './imports/run-imports.ts';
import { openIssuing } from './issuance/open-issuing.ts';
import { createTypeShelf } from './issuance/type-shelf.ts';
import { noFault } from './fault-points.ts';
import type { FaultPoint } from './fault-points.ts';
import { keepSigners } from './keep-signers.ts';
import type { Log } from './log.ts';
import { forgetOldAnswers } from './middleware/idempotency.ts';
import { serveOrders } from './operate/orders.ts';
import { backupStore } from './operate/backup-store.ts';
import { rotateStore } from './operate/rotate-store.ts';
import { provinceLedger } from './province-ledger.ts';
import { openReplica } from './replica/replica.ts';
import { openKeyStore } from './signing/open-key-store.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/open-store.ts';
import { forgetOldUploads } from './uploads/remove-upload.ts';
import { openTraceOutbox } from './trace-outbox.ts';
import type { TraceOfInstance } from './trace/proven-entries.ts';
import { openTrace } from './trace/trace.ts';

/** What a gateway gets from outside itself. */
export interface GatewayDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** 2,000 copies or 100 ms unless given. */
  readonly batch?: { readonly size: number; readonly milliseconds: number };
  /** For tests that kill the process at a named point; goes on unless given. */
  readonly fault?: FaultPoint;
}

/** A gateway that works; `listen` also makes it reachable. */
export interface Gateway {
  readonly app: Express;
  readonly context: GatewayContext;
  /** Returns the port. @throws PORT_IN_USE */
  listen(): Promise<number>;
  stop(): Promise<void>;
}

const BATCH = { size: 2000, milliseconds: 100 };
const CHORES_EVERY = 2000;
const FORGET_EVERY = 3_600_000;

/** Opens a gateway where it stood. @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, STORE_CORRUPT, STORAGE_FULL, STORE_UNAVAILABLE */
export async function createGateway(config: Config, deps: GatewayDependencies): Promise<Gateway> {
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.reverse()) await end();
  };
  try {
    const context = await openContext(config, deps, opened);
    const app = createApp(context);
    return { app, context, listen: () => listen(config, app, deps.log, opened), stop: close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function openContext(
  config: Config,
  deps: GatewayDependencies,
  opened: (() => Promise<void>)[],
): Promise<GatewayContext> {
  const { clock, random, log, batch = BATCH, fault = noFault } = deps;
  const { authorities, networkId } = config;
  await makeFolder(config.dataDir);
  const kept = await openStore({ ...config, random });
  opened.push(() => kept.close());
  const { desk: store, vault, instance, locks } = kept;
  const replica = await openReplica({
    db: kept.local.table('replica'),
    ledger: deps.ledger,
    networkId,
    log,
    clock,
  });
  opened.push(() => replica.close());
  const trace = await openTrace({
    db: kept.trace(kept.traceName),
    ledger: deps.ledger,
    replica,
    instance: kept.traceName,
    msp: config.msp,
    others: () => otherTraces(kept),
    clock,
    log,
  });
  opened.push(() => trace.close());

  const ledger = provinceLedger(deps.ledger);
  const outbox = await openTraceOutbox({ store, trace, instance, locks });
  const shelf = createTypeShelf(replica);
  const keys = await openKeyStore(config.signer, { store, clock, random });
  opened.push(() => keys.close());
  const signers = keepSigners({
    msp: config.msp,
    networkId,
    keys,
    ledger,
    clock,
    authorities,
    replica,
    trace,
    log,
  });
  opened.push(() => signers.stop());
  const parts = {
    store,
    vault,
    ledger,
    replica,
    outbox,
    shelf,
    signers,
    locks,
    clock,
    random,
    log,
    fault,
    networkId,
    instance,
    authorities,
    signer: (uscc: string) => signers.ready(uscc),
    forKid: (kid: Uint8Array) => signers.forKid(kid),
    isOver: (kid: Uint8Array) => {
      const key = keyOf(replica.trustBundle().bundle, kid);
      return key !== undefined && hasEnded(key, clock());
    },
    batchSize: batch.size,
    batchMilliseconds: batch.milliseconds,
  };
  const rules = openRuleDesk({ config, ledger: deps.ledger, networkId, signers, trace });
  let chores = Promise.resolve();
  const issuing = await openIssuing({ ...parts, onReleased: () => doChores() });
  const { desk, anchoring, lanes, archive } = issuing;
  opened.push(() => anchoring.stop());
  const doChores = () => {
    chores = chores
      .then(() => desk.resume())
      .then(() => outbox.adopt())
      .then(() => rules.agree())
      .then(() => lanes.leaseAhead())
      .catch((error: unknown) => log.warn('chores wait', { error }));
  };
  const timer = setInterval(doChores, CHORES_EVERY);
  opened.push(async () => {
    clearInterval(timer);
    await chores;
  });
  opened.push(
    serveOrders(config.dataDir, {
      backup: (order) => backupStore(kept, order, config, clock()),
      'rotate-master-key': () => rotateStore(kept, config),
    }),
  );
  await discardUnaccepted(parts, 'start');
  await startForgetting(parts, opened);
  const imports = startImports({ ...parts, ...issuing, notify: () => anchoring.notify() });
  opened.push(() => imports.stop());
  return {
    config,
    networkId,
    instance,
    store,
    purge: (prefix) => kept.database.purge('desk', prefix),
    vault,
    ledger: deps.ledger,
    replica,
    trace,
    outbox,
    signers,
    archive,
    desk,
    imports,
    shelf,
    locks,
    clock,
    random,
    log,
    troubles: () => [
      ...replica.troubles(),
      ...trace.troubles(),
      ...anchoring.troubles(),
      ...signers.troubles(),
      ...kept.troubles(),
    ],
  };
}

/** Deletes what has run out, now and every hour. */
async function startForgetting(
  parts: Pick<
    GatewayContext,
    'store' | 'vault' | 'locks' | 'clock' | 'random' | 'log' | 'instance'
  >,
  opened: (() => Promise<void>)[],
): Promise<void> {
  const forget = async () => {
    await forgetOldAnswers(parts);
    await forgetOldRequests(parts);
    await discardUnaccepted(parts, 'later');
    await forgetOldUploads(parts);
  };
  await forget();
  let work = Promise.resolve();
  const timer = setInterval(() => {
    work = forget().catch((error: unknown) => parts.log.warn('forgetting waits', { error }));
  }, FORGET_EVERY);
  opened.push(async () => {
    clearInterval(timer);
    await work;
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new CodedError('DATA_DIR_UNWRITABLE', 'the data directory cannot be made', { cause });
  }
}

/** One chain an instance; whichever is asked answers for all. */
async function otherTraces(kept: Store): Promise<readonly TraceOfInstance[]> {
  const others = (await kept.instances()).filter((name) => name !== kept.traceName);
  return others.map((instance) => ({ instance, db: kept.trace(instance) }));
}

async function listen(
  config: Config,
  app: Express,
  log: Log,
  opened: (() => Promise<void>)[],
): Promise<number> {
  const { port, host } = config;
  const door = createDoorServer(app, { ...config, log });
  const { server } = door;
  opened.push(() => door.stop());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'START_FAILED';
      reject(new CodedError(code, `cannot listen on port ${String(port)}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  opened.push(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
