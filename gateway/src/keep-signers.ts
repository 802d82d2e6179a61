// SPDX-License-Identifier: Apache-2.0
// Keeps each authority's signer usable: prepared when first wanted, replaced when the bundle says its key is burned or
// over, and given a successor before that or when told. A key that has a successor still signs what was begun with it.
import { setTimeout as pause } from 'node:timers/promises';
import { equals, toHex } from '@zhenglian/core/bytes';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import { hasEnded, isNearEnd, makeNextKey, prepareKey } from './authority-keys.ts';
import type { KeyParts, RegisteredKey } from './authority-keys.ts';
import type { IssuingAuthority } from './config.ts';
import type { Log } from './log.ts';
import { gatewayError } from './problem-codes.ts';
import { observeSigner } from './observing/observed-parts.ts';
import type { Observers } from './observing/observed-parts.ts';
import type { Replica } from './replica/replica.ts';
import { createAuthoritySigner } from './signer.ts';
import type { AuthoritySigner, Signers } from './signer.ts';
import type { KeyInfo, KeySession, KeyStore } from './signing/key-store.ts';
import { watchRefusals } from './signing/refusals.ts';
import type { Trace } from './trace/trace.ts';

export interface KeepParts extends KeyParts, Observers {
  readonly keys: KeyStore;
  readonly authorities: readonly IssuingAuthority[];
  readonly replica: Pick<Replica, 'trustBundle' | 'waitForBlock'>;
  readonly trace: Pick<Trace, 'append'>;
  readonly log: Log;
}

/** Signers, and the way to have one that works. */
export interface KeptSigners extends Signers {
  /** @throws the ledger's codes, while the authority is not accredited or the ledger away; SIGNER_* */
  ready(uscc: string): Promise<AuthoritySigner>;
  /** The signer of a key that the store has, burned or not: for what was begun with it. @throws SIGNER_UNAVAILABLE */
  forKid(kid: Uint8Array): Promise<AuthoritySigner | undefined>;
  /** Makes and registers an authority's next key, which signs from then on. Two who ask at once get one. @throws as `ready` */
  rotate(uscc: string, actor?: string): Promise<AuthoritySigner>;
  /** Rotates what is near its end; what fails is tried again in a minute. */
  renewDue(): Promise<void>;
  /** Codes of why keys cannot sign; empty when all is well. */
  troubles(): readonly string[];
  stop(): Promise<void>;
}

const RENEW_EVERY = 60_000;
const LEVEL_WITHIN = 5000;

/** Keeps the signers of these authorities. */
export function keepSigners(parts: KeepParts): KeptSigners {
  return new LiveSigners(parts);
}

class LiveSigners implements KeptSigners {
  readonly #parts: KeepParts;
  readonly #refusals: ReturnType<typeof watchRefusals>;
  /** The newest of each authority, and every one by its key id. */
  readonly #current = new Map<string, AuthoritySigner>();
  readonly #byKid = new Map<string, AuthoritySigner>();
  readonly #making = new Map<string, Promise<AuthoritySigner>>();
  readonly #timer: NodeJS.Timeout;
  #session: Promise<KeySession> | undefined;
  #renewing = Promise.resolve();

  constructor(parts: KeepParts) {
    this.#parts = parts;
    this.#refusals = watchRefusals(parts);
    this.#timer = setInterval(() => void this.renewDue(), RENEW_EVERY);
  }

  forType(type: string): AuthoritySigner | undefined {
    return this.all().find((signer) => signer.types.includes(type));
  }

  forAuthority(uscc: string): AuthoritySigner | undefined {
    return this.#current.get(uscc);
  }

  all(): readonly AuthoritySigner[] {
    return [...this.#current.values()];
  }

  async ready(uscc: string): Promise<AuthoritySigner> {
    const known = this.#current.get(uscc);
    const registered = known && this.#registered(known);
    const isOver = registered !== undefined && hasEnded(registered, this.#parts.clock());
    if (known !== undefined && !isOver) return known;
    return this.#once(`prepare/${uscc}`, () => this.#make(uscc, prepareKey, 'gateway'));
  }

  async forKid(kid: Uint8Array): Promise<AuthoritySigner | undefined> {
    const known = this.#byKid.get(toHex(kid));
    if (known !== undefined || this.#parts.authorities.length === 0) return known;
    const session = await this.#openSession();
    const key = (await session.listKeys()).find((each) => equals(each.kid, kid));
    const authority = this.#parts.authorities.find(({ uscc }) => uscc === key?.authority);
    return key && authority && this.#signerOf(authority, key, session);
  }

  rotate(uscc: string, actor = 'gateway'): Promise<AuthoritySigner> {
    return this.#once(`rotate/${uscc}`, () => this.#make(uscc, makeNextKey, actor));
  }

  renewDue(): Promise<void> {
    const { clock, log } = this.#parts;
    this.#renewing = this.#renewing.then(async () => {
      for (const [uscc, signer] of this.#current) {
        const registered = this.#registered(signer);
        if (registered === undefined || !isNearEnd(registered, clock())) continue;
        await this.rotate(uscc).catch((error: unknown) =>
          log.warn('next key waits', { authority: uscc, error }),
        );
      }
    });
    return this.#renewing;
  }

  troubles(): readonly string[] {
    return [...this.#parts.keys.troubles(), ...this.#refusals.troubles()];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
  }

  async #make(
    uscc: string,
    make: (parts: KeepParts, authority: IssuingAuthority, s: KeySession) => Promise<RegisteredKey>,
    actor: string,
  ): Promise<AuthoritySigner> {
    const { authorities, replica, trace, log } = this.#parts;
    const authority = authorities.find((candidate) => candidate.uscc === uscc);
    if (authority === undefined) {
      throw gatewayError('TYPE_NOT_ISSUED', 'this gateway does not sign for the authority');
    }
    const session = await this.#openSession();
    const { key, blockNumber } = await make(this.#parts, authority, session);
    if (blockNumber !== undefined) {
      // Whoever is shown the first licence of the key should find the key here.
      const level = replica.waitForBlock(blockNumber).catch(() => undefined);
      await Promise.race([level, pause(LEVEL_WITHIN, undefined, { ref: false })]);
    }
    const signer = this.#signerOf(authority, key, session);
    const kid = toHex(key.kid);
    log.info('key ready', { authority: uscc, kid });
    await trace.append({
      kind: 'key',
      purpose: 'administration',
      actor,
      subject: null,
      outcome: 'done',
      detail: { kid },
    });
    this.#current.set(uscc, signer);
    return signer;
  }

  #signerOf(authority: IssuingAuthority, key: KeyInfo, session: KeySession): AuthoritySigner {
    const kid = toHex(key.kid);
    const known = this.#byKid.get(kid);
    if (known !== undefined) return known;
    const created = createAuthoritySigner(authority, key, session);
    const signer = observeSigner(this.#refusals.watch(created), this.#parts);
    this.#byKid.set(kid, signer);
    return signer;
  }

  #registered(signer: AuthoritySigner): AuthorityKey | undefined {
    const { bundle } = this.#parts.replica.trustBundle();
    return bundle.keys.find(({ kid }) => equals(kid, signer.kid));
  }

  #openSession(): Promise<KeySession> {
    this.#session ??= this.#parts.keys.openSession();
    return this.#session;
  }

  #once(name: string, task: () => Promise<AuthoritySigner>): Promise<AuthoritySigner> {
    const begun = this.#making.get(name);
    if (begun !== undefined) return begun;
    const made = task().finally(() => this.#making.delete(name));
    this.#making.set(name, made);
    return made;
  }
}
