// SPDX-License-Identifier: Apache-2.0
// The authorities' keys: made in the key store, registered on the ledger with proof of possession. A key is durable before
// it is registered, so a kill in between registers the same key when one is next wanted.
import type { Committed } from '@zhenglian/network/ledger';
import { isCodedError } from '@zhenglian/core/errors';
import { possessionPayload } from '@zhenglian/core/records/key';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import type { IssuingAuthority } from './config.ts';
import type { Clock } from './context.ts';
import type { ProvinceLedger } from './province-ledger.ts';
import { createAuthoritySigner, signOne } from './signer.ts';
import type { KeyInfo, KeySession } from './signing/key-store.ts';

export interface KeyParts {
  readonly msp: string;
  readonly networkId: Uint8Array;
  readonly ledger: Pick<ProvinceLedger, 'key' | 'registerKey'>;
  readonly clock: Clock;
}

const YEARS = 366 * 86_400;
const KEY_YEARS = 5;
/** The ledger's clock may be behind ours; a transaction's time is. */
const CLOCK_SLACK = 120;
/** A month before its end a key gets its successor. */
const RENEW_BEFORE = YEARS / 12;

/** A key that is on the ledger; the block that brought it, if it was registered now. */
export interface RegisteredKey {
  readonly key: KeyInfo;
  readonly blockNumber?: number;
}

/** The newest key that is good now, or a new one. @throws the ledger's codes: the authority may not be accredited yet; SIGNER_* */
export async function prepareKey(
  parts: KeyParts,
  authority: IssuingAuthority,
  session: KeySession,
): Promise<RegisteredKey> {
  const { usable, waiting } = await standingOf(parts, authority, session);
  if (usable !== undefined) return { key: usable };
  return register(parts, authority, session, waiting);
}

/** A new key beside those that are good. @throws as `prepareKey` */
export async function makeNextKey(
  parts: KeyParts,
  authority: IssuingAuthority,
  session: KeySession,
): Promise<RegisteredKey> {
  const { waiting } = await standingOf(parts, authority, session);
  return register(parts, authority, session, waiting);
}

/** Whether a key must not sign what comes. */
export function hasEnded(key: AuthorityKey, now: number): boolean {
  return key.burned !== undefined || key.notAfter <= now + CLOCK_SLACK;
}

/** Whether a good key's successor is due. */
export function isNearEnd(key: AuthorityKey, now: number): boolean {
  return !hasEnded(key, now) && key.notAfter <= now + RENEW_BEFORE;
}

interface Standing {
  /** The newest that is registered and good. */
  readonly usable?: KeyInfo;
  /** The newest that was made and not registered. */
  readonly waiting?: KeyInfo;
}

async function standingOf(
  { ledger, clock }: KeyParts,
  { uscc }: IssuingAuthority,
  session: KeySession,
): Promise<Standing> {
  const own = (await session.listKeys()).filter((key) => key.authority === uscc);
  let waiting: KeyInfo | undefined;
  for (const key of own.reverse()) {
    const registered = await ledger.key(key.kid);
    if (registered === undefined) waiting ??= key;
    else if (!hasEnded(registered, clock())) {
      return waiting === undefined ? { usable: key } : { usable: key, waiting };
    }
  }
  return waiting === undefined ? {} : { waiting };
}

async function register(
  { msp, networkId, ledger, clock }: KeyParts,
  authority: IssuingAuthority,
  session: KeySession,
  waiting: KeyInfo | undefined,
): Promise<RegisteredKey> {
  const { uscc, types } = authority;
  const key = waiting ?? (await session.generateKey(uscc));
  const { publicKey } = key;
  const payload = possessionPayload(msp, uscc, publicKey);
  const signer = createAuthoritySigner(authority, key, session);
  const possession = await signOne(signer, { purpose: 'possession', networkId, payload });
  const notBefore = clock() - CLOCK_SLACK;
  const notAfter = notBefore + KEY_YEARS * YEARS;
  let committed: Committed;
  try {
    committed = await ledger.registerKey({
      uscc,
      publicKey,
      types,
      notBefore,
      notAfter,
      possession,
    });
  } catch (cause) {
    // Only our store has the key: if it is on the ledger, an earlier attempt put it there.
    if (isCodedError(cause, 'KEY_EXISTS')) return { key };
    throw cause;
  }
  return { key, blockNumber: committed.blockNumber };
}
