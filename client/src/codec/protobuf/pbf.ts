// biome-ignore-all lint: generated code
// biome-ignore-all format: generated code
// @ts-nocheck
// The part of pbf 5.1.2 that messages.ts needs, taken from it by `make proto`, with less code where less will do.
// Bounds are not checked in here.
//
// Copyright (c) 2026, Mapbox
// All rights reserved.
//
// Redistribution and use in source and binary forms, with or without
// modification, are permitted provided that the following conditions are met:
//
// * Redistributions of source code must retain the above copyright notice, this
//   list of conditions and the following disclaimer.
//
// * Redistributions in binary form must reproduce the above copyright notice,
//   this list of conditions and the following disclaimer in the documentation
//   and/or other materials provided with the distribution.
//
// * Neither the name of pbf nor the names of its
//   contributors may be used to endorse or promote products derived from
//   this software without specific prior written permission.
//
// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
// AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
// IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
// DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
// FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
// DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
// SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
// CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
// OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
// OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

const PBF_VARINT  = 0; // varint: int32, int64, uint32, uint64, sint32, sint64, bool, enum
const PBF_FIXED64 = 1; // 64-bit: double, fixed64, sfixed64
const PBF_BYTES   = 2; // length-delimited: string, bytes, embedded messages, packed repeated fields
const PBF_FIXED32 = 5; // 32-bit: float, fixed32, sfixed32

export class PbfReader {
    declare buf_: Uint8Array;
    declare pos_: number;
    declare type_: number;
    declare _valueStart_: number;
    declare length_: number;

    /**
     * @param {Uint8Array | ArrayBuffer} buf
     */
    constructor(buf?: any) {
        this.buf_ = buf;
        this.pos_ = 0;
        this.type_ = 0;
        this._valueStart_ = -1;
        this.length_ = this.buf_.length;
    }

    /**
     * @param {boolean} [isSigned]
     */
    readVarint_(isSigned?: any): any {
        let val = 0, shift = 0, b;
        do {
            if (shift > 21) throw new RangeError();
            b = this.buf_[this.pos_++];
            val |= (b & 0x7f) << shift;
            shift += 7;
        } while (b > 0x7f);
        return val;
    }

    readBytes_(): any {
        const end = this.readVarint_() + this.pos_,
            buffer = this.buf_.subarray(this.pos_, end);
        this.pos_ = end;
        return buffer;
    }

    /**
     * Advance to the next field. Returns the field number, or 0 at end-of-message.
     * @param {number} [end]
     */
    nextField_(end = this.length_): any {
        if (this.pos_ === this._valueStart_) this.skip_(this.type_);
        if (this.pos_ >= end) return 0;
        const tag = this.readVarint_();
        this.type_ = tag & 0x7;
        this._valueStart_ = this.pos_;
        return tag >>> 3;
    }

    /** @param {number} val */
    skip_(val?: any): any {
        if (val === PBF_VARINT) while (this.buf_[this.pos_++] > 0x7f) {}
        else if (val === PBF_BYTES) this.readBytes_();
        else if (val === PBF_FIXED32) this.pos_ += 4;
        else if (val === PBF_FIXED64) this.pos_ += 8;
        else throw new RangeError();
    }
}

export class PbfWriter {
    declare buf_: Uint8Array;
    declare pos_: number;
    declare length_: number;

    /**
     * @param {Uint8Array | ArrayBuffer} [buf]
     */
    constructor(buf = new Uint8Array(16)) {
        this.buf_ = buf;
        this.pos_ = 0;
        this.length_ = this.buf_.length;
    }

    /**
     * @param {number} tag
     * @param {number} type
     */
    writeTag_(tag?: any, type?: any): any {
        this.writeVarint_((tag << 3) | type);
    }

    /** @param {number} min */
    realloc_(min?: any): any {
        const length = this.pos_ + min;
        if (length > this.length_) {
            const buf = new Uint8Array(this.length_ = length * 2);
            buf.set(this.buf_);
            this.buf_ = buf;
        }
    }

    finish_(): any {
        return this.buf_.subarray(0, this.pos_);
    }

    /** @param {number} val */
    writeVarint_(val?: any): any {
        if (val > 0xfffffff || val < 0) throw new RangeError('a number of more than 28 bits');
        this.realloc_(4);
        for (; val > 0x7f; val >>>= 7) this.buf_[this.pos_++] = val & 0x7f | 0x80;
        this.buf_[this.pos_++] = val;
    }

    /** @param {Uint8Array} buffer */
    writeBytes_(buffer?: any): any {
        const len = buffer.length;
        this.writeVarint_(len);
        this.realloc_(len);
        this.buf_.set(buffer, this.pos_);
        this.pos_ += len;
    }

    /**
     * @param {number} tag
     * @param {Uint8Array} buffer
     */
    writeBytesField_(tag?: any, buffer?: any): any {
        this.writeTag_(tag, PBF_BYTES);
        this.writeBytes_(buffer);
    }

    /**
     * @param {number} tag
     * @param {number} val
     */
    writeVarintField_(tag?: any, val?: any): any {
        this.writeTag_(tag, PBF_VARINT);
        this.writeVarint_(val);
    }
}
