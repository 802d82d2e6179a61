/** AssemblyScript of `sm3Blocks(state, data, count)`. */
export declare function emitSm3(): string;
/** AssemblyScript of `sm3Blocks4(state, d0, d1, d2, d3, count)`: word i of lane l at 16·i + 4·l. */
export declare function emitSm3Four(): string;
