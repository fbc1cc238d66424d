internal import CZstd
internal import NIOCore

/// Writes one zstd frame (RFC 8878) by libzstd.
enum ZstdStream {
    /// The bytes at level 1, with their number in the frame's header.
    static func compress(_ bytes: ByteBuffer, check: () throws -> Void) throws -> ByteBuffer {
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(coding: .zstd, code: Int(ZSTD_error_memory_allocation.rawValue))
        }
        defer { ZSTD_freeCCtx(context) }
        try succeed(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1))
        try succeed(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes.readableBytes)))
        let bound = ZSTD_compressBound(bytes.readableBytes)
        var result = ByteBufferAllocator().buffer(capacity: bound)
        try result.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
            try bytes.withUnsafeReadableBytes { source in
                try run(context, from: source, to: target, check)
            }
        }
        return result
    }

    /// - Returns: the bytes written; the target has room for the worst case.
    private static func run(
        _ context: OpaquePointer,
        from source: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer,
        _ check: () throws -> Void
    ) throws -> Int {
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        var input = ZSTD_inBuffer(src: source.baseAddress, size: 0, pos: 0)
        var left = 1
        repeat {
            try check()
            input.size = min(source.count, input.pos + ContentCoding.partSize)
            let isLast = input.size == source.count
            left = try succeed(
                ZSTD_compressStream2(
                    context,
                    &output,
                    &input,
                    isLast ? ZSTD_e_end : ZSTD_e_continue
                )
            )
            if !isLast { left = 1 }
        } while left > 0
        return output.pos
    }

    @discardableResult
    private static func succeed(_ code: Int) throws -> Int {
        guard ZSTD_isError(code) == 0 else {
            throw CompressionError(coding: .zstd, code: Int(ZSTD_getErrorCode(code).rawValue))
        }
        return code
    }
}
