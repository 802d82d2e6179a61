// SPDX-License-Identifier: Apache-2.0
// Keeps the built files of the page, and nothing else, so that a counter can open it without a network.
// Answers of the gateway are never kept here: what is believed without a network is evidence-store.ts's matter.

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
}
declare const self: WorkerScope;

/** Written in by the build (vite.config.ts): JSON of the list of files. */
const BUILT = '__BUILT_FILES__';
const FILES = parseFiles(BUILT);
const CACHE = `zhenglian-${nameOf(BUILT)}`;

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOlder());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === 'GET' && url.origin === self.location.origin;
  if (!ours || !FILES.includes(url.pathname)) return;
  event.respondWith(url.pathname === '/' ? networkFirst(request) : cacheFirst(request));
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES]);
  await self.skipWaiting();
}

async function dropOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith('zhenglian-') && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page itself: the newest one where it can be had. */
async function networkFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match('/');
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Files whose names change with their content. */
async function cacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

function parseFiles(json: string): readonly string[] {
  const files: unknown = json.startsWith('[') ? JSON.parse(json) : [];
  return Array.isArray(files)
    ? files.filter((file): file is string => typeof file === 'string')
    : [];
}

/** A short name that changes when the list does: FNV-1a. */
function nameOf(list: string): string {
  let hash = 0x811c9dc5;
  for (const character of list) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

export type { WorkerScope };
