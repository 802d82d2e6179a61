// SPDX-License-Identifier: Apache-2.0
// A TCP relay with a valve, run as a program: `relay.ts RULES.json`. SIGUSR2 shuts the valve: nothing passes either way, as behind a cable
// that was cut; connections stay open and nobody is told. SIGHUP opens it.
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { argv } from 'node:process';
import { z } from 'zod';

/** A port of 127.0.0.1, or the path of a socket. */
const place = z.union([z.int(), z.string()]);
const rules = z.array(z.strictObject({ listen: place, to: place, cut: z.boolean() }));

/** What one relay does: connections taken here are made there; those with `cut` end at the valve. */
export type RelayRules = z.infer<typeof rules>;

interface Pair {
  readonly near: Socket;
  /** Made while the valve is open. */
  far: Socket | undefined;
  readonly open: () => void;
  readonly shut: () => void;
}

/** Serves rules until the process ends. */
export function relay(all: RelayRules): void {
  const valve = new Set<Pair>();
  let isShut = false;
  process.on('SIGUSR2', () => {
    isShut = true;
    for (const pair of valve) pair.shut();
  });
  process.on('SIGHUP', () => {
    isShut = false;
    for (const pair of valve) pair.open();
  });
  for (const { listen, to, cut } of all) {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (near) => {
      const pair = pairOf(near, to);
      if (cut) valve.add(pair);
      near.once('close', () => void valve.delete(pair));
      if (!cut || !isShut) pair.open();
    });
    if (typeof listen === 'number') server.listen(listen, '127.0.0.1');
    else server.listen(listen);
  }
}

function pairOf(near: Socket, to: number | string): Pair {
  const pair: Pair = {
    near,
    far: undefined,
    open: () => {
      const far = (pair.far ??= dial(near, to));
      near.pipe(far);
      far.pipe(near);
    },
    shut: () => {
      near.unpipe().pause();
      pair.far?.unpipe().pause();
    },
  };
  near.on('error', () => pair.far?.destroy());
  near.once('close', () => pair.far?.destroy());
  return pair;
}

function dial(near: Socket, to: number | string): Socket {
  const options = { allowHalfOpen: true };
  const far =
    typeof to === 'number'
      ? connect({ port: to, host: '127.0.0.1', ...options })
      : connect({ path: to, ...options });
  far.on('error', () => near.destroy());
  far.once('close', () => near.destroy());
  return far;
}

const [, , file] = argv;
if (file?.endsWith('.rules.json')) relay(rules.parse(JSON.parse(readFileSync(file, 'utf8'))));
