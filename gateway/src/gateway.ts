// SPDX-License-Identifier: Apache-2.0
// One gateway, put together: store, replica, trace, keys, desk, application. What it opened it closes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import type { Ledger } from '@zhenglian/network/ledger';
import { toHex } from '@zhenglian/core/bytes';
import { openAccounts } from './accounts/accounts.ts';
import { openRuleDesk } from './agree-rules.ts';
import { hasEnded } from './authority-keys.ts';
import { keyOf } from './checking/replica-facts.ts';
import { createApp } from './app.ts';
import { seldom, startChores } from './chores.ts';
import { createClosing } from './closing.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import type { Clock, GatewayContext, RandomBytes } from './context.ts';
import { createDrain } from './drain.ts';
import { finishErasures } from './erasure/carry-out.ts';
import { startForgetting } from './forgetting.ts';
import { discardUnaccepted } from './imports/discard-unaccepted.ts';
import { startImports } from './imports/run-imports.ts';
import { openIssuing } from './issuance/open-issuing.ts';
import { createTypeShelf } from './issuance/type-shelf.ts';
import { noFault } from './fault-points.ts';
import type { FaultPoint } from './fault-points.ts';
import { keepSigners } from './keep-signers.ts';
import { listenAt } from './listening.ts';
import type { ListeningPorts } from './listening.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { logRequests } from './middleware/request-log.ts';
import { exportGauges } from './observing/gauges.ts';
import type { GaugeSources } from './observing/gauges.ts';
import { countImports } from './observing/import-states.ts';
import { issuingStates } from './observing/issuing-state.ts';
import { createIssuingWatch } from './observing/issuing-watch.ts';
import { observeLedger, observeTable, observeTrace } from './observing/observed-parts.ts';
import { watchStore } from './observing/store-watch.ts';
import { openTracing } from './observing/tracing.ts';
import { serveOrders } from './operate/orders.ts';
import { createAdministrator } from './operate/create-administrator.ts';
import { backupStore } from './operate/backup-store.ts';
import { rotateStore } from './operate/rotate-store.ts';
import { provinceLedger } from './province-ledger.ts';
import { openReplica } from './replica/open-replica.ts';
import { openKeyStore } from './signing/open-key-store.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/open-store.ts';
import { openWorkThread } from './thread/work-thread.ts';
import { openTraceOutbox, traceBehind } from './trace-outbox.ts';
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
  /** Returns the ports. @throws PORT_IN_USE */
  listen(): Promise<ListeningPorts>;
  /**
   * Says DRAINING, takes no more requests, answers those it has, ends or parks its work and closes everything. With a limit
   * in milliseconds a part that hangs is left behind and named: what it was at goes on at the next start.
   */
  stop(within?: number): Promise<readonly string[]>;
}

const BATCH = { size: 2000, milliseconds: 100 };
const CHORES_EVERY = 2000;
/** How often lanes of dead instances are looked for. */
const ADOPT_EVERY = 10_000;

/** Opens a gateway where it stood. @throws DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, STORE_CORRUPT, STORAGE_FULL, STORE_UNAVAILABLE */
export async function createGateway(config: Config, deps: GatewayDependencies): Promise<Gateway> {
  const closing = createClosing();
  try {
    const { context, gauges } = await openContext(config, deps, closing);
    const requests = logRequests(deps.log, context);
    exportGauges({ ...context, ...gauges, inFlight: requests.inFlight });
    const app = createApp(context, requests);
    return {
      app,
      context,
      listen: () => listenAt(context, app, closing),
      stop(within) {
        context.drain.begin();
        return closing.close(within);
      },
    };
  } catch (cause) {
    await closing.close();
    throw cause;
  }
}

