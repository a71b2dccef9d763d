// biome-ignore-all lint: generated code
// biome-ignore-all format: generated code
// Made from pull.proto by `make proto`, with the compiler of pbf 5.1.2.
import type { PbfReader, PbfWriter } from "./pbf";

export interface OutgoingMessage {
    id_: Uint8Array | undefined;
    body_: Uint8Array | undefined;
    sender_: Uint8Array | undefined;
}

export interface Sender {
    type_: number;
    id_: Uint8Array | undefined;
}

export interface IncomingMessage {
    receivers_?: Uint8Array[] | undefined;
    body_?: Uint8Array | undefined;
    expiry_?: number | undefined;
}

export interface Receiver {
    id_?: Uint8Array | undefined;
    signature_?: Uint8Array | undefined;
}

export function readOutgoingMessage(pbf: PbfReader, end: number): OutgoingMessage {
    const obj: OutgoingMessage = {id_: undefined, body_: undefined, sender_: undefined};
    let field;
    while ((field = pbf.nextField_(end))) {
        if (field === 1) obj.id_ = pbf.readBytes_();
        else if (field === 2) obj.body_ = pbf.readBytes_();
        else if (field === 5) obj.sender_ = pbf.readBytes_();
    }
    return obj;
}

export function readSender(pbf: PbfReader, end: number): Sender {
    const obj: Sender = {type_: 0, id_: undefined};
    let field;
    while ((field = pbf.nextField_(end))) {
        if (field === 1) obj.type_ = pbf.readVarint_();
        else if (field === 2) obj.id_ = pbf.readBytes_();
    }
    return obj;
}

export function writeIncomingMessage(obj: IncomingMessage, pbf: PbfWriter): void {
    if (obj.receivers_ != null) for (const item of obj.receivers_) pbf.writeBytesField_(1, item);
    if (obj.body_ != null) pbf.writeBytesField_(3, obj.body_);
    if (obj.expiry_ != null) pbf.writeVarintField_(4, obj.expiry_);
}

export function writeReceiver(obj: Receiver, pbf: PbfWriter): void {
    if (obj.id_ != null) pbf.writeBytesField_(1, obj.id_);
    if (obj.signature_ != null) pbf.writeBytesField_(3, obj.signature_);
}
