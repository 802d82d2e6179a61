// SPDX-License-Identifier: Apache-2.0
// Forms that many schemas share: bytes in JSON, identifiers, labels. Those that a request holds become bytes.
import { fromBase64, fromHex } from '@zhenglian/core/bytes';
import { z } from 'zod';

/** Bytes in padded base64, as they are answered. */
export const base64 = z.base64();
/** Lower-case hex, as it is answered. */
export const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
/** 32 hex characters, random. */
export const handle = z.string().regex(/^[0-9a-f]{32}$/);
export const mspId = z.string().regex(/^[A-Z][A-Z0-9]{1,15}$/);
export const usccText = z.string().regex(/^[0-9A-Z]{18}$/);
export const typeCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const actCode = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const unixTime = z.int().min(0).max(0xff_ffff_ffff);
export const epochNumber = z.int().min(0).max(0xffff_ffff);
export const statusIndex = z.int().min(0).max(65_535);
export const labelText = z.object({ zh: z.string(), en: z.string() });
/** A code in capitals: of a problem, a reason, a verdict. */
export const reasonCode = z.string().regex(/^[A-Z][A-Z0-9_]{1,47}$/);

/** Base64 in a request: bytes of exactly this length. */
export const bytesOf = (length: number) =>
  z
    .base64()
    .max(4 * Math.ceil(length / 3))
    .transform(fromBase64)
    .refine((bytes) => bytes.length === length);

/** Hex in a request: bytes of exactly this length. */
export const hexOf = (length: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${String(2 * length)}}$`))
    .transform(fromHex);

/** A number in an address. */
export const numberText = (most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .refine((number) => number <= most);