async function openContext(
  config: Config,
  deps: GatewayDependencies,
  closing: Closing,
): Promise<{
  readonly context: GatewayContext;
  readonly gauges: Pick<GaugeSources, 'issuing' | 'importStates' | 'isStoreHealthy'>;
}> {
  const { clock, random, log, batch = BATCH, fault = noFault } = deps;
  const { authorities, networkId } = config;
  const metrics = createMetrics({ process: config.observing.admin !== undefined });
  const drain = createDrain();
  const kept = await openStore({ ...config, random });
  closing.add('store', () => kept.close());
  const { vault, instance, locks } = kept;
  const tracing = await openTracing(config.observing.tracesUrl, { msp: config.msp, instance });
  closing.add('spans', () => tracing.close());
  const observers = { metrics, tracing };
  const storeWatch = watchStore(kept, clock);
  const store = observeTable('desk', kept.desk, observers, storeWatch.refused);
  const baseLedger = observeLedger(deps.ledger, observers);
  const replica = await openReplica({
    db: kept.local.table('replica'),
    ledger: baseLedger,
    networkId,
    log,
    clock,
    tracing,
  });
  closing.add('replica', () => replica.close());
  const entries = await openTrace({
    db: observeTable('trace', kept.trace(kept.traceName), observers, storeWatch.refused),
    ledger: baseLedger,
    replica,
    instance: kept.traceName,
    msp: config.msp,
    others: () => otherTraces(kept),
    clock,
    log,
  });
  closing.add('trace', () => entries.close());
  const appended = observeTrace(entries, metrics);

  const ledger = provinceLedger(baseLedger);
  const outbox = await openTraceOutbox({ store, trace: appended, instance, locks });
  closing.add('trace outbox', () => outbox.close());
  const trace = traceBehind(outbox, appended);
  const shelf = createTypeShelf(replica);
  const work = openWorkThread(log);
  const { openSigner } = work;
  closing.add('thread', () => work.close());
  const keys = await openKeyStore(config.signer, { store, clock, random, openSigner });
  closing.add('key store', () => keys.close());
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
    ...observers,
  });
  closing.add('signers', () => signers.stop());
  const parts = {
    store,
    vault,
    ledger,
    replica,
    outbox,
    shelf,
    signers,
    work,
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
  const purge = (prefix: string) => kept.database.purge('desk', prefix);
  const rules = openRuleDesk({ config, ledger: baseLedger, networkId, signers, trace });
  const watch = createIssuingWatch(metrics);
  const issuing = await openIssuing({ ...parts, watch, onReleased: () => chores.ask() });
  const { desk, anchoring, lanes, archive } = issuing;
  closing.add('anchoring', () => anchoring.stop());
  const adopt = async () => {
    if ((await lanes.adopt()) > 0) anchoring.notify();
  };
  const chores = startChores(
    [
      () => storeWatch.probe(),
      () => lanes.settle().then(() => anchoring.notify()),
      () => desk.resume(),
      () => outbox.adopt(),
      () => finishErasures({ ...parts, ...issuing, purge }),
      seldom(ADOPT_EVERY, adopt),
      () => rules.agree(),
      () => lanes.leaseAhead(),
    ],
    { every: CHORES_EVERY, log },
  );
  closing.add('chores', () => chores.stop());
  closing.add(
    'orders',
    serveOrders(config.dataDir, {
      backup: (order) => backupStore(kept, order, config, clock()),
      'rotate-master-key': () => rotateStore(kept, config),
      'create-administrator': (order) =>
        createAdministrator({ store: kept.accounts, vault, locks, clock, random, trace }, order),
    }),
  );
  await discardUnaccepted(parts, 'start');
  const accounts = await openAccounts({
    store: kept.accounts,
    issuer: `Zhenglian ${config.msp}`,
    oidc: config.oidc,
    audience: `urn:zhenglian:${toHex(networkId)}:${config.msp}`,
    pause: (milliseconds) => sleep(milliseconds),
    ...{ vault, locks, clock, random, trace },
  });
  await startForgetting({ ...parts, accounts }, closing);
  const imports = startImports({ ...parts, ...issuing, notify: () => anchoring.notify() });
  closing.add('imports', () => imports.stop());
  const context: GatewayContext = {
    config,
    networkId,
    instance,
    store,
    purge,
    vault,
    ledger: baseLedger,
    replica,
    trace,
    outbox,
    signers,
    archive,
    desk,
    imports,
    accounts,
    shelf,
    locks,
    clock,
    random,
    log,
    metrics,
    tracing,
    drain,
    troubles: () => [
      ...new Set([
        ...(drain.isDraining() ? ['DRAINING'] : []),
        ...replica.troubles(),
        ...trace.troubles(),
        ...lanes.troubles(),
        ...anchoring.troubles(),
        ...signers.troubles(),
        ...storeWatch.troubles(),
      ]),
    ],
  };
  const gauges = {
    issuing: () => issuingStates({ ...parts, lanes, watch }),
    importStates: () => countImports(store),
    isStoreHealthy: storeWatch.isHealthy,
  };
  return { context, gauges };
}

/** One chain an instance; whichever is asked answers for all. */
async function otherTraces(kept: Store): Promise<readonly TraceOfInstance[]> {
  const others = (await kept.instances()).filter((name) => name !== kept.traceName);
  return others.map((instance) => ({ instance, db: kept.trace(instance) }));
}
