// SPDX-License-Identifier: Apache-2.0
// A small gateway over HTTP for tests of the wallet: mints for real, checks proofs for real, co-signs its trust bundle,
// and can be told to be slow, silent or dishonest.
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromBase64, fromHex, toBase64, toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { claimPayload, parseClaimCode, renewalPayload } from '@zhenglian/core/claim';
import { encodeCopy } from '@zhenglian/core/copy';
import type { Copy } from '@zhenglian/core/copy';
import { encodeAnswer } from '@zhenglian/core/cosigned-answer';
import { dayAt } from '@zhenglian/core/days';
import { asCbor } from '@zhenglian/core/shape';
import { verifyFor } from '@zhenglian/core/signing';
import type { Signer } from '@zhenglian/core/signing';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { EvidenceMaker, USCC } from './evidence-maker.ts';
import type { BundleOptions } from './evidence-options.ts';

export const LICENCE = '0f'.repeat(16);
export const CODE = '0123-4567-89AB-CDEF';
const MSP = 'P33';

/** What the gateway is told to be; all of it may change between requests. */
export interface Conduct {
  /** Answers of ANCHOR_WAIT before the claim is served. */
  waits: number;
  /** Sends no trust bundle. */
  withoutBundle: boolean;
  bundle: BundleOptions;
  type: TypeDefinition;
  lastSix: string | undefined;
  /** Last day of minted copies, from today. */
  days: number;
  renewAfterDays: number;
  signer: Signer | undefined;
  licence: string;
  otherCopies: readonly object[];
  /** Refuses everything with this problem. */
  problem: { readonly status: number; readonly code: string } | undefined;
  /** Changes an answer before it is sent. */
  bend: (body: Record<string, unknown>) => unknown;
  bendCopy: (copy: Copy) => Copy;
}

interface Received {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

/** A running gateway. */
export class WalletGateway {
  readonly minted: Copy[] = [];
  readonly received: Received[] = [];
  readonly maker: EvidenceMaker;
  conduct: Conduct = honest();
  readonly #server: Server;
  readonly #byKey = new Map<string, Copy>();
  #owner: string | undefined;

  private constructor(maker: EvidenceMaker) {
    this.maker = maker;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }

  static async start(maker?: EvidenceMaker): Promise<WalletGateway> {
    const gateway = new WalletGateway(maker ?? (await EvidenceMaker.create()));
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get fingerprint(): string {
    return toHex(this.maker.networkId);
  }

  /** As new, for the next test. */
  reset(): void {
    this.conduct = honest();
    this.#owner = undefined;
    this.minted.length = 0;
    this.received.length = 0;
    this.#byKey.clear();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const key = request.headers['idempotency-key'];
    this.received.push({ path: url.pathname, key: key?.toString(), body });
    const { problem } = this.conduct;
    if (problem !== undefined) return refuse(problem.status, problem.code);
    if (url.pathname === '/v1/network') return { status: 200, body: this.#network() };
    if (url.pathname === '/v1/trust-bundle') return this.#bundle(url.searchParams.get('nonce'));
    if (url.pathname === '/v1/claims') return this.#claim(body);
    if (url.pathname === '/v1/renewals') return this.#renew(body);
    return refuse(404, 'ROUTE_UNKNOWN');
  }

  #network(): object {
    return {
      msp: MSP,
      networkId: this.fingerprint,
      name: { zh: '浙江', en: 'Zhejiang' },
      acts: [],
    };
  }

  #bundle(nonce: string | null): { status: number; body: unknown } {
    if (this.conduct.withoutBundle) return refuse(503, 'LEDGER_UNAVAILABLE');
    const asked = nonce === null ? {} : { nonce: fromHex(nonce) };
    const at = Math.floor(Date.now() / 1000);
    const answer = this.maker.bundle({ at, ...asked, ...this.conduct.bundle });
    return { status: 200, body: { answer: toBase64(encodeAnswer(answer)) } };
  }

