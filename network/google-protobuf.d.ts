// SPDX-License-Identifier: Apache-2.0
// The one class of google-protobuf that fabric-protos expects from outside; the package carries no types.
declare module 'google-protobuf/google/protobuf/timestamp_pb.js' {
  export interface Timestamp {
    setSeconds(seconds: number): this;
    setNanos(nanos: number): this;
    getSeconds(): number;
    getNanos(): number;
  }
  const messages: { readonly Timestamp: new () => Timestamp };
  export default messages;
}
