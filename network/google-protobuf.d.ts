// SPDX-License-Identifier: Apache-2.0
// The one class of google-protobuf that fabric-protos expects from outside; the package carries no types.
declare module 'google-protobuf/google/protobuf/timestamp_pb' {
  export class Timestamp {
    setSeconds(seconds: number): this;
    setNanos(nanos: number): this;
    getSeconds(): number;
    getNanos(): number;
  }
}
declare module 'google-protobuf/google/protobuf/timestamp_pb.js' {
  import type { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
  const timestamps: { readonly Timestamp: typeof Timestamp };
  export default timestamps;
}
