// SPDX-License-Identifier: Apache-2.0
// The sm4 namespace.
export { createGcmKey, ctr, gcmDecrypt, gcmEncrypt, type GcmKey } from './sm4.ts';
