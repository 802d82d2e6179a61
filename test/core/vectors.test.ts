// SPDX-License-Identifier: Apache-2.0
// The vectors of the format (test/vectors/licence.json), as a second implementation would run them: every good code gives its
// bytes back, every malformed twin its code, every signature only its own purpose.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { assess } from '@zhenglian/core/assess';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { openPresentation } from '@zhenglian/core/presentation';
import { decodeCoseSign1 } from '@zhenglian/core/payload';
import { checkPossession } from '@zhenglian/core/possession';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { parseRequest } from '@zhenglian/core/request';
import type { CheckResult } from '@zhenglian/core/report';
import { PURPOSES, verifyFor } from '@zhenglian/core/signing';
import { BUSINESS } from '@zhenglian/core/types/business';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { encodeWire, formatWire, parseWire } from '@zhenglian/core/wire';
import { vectorFacts } from '../support/vector-facts.ts';

interface Vectors {
  readonly networkId: string;
  readonly authorityKey: string;
  readonly presentedAt: number;
  readonly good: readonly {
    readonly name: string;
    readonly type: string;
    readonly qrVersion: number;
    readonly text: string;
    readonly wire: string;
    readonly payload: string;
    readonly cose: string;
  }[];
  readonly bad: readonly {
    readonly rule: string;
    readonly stage: 'parse' | 'open' | 'verify';
    readonly code: string;
    readonly text: string;
  }[];
  readonly purposes: readonly {
    readonly purpose: string;
    readonly payload: string;
    readonly signature: string;
  }[];
  readonly request: { readonly text: string; readonly nonce: string; readonly act: string };
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/licence.json', import.meta.url), 'utf8'),
) as Vectors;
const networkId = fromHex(vectors.networkId);
const publicKey = fromHex(vectors.authorityKey);
const types: readonly TypeDefinition[] = [DRIVING, RESIDENT_ID, BUSINESS];

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

describe('vectors of the licence format', () => {
  for (const good of vectors.good) {
    it(`reads ${good.name}`, () => {
      const type = types.find((t) => t.code === good.type) ?? DRIVING;
      const wire = parseWire(good.text);
      expect(toHex(encodeWire(wire))).to.equal(good.wire);
      expect(formatWire(wire)).to.equal(good.text);
      const opened = openPresentation(wire, type);
      expect(toHex(opened.payload)).to.equal(good.payload);
      expect(toHex(opened.cose)).to.equal(good.cose);
      const { payload, signature } = { payload: opened.payload, signature: wire.signature };
      expect(verifyFor({ purpose: 'licence', networkId, payload, publicKey, signature })).to.equal(
        true,
      );
      expect(decodeCoseSign1(opened.cose).payload.index).to.equal(wire.index);
      expect(qrVersionOf(good.text)).to.equal(good.qrVersion);
      if (wire.holder) expect(checkPossession(wire, networkId)).to.equal('recent');
    });
  }

  for (const bad of vectors.bad) {
    it(`refuses ${bad.rule} with ${bad.code}`, () => {
      if (bad.stage === 'parse') {
        expect(codeOf(() => parseWire(bad.text))).to.equal(bad.code);
      } else if (bad.stage === 'open') {
        expect(codeOf(() => openPresentation(parseWire(bad.text), DRIVING))).to.equal(bad.code);
      } else {
        const report = assess(
          bad.text,
          vectorFacts(networkId, publicKey, vectors.presentedAt),
          { networkId, act: 'general' },
          vectors.presentedAt,
        );
        expect(report.verdict).to.be.oneOf(['INVALID', 'UNDETERMINED']);
        expect(report.checks.map((check: CheckResult) => check.reason)).to.include(bad.code);
      }
    });
  }

  it('takes no signature for one of another purpose', () => {
    for (const made of vectors.purposes) {
      for (const purpose of PURPOSES) {
        const valid = verifyFor({
          purpose,
          networkId,
          payload: fromHex(made.payload),
          publicKey,
          signature: fromHex(made.signature),
        });
        expect(valid, `${made.purpose} as ${purpose}`).to.equal(purpose === made.purpose);
      }
    }
  });

  it('takes no signature for one of another network', () => {
    for (const { purpose, payload, signature } of vectors.purposes) {
      const content = { payload: fromHex(payload), publicKey, signature: fromHex(signature) };
      const known = PURPOSES.find((p) => p === purpose) ?? 'licence';
      const elsewhere = new Uint8Array(32);
      expect(verifyFor({ purpose: known, networkId: elsewhere, ...content })).to.equal(false);
    }
  });

  it('reads the request', () => {
    const request = parseRequest(vectors.request.text);
    expect(toHex(request.nonce)).to.equal(vectors.request.nonce);
    expect(request.act).to.equal(vectors.request.act);
  });
});
