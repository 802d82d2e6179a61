// SPDX-License-Identifier: Apache-2.0
// The sm4 namespace.
export { ctr, gcmDecrypt, gcmEncrypt } from './sm4.ts';
