// SPDX-License-Identifier: Apache-2.0
// Founds a network: the definition from its members' certificates, signed by every administrator, submitted once (docs/ledger.md §3).
import { encodeCbor, decodeCbor } from '@zhenglian/core/cbor';
import { equals, toHex } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import { networkIdOf, parseFounding } from '@zhenglian/core/records/founding';
import { fromPem } from '@zhenglian/core/x509';
import { createSigner } from './identity.ts';
import { CONSORTIUM } from './definition.ts';
import type { MemberIdentity } from './identity.ts';
import type { Ledger } from './ledger.ts';
import type { NetworkDefinition } from './definition.ts';

/** The two certificates of a founder, and the key that signs for it. */
export interface Founder {
  readonly root: Pick<MemberIdentity, 'certificatePem'>;
  readonly administrator: MemberIdentity;
}

/** Deterministic CBOR of the founding definition. */
export function foundingDefinition(
  definition: NetworkDefinition,
  founders: ReadonlyMap<string, Founder>,
): Uint8Array {
  const { channel, k, threshold, testIdentities, organisations } = definition;
  return encodeCbor({
    channel,
    k,
    threshold,
    testIdentities,
    organisations: organisations.map(({ msp, kind, prefix, name }) => ({
      msp,
      kind,
      prefix,
      name: { zh: name.zh, en: name.en },
      rootCertificate: certificate(founders, msp, 'root'),
      administrator: certificate(founders, msp, 'administrator'),
    })),
  });
}

/**
 * Founds the network unless it is, and returns its id.
 * @throws START_FAILED when the ledger was founded with another definition; the contract's codes
 */
export async function ensureFounded(
  ledger: Ledger,
  definition: NetworkDefinition,
  founders: ReadonlyMap<string, Founder>,
): Promise<Uint8Array> {
  const bytes = foundingDefinition(definition, founders);
  const networkId = networkIdOf(bytes);
  const held = await foundedAs(ledger);
  if (held === undefined) {
    const signatures = [...founders].map(
      ([msp, { administrator }]) => [msp, createSigner(administrator.keyPem)(bytes)] as const,
    );
    const request = encodeCbor({ definition: bytes, signatures: new Map(signatures) });
    await ledger.submit({ chaincode: CONSORTIUM, name: 'Found', request });
  } else if (!equals(held, networkId)) {
    throw new CodedError('START_FAILED', `the ledger was founded as ${toHex(held)}`);
  }
  return networkId;
}

async function foundedAs(ledger: Ledger): Promise<Uint8Array | undefined> {
  const request = encodeCbor({ key: 'net' });
  try {
    const record = await ledger.evaluate({ chaincode: CONSORTIUM, name: 'Record', request });
    return parseFounding(decodeCbor(record)).networkId;
  } catch (error) {
    if (isCodedError(error, 'NOT_FOUNDED') || isCodedError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

function certificate(
  founders: ReadonlyMap<string, Founder>,
  msp: string,
  which: keyof Founder,
): Uint8Array {
  const founder = founders.get(msp);
  if (!founder) throw new CodedError('START_FAILED', `no certificates of ${msp}`);
  return fromPem(founder[which].certificatePem);
}
