// SPDX-License-Identifier: Apache-2.0
// One-time secrets with which people set a password: shown once, stored as a digest, over after a week.
import { toHex, utf8 } from '@zhenglian/core/bytes';
import { sm3 } from '@zhenglian/guomi';
import type { RandomBytes } from '../context.ts';

/** A secret to hand over, what is stored of it, and until when it holds. */
export interface NewInvitation {
  readonly invitation: string;
  readonly digest: string;
  readonly expiresAt: number;
}

const INVITED_SECONDS = 7 * 86_400;

/** Makes one. */
export function createInvitation(random: RandomBytes, now: number): NewInvitation {
  const invitation = `zli_${toHex(random(16))}`;
  return { invitation, digest: digestOf(invitation), expiresAt: now + INVITED_SECONDS };
}

/** The digest of one, as it is stored. */
export function digestOf(invitation: string): string {
  return toHex(sm3.hash(utf8(invitation)));
}
