// SPDX-License-Identifier: Apache-2.0
// How a key store behaves, whoever holds its keys: the one suite that files and a signer process run unchanged. Clocks are
// the real one: windows of hours are laid around now.
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { verifyFor } from '@zhenglian/core/signing';
import type { SignedContent } from '@zhenglian/core/signing';
import type { KeyInfo, KeySession, KeyStore } from '../../gateway/src/signing/key-store.ts';
import { limitDetail } from '../../gateway/src/signing/refuse.ts';
import {
  batch,
  licence,
  NETWORK,
  possession,
  receipt,
  rule,
  senseless,
  status,
} from '../gateway/signing/contents.ts';
import { GUANGDONG, ZHEJIANG } from '../gateway/support.ts';

/** One folder of keys; opened again, with other limits, as often as a test wants. */
export interface KeyStoreFixture {
  /** Opens the store over the folder, after closing the one before. `limits`: content of SIGNER_LIMITS. */
  open(limits?: unknown): Promise<KeyStore>;
  close(): Promise<void>;
}

const TYPES = { driving: 3, business: 2 };

/** The behaviour suite. */
export function describeKeyStore(name: string, make: () => Promise<KeyStoreFixture>): void {
  describe(`key store behaviour: ${name}`, function () {
    this.timeout(300_000);
    let fixture: KeyStoreFixture;
    let session: KeySession;
    let key: KeyInfo;

    before(async () => {
      fixture = await make();
      await open();
      key = await session.generateKey(GUANGDONG);
    });
    after(() => fixture.close());

    const open = async (limits?: unknown) => {
      session = await (await fixture.open(limits)).openSession();
      const [first] = await session.listKeys();
      key = first ?? key;
    };
    const permits = (...each: readonly object[]) => {
      const named = each.map((permit, i) => ({ name: `permit-${String(i)}`, ...permit }));
      return { version: 1, types: TYPES, permits: named };
    };
    const signs = async (...contents: readonly SignedContent[]) => {
      const signatures = await session.sign(key.handle, contents);
      expect(signatures).to.have.length(contents.length);
      for (const [i, content] of contents.entries()) {
        const signature = signatures[i] ?? new Uint8Array();
        const { publicKey } = key;
        expect(verifyFor({ ...content, publicKey, signature }), content.purpose).to.equal(true);
      }
    };
    const refuses = async (reason: string, ...contents: readonly SignedContent[]) => {
      const error: unknown = await session.sign(key.handle, contents).catch((e: unknown) => e);
      if (!isCodedError<string>(error)) throw new Error(`not refused for ${reason}`);
      expect([error.code, limitDetail(error).reason]).to.deep.equal(['SIGNER_LIMIT', reason]);
    };

    describe('keys', () => {
      it('are listed with what may be known of them, oldest first, also when opened again', async () => {
        const second = await session.generateKey(ZHEJIANG);
        await open();
        const listed = await session.listKeys();
        const names = listed.map(({ kid, authority }) => [toHex(kid), authority]);
        expect(names).to.deep.equal([
          [toHex(key.kid), GUANGDONG],
          [toHex(second.kid), ZHEJIANG],
        ]);
        const members = ['handle', 'authority', 'publicKey', 'kid', 'createdAt'];
        expect(listed[0]).to.have.all.keys(members);
      });

      it('sign what an authority signs, and each signature is that of its own content', async () => {
        await signs(
          ...[licence(1), licence(2), batch(key), licence(3), status(GUANGDONG)],
          ...[possession(key), receipt(), rule(), licence(65_535, 300)],
        );
        expect(await session.sign(key.handle, [])).to.deep.equal([]);
      });

      it('sign many at once, in their order', async () => {
        const contents = Array.from({ length: 700 }, (_, i) => licence(i));
        const signatures = await session.sign(key.handle, contents);
        for (const i of [0, 255, 256, 512, 699]) {
          const [content, signature] = [contents[i] ?? rule(), signatures[i] ?? new Uint8Array()];
          expect(verifyFor({ ...content, publicKey: key.publicKey, signature })).to.equal(true);
        }
        expect(new Set(signatures.map(toHex)).size).to.equal(700);
      });

      it('sign for many who ask at the same time', async () => {
        await Promise.all(Array.from({ length: 100 }, (_, i) => signs(licence(i))));
      });

      it('are not there under another handle, nor in a session that was closed', async () => {
        const other: unknown = await session.sign(99, [rule()]).catch((e: unknown) => e);
        expect(isCodedError<string>(other, 'SIGNER_KEY_UNKNOWN')).to.equal(true);
        await session.close();
        const closed: unknown = await session.sign(key.handle, [rule()]).catch((e: unknown) => e);
        expect(isCodedError<string>(closed, 'SIGNER_UNAVAILABLE')).to.equal(true);
        await open();
      });

      it('are made for authorities only', async () => {
        const error: unknown = await session
          .generateKey('../../etc/passwd')
          .catch((e: unknown) => e);
        expect(isCodedError<string>(error, 'SIGNER_LIMIT')).to.equal(true);
      });
    });

    describe('limits', () => {
      it('keep a key from signing what no authority signs, without any file of limits', async () => {
        await open();
        for (const content of senseless(key)) {
          const error: unknown = await session
            .sign(key.handle, [rule(), content])
            .catch((e: unknown) => e);
          expect(isCodedError<string>(error, 'SIGNER_LIMIT'), content.purpose).to.equal(true);
        }
        await signs(rule());
      });

      it('hold by type, whichever way a content names it', async () => {
        await open(permits({ types: ['driving'] }));
        await signs(licence(1), batch(key), receipt());
        await refuses('permit', licence(1, 2));
        await refuses('permit', batch(key, 'business'));
        await refuses('permit', receipt('resident-id'));
        await refuses('permit', status(GUANGDONG));
      });

      it('hold by purpose, division and authority', async () => {
        await open(permits({ purposes: ['status', 'rule'] }));
        await signs(status(GUANGDONG), rule());
        await refuses('permit', licence(1));
        await open(permits({ division: '4401' }));
        await signs(licence(1));
        await open(permits({ division: '33' }, { authorities: [ZHEJIANG] }));
        await refuses('permit', licence(1));
      });

      it('hold by the hours of Beijing', async () => {
        const hour = (offset: number) => {
          const at = new Date(Date.now() + (8 + offset) * 3_600_000);
          return at.toISOString().slice(11, 16);
        };
        await open(permits({ hours: { from: hour(-1), until: hour(1) } }));
        await signs(licence(1));
        await open(permits({ hours: { from: hour(1), until: hour(3) } }));
        await refuses('hours', licence(1));
      });

      it('hold by network', async () => {
        await open({ ...permits({}), networks: [toHex(NETWORK)] });
        await signs(licence(1));
        await open({ ...permits({}), networks: ['ab'.repeat(32)] });
        await refuses('network', licence(1));
      });

      it('hold by count a day, all or nothing, and a count survives', async () => {
        const limits = permits({ purposes: ['licence'], perDay: 10 }, {});
        await open(limits);
        await signs(licence(1), licence(2), rule());
        await refuses('count', ...Array.from({ length: 9 }, (_, i) => licence(i)));
        await signs(...Array.from({ length: 6 }, (_, i) => licence(i)));
        await open(limits);
        await signs(licence(9), rule());
        await signs(licence(10));
        await refuses('count', licence(11));
        await signs(rule());
      });

      it('are those of the first permit that names the content', async () => {
        await open(permits({ types: ['driving'], perDay: 0 }, {}));
        await refuses('count', licence(1));
        await signs(licence(1, 2));
      });
    });
  });
}
