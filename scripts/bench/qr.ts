// SPDX-License-Identifier: Apache-2.0
// npm run bench -- qr: the QR version (level M) of every type and disclosure set, on paper and by phone: of the
// vectors' licence, then p50, p95 and greatest of a seeded sample, beside what others need for the same licence.
// `limit` is the design's, or the type's own where the design names none. An EU DCC shows all of a licence or nothing
// and cannot prove a holder; an SD-JWT VC is in byte mode and is missing where no version holds it.
import { generateKeyPairSync } from 'node:crypto';
import { encodeCbor, decodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import type { DisclosureSet } from '@zhenglian/core/types/definition';
import type { Bench, BenchRow } from './main.ts';
import {
  CARRIERS,
  MINTED_TYPES,
  SAMPLE_NOON,
  mintSampleLicences,
  readVectorLicences,
} from './parts/licences.ts';
import type { BenchLicence, Carrier } from './parts/licences.ts';
import { readOptions, say } from './parts/options.ts';
import { quantile } from './parts/quantiles.ts';
import { issueDcc } from './peers/dcc.ts';
import type { DccKey } from './peers/dcc.ts';
import { installPeers } from './peers/install.ts';
import type { PlainLicence } from './peers/plain-licence.ts';
import { qrVersionOfBytes } from './peers/qr-bytes.ts';
import { createSdJwtPeer } from './peers/sd-jwt.ts';
import type { SdJwtPeer } from './peers/sd-jwt.ts';

const SEED = 'bench';
const NO_VERSION = 41;
const DAYS_365 = 365 * 86_400;

/** Greatest versions that docs and design promise for the vectors' driving licence. */
const DESIGN_LIMITS: Readonly<Record<string, number>> = {
  'driving full printed': 12,
  'driving roadside printed': 10,
  'driving full by phone': 15,
  'driving roadside by phone': 13,
};
const CODEC = {
  // Only what issueDcc makes comes here: maps, lists, texts, integers, bytes.
  encode: (value: unknown) => encodeCbor(value as CborInput),
  decode: (bytes: Uint8Array): unknown => decodeCbor(bytes),
};
const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['max', 1],
] as const;

/** Versions of one code: ours, and of others by name. */
interface Versions {
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
}

/** Others that show the same licence; what does not change with set and carrier is made once. */
interface Rivals {
  readonly dcc: number;
  readonly sdJwt?: { readonly peer: SdJwtPeer; readonly issued: Readonly<Record<Carrier, string>> };
}

/** Sizes of codes; `--samples N` (300), `--no-peers`. */
export const bench: Bench = async ({ args }) => {
  const options = readOptions(args, { seconds: 1, samples: 300, peers: true });
  const sdJwt = options.peers && installPeers() ? await createSdJwtPeer() : undefined;
  const key = { kid: new Uint8Array(8).fill(1), privateKey: p256() };
  const rows: BenchRow[] = [];
  const vectors = readVectorLicences();
  for (const type of MINTED_TYPES) {
    say(`${type.code}: ${options.samples} sample licences …`);
    const samples = mintSampleLicences(type, SEED, options.samples);
    const vector = vectors.filter((licence) => licence.type === type);
    const all = await Promise.all(
      [...vector, ...samples].map(async (licence) => ({
        licence,
        rivals: await rivalsOf(licence, key, sdJwt),
      })),
    );
    for (const set of type.sets) {
      for (const carrier of CARRIERS) {
        const [first, ...rest] = await Promise.all(
          all.map(({ licence, rivals }) => versionsOf(licence, set, carrier, rivals)),
        );
        if (first === undefined) throw new Error(`no vector of ${type.code}`);
        rows.push(...rowsOf(`${type.code} ${set.name} ${carrier}`, set, first, rest));
      }
    }
  }
  return { rows };
};

async function rivalsOf(
  licence: BenchLicence,
  key: DccKey,
  peer: SdJwtPeer | undefined,
): Promise<Rivals> {
  const { type, texts } = licence;
  const [whole] = type.sets;
  const plain = (fields: PlainLicence['fields']): PlainLicence => ({
    type: type.code,
    fields,
    issuedAt: SAMPLE_NOON,
    expiresAt: SAMPLE_NOON + DAYS_365,
  });
  const wholeTexts = Object.entries(texts).filter(([name]) => whole?.slots.includes(name));
  const dcc = issueDcc(CODEC, key, plain(Object.fromEntries(wholeTexts)));
  const rivals = { dcc: qrVersionOf(dcc) ?? NO_VERSION };
  if (peer === undefined) return rivals;
  const [printed, byPhone] = [
    await peer.issue(plain(texts), false),
    await peer.issue(plain(texts), true),
  ];
  return { ...rivals, sdJwt: { peer, issued: { printed, 'by phone': byPhone } } };
}

async function versionsOf(
  licence: BenchLicence,
  set: DisclosureSet,
  carrier: Carrier,
  { dcc, sdJwt }: Rivals,
): Promise<Versions> {
  const code = licence.present(set, carrier);
  const ours = qrVersionOf(code.text) ?? NO_VERSION;
  if (sdJwt === undefined) return { ours, peers: { 'EU DCC': dcc } };
  const issued = sdJwt.issued[carrier];
  const text = await sdJwt.peer.present(issued, code.shown, carrier === 'by phone');
  const version = qrVersionOfBytes(Buffer.byteLength(text)) ?? NO_VERSION;
  return { ours, peers: { 'EU DCC': dcc, 'SD-JWT VC': version } };
}

function rowsOf(
  figure: string,
  set: DisclosureSet,
  vector: Versions,
  samples: readonly Versions[],
): BenchRow[] {
  const limit = DESIGN_LIMITS[figure] ?? set.qrVersion;
  const ofSamples = QUANTILES.map(([name, share]) =>
    rowOf(`${figure}, ${name} of ${samples.length}`, {
      ours: quantile(
        samples.map((s) => s.ours),
        share,
      ),
      peers: Object.fromEntries(
        Object.keys(vector.peers).map((peer) => [
          peer,
          quantile(
            samples.map((s) => s.peers[peer] ?? NO_VERSION),
            share,
          ),
        ]),
      ),
    }),
  );
  return [rowOf(figure, vector, limit), ...ofSamples];
}

function rowOf(figure: string, { ours, peers }: Versions, limit?: number): BenchRow {
  const fitting = Object.entries(peers).filter(([, version]) => version < NO_VERSION);
  const dcc = peers['EU DCC'];
  return {
    figure,
    unit: 'QR version',
    value: ours,
    peers: { ...(limit === undefined ? {} : { limit }), ...Object.fromEntries(fitting) },
    ratio: dcc === undefined ? null : Number((ours / dcc).toFixed(2)),
  };
}

function p256() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}
