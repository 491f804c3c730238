import Compression
import NIOCore
import NIOHPACK
import Service
import Wire

/// The one message of a unary call as it arrives: a byte that says whether it is compressed, four for its length, its bytes
/// (gRPC over HTTP/2, "Length-Prefixed-Message").
struct GRPCMessage {
    private static let prefixBytes = 5
    private var bytes = ByteBuffer()
    private var held = 0

    /// Adds what came; reserves its memory first.
    mutating func append(
        _ more: ByteBuffer, limit: OTLPReceiverLimits, account: RequestAccount
    ) throws(OTLPRefusal) {
        let count = bytes.readableBytes + more.readableBytes
        // A buffer grows in powers of two.
        var room = max(held, 256)
        while room < count { room *= 2 }
        guard account.tryReserve(room - held) else { throw Self.exhausted(account) }
        held = room
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeImmutableBuffer(more) }
        guard let length else { return }
        guard length <= limit.requestBytes else { throw limit.tooLarge(length) }
        guard count <= Self.prefixBytes + length else { throw .invalid("a call has one message and nothing behind it") }
    }

    /// The length that the prefix declares; nil until it is there.
    private var length: Int? {
        bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self).map(Int.init)
    }

    /// How the message is compressed, if it is.
    /// - Parameter name: the field grpc-encoding.
    func encoding(_ name: String?) throws(OTLPRefusal) -> Gzip.Container? {
        guard let length, bytes.readableBytes == Self.prefixBytes + length else {
            throw .invalid("the request's message is missing or cut short")
        }
        guard bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) != 0 else { return nil }
        switch name {
        case "gzip": return .gzip
        case "deflate": return .zlib
        default:
            throw .unimplemented("grpc-encoding \"\(name?.prefix(64) ?? "")\" is not supported: send gzip or deflate")
        }
    }

    /// The message with its prefix.
    var whole: ByteBuffer { bytes }

    /// The message without its prefix.
    func payload() throws(OTLPRefusal) -> ByteBuffer {
        guard
            let payload = bytes.getSlice(
                at: bytes.readerIndex + Self.prefixBytes, length: bytes.readableBytes - Self.prefixBytes)
        else { throw .invalid("the request's message is missing or cut short") }
        return payload
    }

    /// A message with its prefix, no longer compressed. Takes long.
    static func decompress(
        _ payload: ByteBuffer, _ encoding: Gzip.Container, limit: OTLPReceiverLimits, account: RequestAccount
    ) throws(OTLPRefusal) -> ByteBuffer {
        var taken = 0
        func reserve(_ bytes: Int) -> Bool {
            guard account.tryReserve(bytes) else { return false }
            taken += bytes
            return true
        }
        do {
            let plain = try payload.withUnsafeReadableBytes {
                try Gzip.decompress($0, container: encoding, limit: limit.requestBytes, reserving: reserve)
            }
            let size = prefixBytes + plain.count
            guard reserve(size) else { throw CompressionError.noMemory }
            var message = ByteBuffer()
            message.reserveCapacity(size)
            message.writeInteger(UInt8(0))
            message.writeInteger(UInt32(plain.count))
            message.writeBytes(plain)
            account.release(taken - size)
            return message
        } catch CompressionError.tooLarge {
            account.release(taken)
            throw limit.tooLarge(nil)
        } catch CompressionError.noMemory {
            account.release(taken)
            throw exhausted(account)
        } catch {
            account.release(taken)
            throw .invalid("the message cannot be decompressed: \(error)")
        }
    }

    /// Why a message for which there is no memory is refused.
    static func exhausted(_ account: RequestAccount) -> OTLPRefusal {
        .exhausted(account.exhausted.message, retryAfterSeconds: 1)
    }

    /// The fields of an answer that is only a status, with google.rpc.Status when that names a delay.
    static func trailers(_ status: RPCStatus) -> HPACKHeaders {
        var headers: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
        for (name, value) in status.grpcFields { headers.add(name: name, value: value) }
        return headers
    }
}
