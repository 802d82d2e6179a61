// SPDX-License-Identifier: Apache-2.0
// The authorities' keys: made here, kept sealed, registered on the ledger with proof of possession. A key is stored
// before it is registered, so a kill in between registers the same key at the next start.
import { sm2 } from '@zhenglian/guomi';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { possessionPayload } from '@zhenglian/core/records/key';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import { bytes } from '@zhenglian/core/shape';
import { isCodedError } from '@zhenglian/core/errors';
import type { IssuingAuthority } from './config.ts';
import type { Clock, RandomBytes } from './context.ts';
import type { ProvinceLedger } from './province-ledger.ts';
import { createAuthoritySigner, signOne } from './signer.ts';
import type { AuthoritySigner } from './signer.ts';
import type { Table } from './store/table.ts';

export interface KeyParts {
  readonly msp: string;
  readonly networkId: Uint8Array;
  readonly store: Table;
  readonly ledger: ProvinceLedger;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

const YEARS = 366 * 86_400;
const KEY_YEARS = 5;
const RENEW_BEFORE = YEARS / 12;
/** The ledger's clock may be behind ours; a transaction's time is. */
const CLOCK_SLACK = 120;

/**
 * The authority's signer, its key registered and usable now. A burned key, or one near its end, is replaced.
 * @throws the ledger's codes: the authority may not be accredited yet
 */
export async function prepareSigner(
  parts: KeyParts,
  authority: IssuingAuthority,
): Promise<AuthoritySigner> {
  const kept = await loadSecret(parts.store, authority.uscc);
  if (kept !== undefined) {
    const signer = createAuthoritySigner(authority, kept);
    const registered = await parts.ledger.key(signer.kid);
    if (registered === undefined) return register(parts, authority, signer);
    if (isUsable(registered, parts.clock())) return signer;
  }
  const { secretKey } = sm2.generateKeyPair(parts.random);
  await parts.store.write([{ key: secretName(authority.uscc), value: encodeCbor(secretKey) }]);
  return register(parts, authority, createAuthoritySigner(authority, secretKey));
}

async function register(
  parts: KeyParts,
  { uscc, types }: IssuingAuthority,
  signer: AuthoritySigner,
): Promise<AuthoritySigner> {
  const { msp, networkId, ledger, clock } = parts;
  const { publicKey } = signer;
  const payload = possessionPayload(msp, uscc, publicKey);
  const possession = await signOne(signer, { purpose: 'possession', networkId, payload });
  const notBefore = clock() - CLOCK_SLACK;
  const notAfter = notBefore + KEY_YEARS * YEARS;
  try {
    await ledger.registerKey({ uscc, publicKey, types, notBefore, notAfter, possession });
  } catch (cause) {
    // Only we have the key: if it is there, an earlier attempt put it there.
    if (!isCodedError(cause, 'KEY_EXISTS')) throw cause;
  }
  return signer;
}

function isUsable(key: AuthorityKey, now: number): boolean {
  return key.burned === undefined && key.notAfter > now + RENEW_BEFORE;
}

async function loadSecret(store: Table, uscc: string): Promise<Uint8Array | undefined> {
  const stored = await store.get(secretName(uscc));
  return stored === undefined ? undefined : bytes(32)(decodeCbor(stored), 'key');
}

function secretName(uscc: string): string {
  return `key/${uscc}`;
}
