import { type Target } from './emit.ts';
/** The bytes of one module. @throws Error with the compiler's words */
export declare function buildModule(target: Target): Promise<Uint8Array>;
export declare function moduleSource(target: Target, binary: Uint8Array): string;
