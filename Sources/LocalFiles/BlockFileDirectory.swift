internal import Glibc

/// The directory of a ``BlockFileCache``, taken for one process at a time.
final class BlockFileDirectory: Sendable {
    private let path: String
    private let lock: LogDirectory

    private static let suffix = ".blocks"

    init(_ path: String) throws(FileLogError) {
        self.path = path
        lock = try LogDirectory(path)
    }

    /// Numbers of the files, ascending; none where the directory cannot be read.
    func files() -> [UInt64] {
        guard let names = try? lock.entries() else { return [] }
        return names.compactMap { name in
            name.hasSuffix(Self.suffix) ? UInt64(name.dropLast(Self.suffix.count)) : nil
        }.sorted()
    }

    func open(_ number: UInt64) -> BlockFile? {
        let handle = Glibc.open(path(number), O_RDWR | O_CLOEXEC)
        return handle < 0 ? nil : BlockFile(handle)
    }

    func create(_ number: UInt64) -> Result<BlockFile, BlockFileFailure> {
        let handle = Glibc.open(path(number), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        return handle < 0 ? .failure(BlockFileFailure(code: errno)) : .success(BlockFile(handle))
    }

    /// Deletes a file; whoever reads it still may.
    func remove(_ number: UInt64) { unlink(path(number)) }

    private func path(_ number: UInt64) -> String {
        let digits = String(number)
        return "\(path)/\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits)"
            + Self.suffix
    }
}

/// An error of the operating system.
struct BlockFileFailure: Error {
    let code: Int32
}

/// One file of the cache; closed with the object.
final class BlockFile: Sendable {
    private let handle: Int32

    init(_ handle: Int32) { self.handle = handle }

    deinit { close(handle) }

    /// Returns some bytes; nil where they are not all there.
    func read(_ offset: Int, count: Int) -> [UInt8]? {
        let bytes = self.start(at: offset, count: count)
        return bytes.count == count ? bytes : nil
    }

    /// The key and size of the record that begins at an offset; nil where no whole one does.
    func record(at offset: Int) -> (key: BlockFileKey, size: Int)? {
        let start = self.start(
            at: offset,
            count: BlockFileRecord.fixedSize + BlockFileRecord.maximumTenantSize
        )
        guard let (key, size) = BlockFileRecord.walk(start) else { return nil }
        guard let end = self.size, offset + size <= end else { return nil }
        return (key, size)
    }

    /// Bytes of the file; nil where the system does not say.
    var size: Int? {
        var status = stat()
        return fstat(handle, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Drops what is behind a place; where that fails, the bytes are found to be no record.
    func truncate(to size: Int) { _ = ftruncate(handle, off_t(size)) }

    /// - Returns: 0 or the error's code.
    func write(_ bytes: [UInt8], at offset: Int, _ calls: LogFileCalls) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let written = calls.write(handle, rest, offset + done)
                if written == -Int(EINTR) { continue }
                guard written > 0 else { return written == 0 ? EIO : Int32(-written) }
                done += written
            }
            return 0
        }
    }

    /// As many bytes as there are, `count` at most.
    private func start(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let got = pread(
                    handle,
                    buffer.baseAddress?.advanced(by: initialized),
                    count - initialized,
                    off_t(offset + initialized)
                )
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                initialized += got
            }
        }
    }
}
