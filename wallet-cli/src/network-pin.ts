// SPDX-License-Identifier: Apache-2.0
// The network this wallet belongs to: its fingerprint, confirmed once from paper and never replaced, and the newest
// trust bundle seen of it.
import { equals, fromHex, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { bytes, integer, record } from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { usageError, walletError } from './wallet-error.ts';
import type { Change, WalletFile } from './wallet-file.ts';

const KEY = 'pin';
const pin = record({
  networkId: bytes(32),
  bundleVersion: integer(0, Number.MAX_SAFE_INTEGER),
});
export type NetworkPin = Shaped<typeof pin>;

/** The pin, or undefined before the first claim. */
export async function readPin(file: WalletFile): Promise<NetworkPin | undefined> {
  const stored = await file.get(KEY);
  return stored && pin(decodeCbor(stored), KEY);
}

/** The change that keeps a pin. */
export function keepPin(pinned: NetworkPin): Change {
  return { key: KEY, value: encodeCbor({ ...pinned }) };
}

/** A fingerprint as on paper: 64 hex digits, in groups or not. @throws USAGE */
export function parseFingerprint(text: string): Uint8Array {
  const digits = text.replaceAll(/[\s:-]/g, '');
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw usageError({
      zh: '--fingerprint 是 64 个十六进制数字',
      en: '--fingerprint is 64 hexadecimal digits',
    });
  }
  return fromHex(digits);
}

/** A fingerprint for people: groups of four. */
export function formatFingerprint(networkId: Uint8Array): string {
  return (toHex(networkId).match(/.{4}/g) ?? []).join(' ');
}

/**
 * Admits the network a gateway says it belongs to: the one pinned, the one given, or the one a person confirms.
 * @throws NETWORK_MISMATCH, FINGERPRINT_NEEDED, DECLINED
 */
export async function admitNetwork(
  offered: Uint8Array,
  known: { readonly pin: NetworkPin | undefined; readonly given: Uint8Array | undefined },
  confirm: ((fingerprint: string) => Promise<boolean>) | undefined,
): Promise<NetworkPin> {
  const wanted = [known.pin?.networkId, known.given].filter((each) => each !== undefined);
  if (wanted.some((each) => !equals(each, offered))) {
    throw walletError('NETWORK_MISMATCH', 'the gateway is of another network');
  }
  if (wanted.length === 0) {
    if (confirm === undefined) {
      const detail = { offered: toHex(offered) };
      throw walletError('FINGERPRINT_NEEDED', 'nothing confirms this network', { detail });
    }
    if (!(await confirm(formatFingerprint(offered)))) {
      throw walletError('DECLINED', 'the fingerprint was not confirmed');
    }
  }
  return known.pin ?? { networkId: offered, bundleVersion: 0 };
}
