// SPDX-License-Identifier: Apache-2.0
// Named places in the life of a licence (docs/issuance.md) at which a test may kill the process. Nothing happens there
// unless the composition root was told so.

/** Every fault point, in the order a licence meets them. */
export const FAULT_POINTS = [
  'lease-wished',
  'lease-granted',
  'placed-not-stored',
  'stored',
  'batch-signed',
  'batch-stored',
  'submitted',
  'released',
  'resigned',
] as const;
export type FaultPointName = (typeof FAULT_POINTS)[number];

/** Called at each fault point. */
export type FaultPoint = (name: FaultPointName) => void;

/** Goes on. */
export const noFault: FaultPoint = () => undefined;
