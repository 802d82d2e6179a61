import { type Kernel } from './ir.ts';
export type Target = 'scalar' | 'simd';
/** The whole source of a module that exports the kernels. */
export declare function emitModule(kernels: readonly Kernel[], target: Target): string;
