internal import CHashing
internal import CZstd

/// Compresses pages with zstd.
///
/// A page that does not get smaller is stored as it is: equal sizes mean "not compressed".
///
/// `@unchecked Sendable`: the context belongs to this value alone, and only one thread has it at a time.
struct PageCompressor: ~Copyable, @unchecked Sendable {
    /// The level of flushes, which every sample passes on its way in.
    static let fastLevel = 1

    private let context: OpaquePointer
    private let level: Int32

    init(level: Int = PageCompressor.fastLevel) throws(BlockBuildError) {
        guard let context = ZSTD_createCCtx() else {
            throw .compressionFailed(code: Int(ZSTD_error_memory_allocation.rawValue))
        }
        self.context = context
        self.level = Int32(level)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Returns the bytes to store for a page.
    func compress(_ page: [UInt8]) throws(BlockBuildError) -> [UInt8] {
        var failure: Int?
        let bound = ZSTD_compressBound(page.count)
        let stored = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            let result = page.withUnsafeBytes {
                ZSTD_compressCCtx(
                    context,
                    target.baseAddress,
                    bound,
                    $0.baseAddress,
                    $0.count,
                    level
                )
            }
            if ZSTD_isError(result) == 0 {
                count = result
            } else {
                failure = Int(ZSTD_getErrorCode(result).rawValue)
            }
        }
        if let failure { throw .compressionFailed(code: failure) }
        return stored.count < page.count ? stored : page
    }
}

/// Turns stored bytes back into pages, and never allocates more than the directory announced.
struct PageDecompressor: ~Copyable {
    private let context: OpaquePointer

    init(for location: BlockLocation) throws(BlockFormatError) {
        guard let context = ZSTD_createDCtx() else {
            throw .decompressionFailed(
                location,
                code: Int(ZSTD_error_memory_allocation.rawValue)
            )
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Returns the `size` bytes that `stored` holds.
    ///
    /// - Parameter size: Checked against its limit by the caller; this much is allocated.
    func decompress(
        _ stored: [UInt8],
        size: Int,
        at location: BlockLocation
    ) throws(BlockFormatError) -> [UInt8] {
        guard stored.count != size else { return stored }
        let announced = stored.withUnsafeBytes {
            ZSTD_getFrameContentSize($0.baseAddress, $0.count)
        }
        guard announced == UInt64(size) else {
            throw .sizeMismatch(
                location,
                expected: size,
                found: Int(truncatingIfNeeded: announced)
            )
        }
        var failure: Int?
        let page = [UInt8](unsafeUninitializedCapacity: size) { target, count in
            let result = stored.withUnsafeBytes {
                ZSTD_decompressDCtx(context, target.baseAddress, size, $0.baseAddress, $0.count)
            }
            if ZSTD_isError(result) == 0 {
                count = result
            } else {
                failure = Int(ZSTD_getErrorCode(result).rawValue)
            }
        }
        if let failure { throw .decompressionFailed(location, code: failure) }
        guard page.count == size else {
            throw .sizeMismatch(location, expected: size, found: page.count)
        }
        return page
    }
}

/// The checksum of stored bytes.
enum PageChecksum {
    static func of(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { engram_xxh3_64_with_seed($0.baseAddress, $0.count, seed) }
    }
}
