// SPDX-License-Identifier: Apache-2.0
// What an operation touches, found out before it runs, so that the scope of who calls is looked at in one place.
import { locate } from '@zhenglian/core/assess';
import { fromHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { typeOf } from '@zhenglian/core/trust';
import { parseWire } from '@zhenglian/core/wire';
import { keyOf } from '../checking/replica-facts.ts';
import type { GatewayContext } from '../context.ts';
import { decodeJob, importKey } from '../imports/import-job.ts';
import { copyReference } from '../trace/trace-entry.ts';
import type { ScopedThing } from './principal.ts';

interface Place {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}

/** One thing an operation touches. */
export type Touched =
  /** A licence kept here, by id. */
  | { readonly licence: string }
  /** Licences of a type, wherever. */
  | { readonly type: string }
  /** A licence of a type that the authority here is to issue. */
  | { readonly issuing: string }
  | { readonly job: string }
  /** An authority itself, its keys. */
  | { readonly authority: string }
  /** A copy as `copyReference` writes it: of its authority's division. */
  | { readonly copy: string }
  /** A copy shown at a counter: holders come from everywhere, so only its type counts. */
  | { readonly shown: Place }
  | { readonly presentation: string };

/** A touched thing as a scope looks at it, with what the trace calls it. */
export interface Resolved extends ScopedThing {
  readonly subject: string | null;
}

type Parts = Pick<GatewayContext, 'desk' | 'replica' | 'store'>;

/** What is known here of a touched thing; what is unknown here is left to the operation, which says so. */
export async function resolveTouched(parts: Parts, touched: Touched): Promise<Resolved> {
  if ('licence' in touched) return ofLicence(parts, touched.licence);
  if ('type' in touched) return { subject: null, type: touched.type };
  if ('authority' in touched) return { subject: null, uscc: touched.authority };
  if ('issuing' in touched) return issuedHere(parts, touched.issuing);
  if ('job' in touched) return ofJob(parts, touched.job);
  if ('copy' in touched) return ofCopy(parts, placeOf(touched.copy));
  if ('presentation' in touched) return ofPresentation(parts, touched.presentation);
  const { subject, type } = await ofCopy(parts, touched.shown);
  return type === undefined ? { subject } : { subject, type };
}

async function ofLicence({ desk }: Parts, subject: string): Promise<Resolved> {
  const licence = await known(() => desk.licence(subject));
  return licence === undefined ? { subject } : { subject, uscc: licence.uscc, type: licence.type };
}

async function ofJob(parts: Parts, job: string): Promise<Resolved> {
  const stored = await parts.store.get(importKey.job(job));
  return stored === undefined ? { subject: null } : issuedHere(parts, decodeJob(stored).type);
}

async function issuedHere({ desk }: Parts, type: string): Promise<Resolved> {
  const uscc = await known(() => Promise.resolve(desk.requireIssuer(type)));
  return { subject: null, type, ...(uscc === undefined ? {} : { uscc }) };
}

/** The authority of a copy's key, and the type of the batch that anchored it, or of the licence when it is our own. */
async function ofCopy({ replica, desk }: Parts, place: Place): Promise<Resolved> {
  const { kid, epoch, index } = place;
  const subject = copyReference(place);
  const bundle = await known(() => Promise.resolve(replica.trustBundle().bundle));
  const key = bundle && keyOf(bundle, kid);
  if (key === undefined) return { subject };
  const events = await replica.eventsOf(key.uscc, epoch, index);
  const batch = events.find((event) => event.kind === 'batch');
  const type = batch?.type ?? (await desk.copyAt(kid, epoch, index))?.type;
  return { subject, uscc: key.uscc, ...(type === undefined ? {} : { type }) };
}

/** The type a presentation says it has: if it lies, the check fails. One that cannot be read shows nothing. */
async function ofPresentation({ replica }: Parts, text: string): Promise<Resolved> {
  const bundle = await known(() => Promise.resolve(replica.trustBundle().bundle));
  if (locate(text) === undefined || bundle === undefined) return { subject: null };
  const wire = parseWire(text);
  const type = typeOf(bundle, wire.typeNumber, wire.typeVersion);
  return { subject: copyReference(wire), ...(type === undefined ? {} : { type: type.code }) };
}

function placeOf(reference: string): Place {
  const [kid = '', epoch, index] = reference.split('-');
  return { kid: fromHex(kid), epoch: Number(epoch), index: Number(index) };
}

/** The value, or undefined where the answer is that there is none: the operation itself will say so. */
async function known<T>(ask: () => Promise<T>): Promise<T | undefined> {
  const none = ['LICENCE_UNKNOWN', 'TYPE_UNKNOWN', 'TYPE_NOT_ISSUED', 'LEDGER_UNAVAILABLE'];
  try {
    return await ask();
  } catch (error) {
    if (isCodedError<string>(error) && none.includes(error.code)) return undefined;
    throw error;
  }
}
