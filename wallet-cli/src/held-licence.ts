// SPDX-License-Identifier: Apache-2.0
// A licence as the wallet keeps it: its device copies, each with the name of its key, and all that is needed to show
// them without asking anybody.
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { decodeCopy } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { isCodedError } from '@zhenglian/core/errors';
import {
  asCbor,
  bool,
  bytes,
  dictionary,
  integer,
  list,
  record,
  text,
} from '@zhenglian/core/shape';
import type { Shaped } from '@zhenglian/core/shape';
import { label, parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { walletError } from './wallet-error.ts';
import type { Change, WalletFile } from './wallet-file.ts';

const count = integer(0, Number.MAX_SAFE_INTEGER);
const day = integer(-100_000, 1_000_000);

/** A copy of the licence elsewhere; a holder who does not know it tells the office. */
export const otherCopy = record({
  kid: text(16),
  epoch: count,
  index: count,
  firstDay: day,
  lastDay: day,
  state: text(32),
});
const heldCopy = record({
  copy: bytes(),
  keyRef: text(16),
  /** Whether its signature was checked with a trust bundle of the pinned network. */
  verified: bool,
  /** How often it was shown: the least shown is shown next. */
  uses: count,
});
const heldLicence = record({
  id: text(64),
  gateway: text(2000),
  msp: text(16),
  definition: bytes(),
  issuer: record({ uscc: text(18), name: label }),
  networkId: bytes(32),
  attachments: dictionary(text(64), text(1 << 20)),
  renewAfter: count,
  copies: list(heldCopy, 64),
  otherCopies: list(otherCopy, 1024),
});
export type OtherCopy = Shaped<typeof otherCopy>;
export type HeldCopy = Shaped<typeof heldCopy>;
export type HeldLicence = Shaped<typeof heldLicence>;

const PREFIX = 'licence/';

/** All licences of a wallet. @throws WALLET_CORRUPT */
export async function readLicences(file: WalletFile): Promise<readonly HeldLicence[]> {
  const keys = await file.keys(PREFIX);
  const found = await Promise.all(keys.map((key) => readLicence(file, key.slice(PREFIX.length))));
  return found.filter((licence) => licence !== undefined);
}

/** One licence. @throws WALLET_CORRUPT */
export async function readLicence(file: WalletFile, id: string): Promise<HeldLicence | undefined> {
  const stored = await file.get(PREFIX + id);
  return stored && readStored(() => heldLicence(decodeCbor(stored), 'licence'));
}

/** The change that keeps a licence. */
export function keepLicence(licence: HeldLicence): Change {
  return { key: PREFIX + licence.id, value: encodeCbor(asCbor(licence)) };
}

/** The change that forgets a licence; its keys go by `forgetHolderKey`. */
export function forgetLicence(licence: HeldLicence): Change {
  return { key: PREFIX + licence.id };
}

/** The type of a held licence. @throws WALLET_CORRUPT */
export function typeOfHeld(licence: Pick<HeldLicence, 'definition'>): TypeDefinition {
  return readStored(() => parseTypeDefinition(decodeCbor(licence.definition)));
}

/** The copy in its stored form, opened. @throws WALLET_CORRUPT */
export function copyOfHeld(held: HeldCopy): Copy {
  return readStored(() => decodeCopy(held.copy));
}

/** The licence one means: by id or its beginning, by type, or the only one. @throws NOT_IN_WALLET, LICENCE_AMBIGUOUS */
export function chooseLicence(
  licences: readonly HeldLicence[],
  meant: string | undefined,
): HeldLicence {
  const fits = licences.filter(
    (licence) =>
      meant === undefined ||
      (meant.length >= 4 && licence.id.startsWith(meant.toLowerCase())) ||
      typeOfHeld(licence).code === meant,
  );
  const [licence, second] = fits;
  if (licence === undefined) throw walletError('NOT_IN_WALLET', 'no such licence');
  if (second !== undefined) {
    const detail = fits.map(({ id }) => id);
    throw walletError('LICENCE_AMBIGUOUS', 'several licences fit', { detail });
  }
  return licence;
}

function readStored<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw walletError('WALLET_CORRUPT', 'a stored licence cannot be read', { cause });
  }
}
