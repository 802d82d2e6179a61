// SPDX-License-Identifier: Apache-2.0
// One-time codes of a second factor: RFC 6238 over HOTP (RFC 4226), SHA-1, six digits, thirty seconds, as every
// authenticator app has it. A code counts once: whoever checks keeps the step of the last one.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { utf8 } from '@zhenglian/core/bytes';

const STEP_SECONDS = 30;
const DIGITS = 6;
/** A phone's clock may be one step off. */
const DRIFT_STEPS = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The step a code belongs to, later than `lastStep`, or undefined when it is wrong or was used. */
export function stepOfCode(
  secret: Uint8Array,
  code: string,
  now: number,
  lastStep: number,
): number | undefined {
  const current = Math.floor(now / STEP_SECONDS);
  let found: number | undefined;
  // All steps are looked at, so that time does not tell which one it was.
  for (let step = current - DRIFT_STEPS; step <= current + DRIFT_STEPS; step += 1) {
    const expected = utf8(codeOfStep(secret, step));
    const given = utf8(code);
    const same = given.length === expected.length && timingSafeEqual(given, expected);
    if (same && step > lastStep) found = step;
  }
  return found;
}

/** The code of a step: RFC 4226 §5.3. */
export function codeOfStep(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** What an authenticator app scans. */
export function otpauthUri(secret: Uint8Array, account: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${encodeBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

/** RFC 4648 §6, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((value >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + BASE32.charAt((value << (5 - bits)) & 31);
}
