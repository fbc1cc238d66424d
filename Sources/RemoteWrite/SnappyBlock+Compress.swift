internal import CSnappy

extension SnappyBlock {
    /// Compresses bytes into one block.
    public static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let bound = snappy_max_compressed_length(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            var written = bound
            bytes.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = target.baseAddress else {
                    // An empty block is its length alone.
                    target[0] = 0
                    written = 1
                    return
                }
                let status = snappy_compress(
                    from.assumingMemoryBound(to: CChar.self),
                    source.count,
                    UnsafeMutableRawPointer(to).assumingMemoryBound(to: CChar.self),
                    &written
                )
                precondition(status == SNAPPY_OK, "snappy refused \(source.count) bytes: \(status)")
            }
            count = written
        }
    }
}
