// SPDX-License-Identifier: Apache-2.0
// The core module's inversion.
@external("core", "invert")
export declare function invert(o: usize, a: usize): void;