  #claim(body: Record<string, unknown>): { status: number; body: unknown } {
    const code = String(body['code']);
    if (code !== parseClaimCode(CODE)) return refuse(404, 'CLAIM_CODE_UNKNOWN');
    const holder = String(body['holderKey']);
    if (this.#owner !== undefined && this.#owner !== holder) return refuse(410, 'CLAIM_CODE_SPENT');
    const holderKey = fromBase64(holder);
    const payload = claimPayload({ code, gateway: MSP, holderKey, at: Number(body['at']) });
    const { lastSix } = this.conduct;
    if (!this.#proves(payload, holderKey, body) || body['lastSix'] !== lastSix) {
      return refuse(400, 'CLAIM_PROOF');
    }
    this.#owner = holder;
    return this.#give(holderKey);
  }

  #renew(body: Record<string, unknown>): { status: number; body: unknown } {
    const { kid, epoch, index } = body['copy'] as { kid: string; epoch: number; index: number };
    const old = this.minted.find((copy) => copy.index === index && copy.epoch === epoch);
    const holderKey = fromBase64(String(body['holderKey']));
    if (old?.holderKey?.toString() !== holderKey.toString()) return refuse(404, 'COPY_UNKNOWN');
    const newHolderKey = fromBase64(String(body['newHolderKey']));
    const payload = renewalPayload({
      kid: fromHex(kid),
      epoch,
      index,
      newHolderKey,
      gateway: MSP,
      at: Number(body['at']),
    });
    if (!this.#proves(payload, holderKey, body)) return refuse(400, 'CLAIM_PROOF');
    return this.#give(newHolderKey);
  }

  #proves(payload: Uint8Array, publicKey: Uint8Array, body: Record<string, unknown>): boolean {
    const signature = fromBase64(String(body['proof']));
    const { networkId } = this.maker;
    return verifyFor({ purpose: 'claim', networkId, payload, publicKey, signature });
  }

  #give(holderKey: Uint8Array): { status: number; body: unknown } {
    if (this.conduct.waits > 0) {
      this.conduct.waits -= 1;
      return refuse(503, 'ANCHOR_WAIT');
    }
    const copy = this.#mint(holderKey);
    const { type, days, renewAfterDays, licence, otherCopies } = this.conduct;
    const others = this.minted
      .filter((each) => each.index !== copy.index)
      .map(({ kid, epoch, index, firstDay, lastDay }) => {
        return { kid: toHex(kid), epoch, index, firstDay, lastDay, state: 'valid' };
      });
    const body = this.conduct.bend({
      licence,
      type: { code: type.code, version: type.version },
      typeDefinition: toBase64(encodeCbor(asCbor(type))),
      copies: [toBase64(encodeCopy(this.conduct.bendCopy(copy)))],
      attachments: { photo: '（相片）' },
      issuer: { uscc: USCC, name: { zh: '浙江省公安厅', en: 'Zhejiang public security' } },
      networkId: this.fingerprint,
      renewal: { after: Math.floor(Date.now() / 1000) + renewAfterDays * 86_400 },
      otherCopies: [...others, ...otherCopies],
      later: `more than this wallet knows, ${String(days)}`,
    });
    return { status: 201, body };
  }

  #mint(holderKey: Uint8Array): Copy {
    const name = toHex(holderKey);
    const known = this.#byKey.get(name);
    if (known !== undefined) return known;
    const today = dayAt(Date.now() / 1000);
    const { signer, days } = this.conduct;
    const copy = this.maker.mint(this.minted.length, {
      type: DRIVING,
      holder: { publicKey: holderKey, sign: () => new Uint8Array(64) },
      firstDay: Math.min(today, today + days),
      lastDay: today + days,
      ...(signer === undefined ? {} : { signer }),
    });
    this.#byKey.set(name, copy);
    this.minted.push(copy);
    return copy;
  }

  /** Lets another code be claimed for the same licence. */
  anotherCode(): void {
    this.#owner = undefined;
  }
}

function honest(): Conduct {
  return {
    waits: 0,
    withoutBundle: false,
    bundle: {},
    type: DRIVING,
    lastSix: undefined,
    days: 300,
    renewAfterDays: 200,
    signer: undefined,
    licence: LICENCE,
    otherCopies: [],
    problem: undefined,
    bend: (body) => body,
    bendCopy: (copy) => copy,
  };
}

function refuse(status: number, code: string): { status: number; body: unknown } {
  return { status, body: { type: `urn:zhenglian:problem:${code}`, title: code, status, code } };
}
