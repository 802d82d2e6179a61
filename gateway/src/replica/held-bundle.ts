// SPDX-License-Identifier: Apache-2.0
// The trust bundle a replica holds: what the contract itself answered after the last block that touched the consortium,
// kept on disk so that a gateway can start without its ledger.
import type { Ledger } from '@zhenglian/network/ledger';
import { equals } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import { bytes, integer, record } from '@zhenglian/core/shape';
import { parseTrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import type { Clock } from '../context.ts';
import { putCbor } from '../store/table-cbor.ts';
import type { Table } from '../store/table.ts';
import { rebuildTrustBundle } from './consortium.ts';
import { replicaKey } from './replica-records.ts';

/** The trust bundle, and when it was last known to be current (unix seconds). */
export interface HeldBundle {
  readonly bundle: TrustBundle;
  readonly at: number;
}

interface Stored {
  readonly height: number;
  readonly askedAt: number;
  readonly bundle: TrustBundle;
}

interface BundleOptions {
  readonly db: Table;
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
}

/** Keeps one bundle current. Heights are numbers of blocks. */
export interface BundleHolder {
  /** @throws LEDGER_UNAVAILABLE when no bundle was ever had */
  held(consortiumHeight: number, levelAt: number): HeldBundle;
  isCurrent(consortiumHeight: number): boolean;
  /** Tells whether the ledger answered for another network; that answer is not kept. */
  isForeign(): boolean;
  /**
   * Asks the ledger as of a height. A peer may answer from before the block that was just read, so the answer counts
   * only when it has the version that the blocks themselves lead to; a failure leaves what there is, which then ages.
   */
  refresh(height: number): Promise<void>;
}

const ANSWER_WITHIN = 5000;
const ATTEMPTS = 20;
const ASK_AGAIN_AFTER = 25;
const storedShape = record({
  height: integer(0, Number.MAX_SAFE_INTEGER),
  askedAt: integer(0, Number.MAX_SAFE_INTEGER),
  bundle: bytes(undefined, 32 << 20),
});

/** Reads the bundle kept last. */
export async function openBundle(options: BundleOptions): Promise<BundleHolder> {
  const { db, ledger, networkId, clock } = options;
  let current = read(await db.get(replicaKey.bundle()));
  let foreign = false;
  return {
    held(consortiumHeight, levelAt) {
      if (current === undefined) {
        throw new CodedError('LEDGER_UNAVAILABLE', 'no trust bundle was had yet');
      }
      const { bundle, askedAt, height } = current;
      return { bundle, at: height >= consortiumHeight ? Math.max(levelAt, askedAt) : askedAt };
    },
    isCurrent: (consortiumHeight) => current !== undefined && current.height >= consortiumHeight,
    isForeign: () => foreign,
    async refresh(height) {
      const askedAt = clock();
      const least = (await rebuildTrustBundle(db, askedAt))?.version ?? 0;
      const answer = await askSince(ledger, least);
      if (answer === undefined) return;
      const bundle = parseTrustBundle(decodeCbor(answer));
      foreign = !equals(bundle.networkId, networkId);
      if (foreign || bundle.version < (current?.bundle.version ?? 0)) return;
      await db.write([putCbor(replicaKey.bundle(), { height, askedAt, bundle: answer })]);
      current = { height, askedAt, bundle: keepIdentity(current?.bundle, bundle) };
    },
  };
}

/** The same content keeps its object, so that what was computed from it can be found again. */
function keepIdentity(before: TrustBundle | undefined, now: TrustBundle): TrustBundle {
  return before?.version === now.version ? before : now;
}

/** The first answer of at least this version; undefined when the ledger has none to give for now. */
async function askSince(ledger: Ledger, least: number): Promise<Uint8Array | undefined> {
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const answer = await ask(ledger);
    if (answer === undefined || parseTrustBundle(decodeCbor(answer)).version >= least)
      return answer;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER));
  }
  return undefined;
}

async function ask(ledger: Ledger): Promise<Uint8Array | undefined> {
  const call = { chaincode: 'zl', name: 'TrustBundle', request: encodeCbor({}) };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN);
  });
  try {
    return await Promise.race([ledger.evaluate(call), late]);
  } catch {
    return undefined; // not reachable or not founded: the next block or poll asks again
  } finally {
    clearTimeout(timer);
  }
}

function read(stored: Uint8Array | undefined): Stored | undefined {
  if (stored === undefined) return undefined;
  const { height, askedAt, bundle } = storedShape(decodeCbor(stored), 'bundle');
  return { height, askedAt, bundle: parseTrustBundle(decodeCbor(bundle)) };
}
