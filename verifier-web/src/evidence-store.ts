// SPDX-License-Identifier: Apache-2.0
// The last genuine evidence (docs/ledger.md §8), kept for when there is no network, and the highest versions seen,
// below which nothing is accepted. One record a network for the bundle, one a key and epoch.

/** Kept bytes (encodeAnswer) and the version they carry. */
export interface KeptAnswer {
  readonly answer: Uint8Array;
  readonly version: number;
}

/** Where genuine answers are kept. */
export interface EvidenceStore {
  read(name: string): Promise<KeptAnswer | undefined>;
  write(name: string, kept: KeptAnswer): Promise<void>;
}

const DATABASE = 'zhenglian-evidence';
const STORE = 'answers';

/** Name of a network's bundle. */
export function bundleName(network: string): string {
  return `${network}/bundle`;
}

/** Name of an epoch's evidence. */
export function epochName(network: string, kid: string, epoch: number): string {
  return `${network}/${kid}/${epoch}`;
}

/** The browser's store; one that keeps nothing when the browser does not. */
export function browserStore(): EvidenceStore {
  const opened = openDatabase();
  return {
    async read(name) {
      const database = await opened;
      if (database === undefined) return undefined;
      const found: unknown = await settled(
        database.transaction(STORE).objectStore(STORE).get(name),
      );
      return isKept(found) ? found : undefined;
    },
    async write(name, kept) {
      const database = await opened;
      if (database === undefined) return;
      await settled(database.transaction(STORE, 'readwrite').objectStore(STORE).put(kept, name));
    },
  };
}

async function openDatabase(): Promise<IDBDatabase | undefined> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    return await settled(opening);
  } catch {
    return undefined; // storage is switched off: the page works, but only with a network
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the store failed'));
  });
}

function isKept(value: unknown): value is KeptAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'answer' in value &&
    value.answer instanceof Uint8Array &&
    'version' in value &&
    typeof value.version === 'number'
  );
}
