// SPDX-License-Identifier: Apache-2.0
// What the gateway says of its network (GET /v1/network), kept so that a counter can open without one.
// It is display and choice only; what is believed follows from the pinned fingerprint (pin.ts).
import { shallowRef } from 'vue';
import { call } from './http.ts';
import * as json from './json.ts';
import { readKept, writeKept } from './kept.ts';

const KEY = 'zl.network';
const shape = json.record({
  msp: json.text,
  name: json.label,
  networkId: json.text,
  /** The regulator's gateway issues and checks nothing. */
  readOnly: json.optional(json.bool),
  types: json.list(json.record({ code: json.text, version: json.number, label: json.label })),
  /** People may sign in by an identity provider too. */
  identityProvider: json.optional(json.bool),
  acts: json.list(json.record({ act: json.text, label: json.label })),
});

export type NetworkInfo = json.Read<typeof shape>;
/** Where the info comes from: asked now, kept from before, or not to be had. */
export type NetworkState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly info: NetworkInfo; readonly online: boolean }
  | { readonly kind: 'missing' };

/** What is known of the gateway's network. */
export const network = shallowRef<NetworkState>({ kind: 'loading' });

/** Asks the gateway; without an answer, takes what was kept. */
export async function loadNetwork(): Promise<void> {
  try {
    const info = await call({ path: 'network' }, shape);
    writeKept(KEY, JSON.stringify(info));
    network.value = { kind: 'known', info, online: true };
  } catch {
    const info = readInfo();
    network.value =
      info === undefined ? { kind: 'missing' } : { kind: 'known', info, online: false };
  }
}

function readInfo(): NetworkInfo | undefined {
  const kept = readKept(KEY);
  if (kept === undefined) return undefined;
  try {
    return shape(JSON.parse(kept), 'network');
  } catch {
    return undefined; // kept by another version of this page
  }
}
