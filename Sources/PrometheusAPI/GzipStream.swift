internal import CZlib
internal import NIOCore

/// Writes the gzip format (RFC 1952) by zlib.
enum GzipStream {
    /// 15 bits of window, and 16 for a gzip header instead of zlib's.
    private static let windowBits: Int32 = 15 + 16
    /// zlib's default.
    private static let memoryLevel: Int32 = 8

    /// The bytes at level 1, the fastest.
    ///
    /// - Parameter check: Asked before each part; what it throws ends the work.
    static func compress(_ bytes: ByteBuffer, check: () throws -> Void) throws -> ByteBuffer {
        var stream = z_stream()
        let code = deflateInit2_(
            &stream,
            Z_BEST_SPEED,
            Z_DEFLATED,
            windowBits,
            memoryLevel,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard code == Z_OK else { throw CompressionError(coding: .gzip, code: Int(code)) }
        defer { deflateEnd(&stream) }
        // Room for the worst case, so that one pass is enough; what is not written is never touched.
        let bound = Int(deflateBound(&stream, UInt(bytes.readableBytes)))
        var result = ByteBufferAllocator().buffer(capacity: bound)
        var status = Z_OK
        try result.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { output in
            try bytes.withUnsafeReadableBytes { input in
                status = try run(&stream, from: input, to: output, check)
            }
            return Int(stream.total_out)
        }
        guard status == Z_STREAM_END else {
            throw CompressionError(coding: .gzip, code: Int(status))
        }
        return result
    }

    /// Feeds the stream in parts.
    private static func run(
        _ stream: inout z_stream,
        from input: UnsafeRawBufferPointer,
        to output: UnsafeMutableRawBufferPointer,
        _ check: () throws -> Void
    ) throws -> Int32 {
        var status = Z_OK
        repeat {
            try check()
            let consumed = Int(stream.total_in)
            let produced = Int(stream.total_out)
            let size = min(input.count - consumed, ContentCoding.partSize)
            let isLast = consumed + size == input.count
            // zlib reads through this pointer and does not write, whatever its type says.
            stream.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress.map {
                    ($0 + consumed).assumingMemoryBound(to: UInt8.self)
                }
            )
            stream.avail_in = UInt32(size)
            stream.next_out = output.baseAddress.map {
                ($0 + produced).assumingMemoryBound(to: UInt8.self)
            }
            stream.avail_out = UInt32(clamping: output.count - produced)
            status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        } while status == Z_OK
        return status
    }
}
