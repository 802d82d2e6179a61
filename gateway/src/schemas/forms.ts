// SPDX-License-Identifier: Apache-2.0
// Forms of what checks, claims and trails are about: bytes that a request holds, names of organisations and copies.
import { fromBase64, fromHex } from '@zhenglian/core/bytes';
import { z } from 'zod';

export const mspId = z.string().regex(/^[A-Z][A-Z0-9]{1,15}$/);
export const usccText = z.string().regex(/^[0-9A-Z]{18}$/);
export const epochNumber = z.int().min(0).max(0xffff_ffff);
export const statusIndex = z.int().min(0).max(65_535);
/** A code in capitals: of a problem or a reason. */
export const reasonCode = z.string().regex(/^[A-Z][A-Z0-9_]{1,47}$/);

/** Base64 in a request: bytes of exactly this length. */
export const bytesOf = (length: number) => {
  const characters = 4 * Math.ceil(length / 3);
  return z
    .base64()
    .length(characters)
    .transform(fromBase64)
    .refine((bytes) => bytes.length === length);
};

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
