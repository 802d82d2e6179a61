// SPDX-License-Identifier: Apache-2.0
// The network this computer trusts: its fingerprint, compared with paper once and never replaced silently.
import { fromHex } from '@zhenglian/core/bytes';
import { computed, ref } from 'vue';
import { readKept, writeKept } from './kept.ts';
import { network } from './network-info.ts';

const KEY = 'zl.fingerprint';
const FINGERPRINT = /^[0-9a-f]{64}$/;
/** How many characters a person types from the paper: 80 bits, since a false network can be made to end in fewer. */
const TYPED = 20;

const kept = readKept(KEY);
/** The pinned fingerprint in hex, or undefined before the first comparison. */
export const pinned = ref(kept !== undefined && FINGERPRINT.test(kept) ? kept : undefined);

/** Whether this gateway may be used: it is pinned, it is new, it is another than the pinned one, or there is none. */
export const pinState = computed<'pinned' | 'new' | 'different' | 'unknown'>(() => {
  const offered = offeredFingerprint.value;
  if (offered === undefined) return pinned.value === undefined ? 'unknown' : 'pinned';
  if (pinned.value === undefined) return 'new';
  return pinned.value === offered ? 'pinned' : 'different';
});

/** The fingerprint the gateway names, where it names one. */
export const offeredFingerprint = computed(() => {
  if (network.value.kind !== 'known') return undefined;
  const id = network.value.info.networkId.toLowerCase();
  return FINGERPRINT.test(id) ? id : undefined;
});

/** The pinned network id. */
export const networkId = computed(() =>
  pinned.value === undefined ? undefined : fromHex(pinned.value),
);

/** Pins the offered fingerprint when the typed end is right. Tells whether it was. */
export function confirmFingerprint(typed: string): boolean {
  const offered = offeredFingerprint.value;
  const end = typed.toLowerCase().replaceAll(/[\s-]/g, '');
  if (offered?.slice(-TYPED) !== end) return false;
  writeKept(KEY, offered);
  pinned.value = offered;
  return true;
}

/** The groups that are shown: the end is to be read from the paper, not from the screen. */
export const shownGroups = computed(() =>
  groupsOf((offeredFingerprint.value ?? '').slice(0, -TYPED)),
);

/** The fingerprint in groups of four, as it stands on paper. */
export function groupsOf(fingerprint: string): readonly string[] {
  return fingerprint.match(/.{1,4}/g) ?? [];
}
