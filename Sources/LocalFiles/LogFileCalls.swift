internal import Glibc

/// The calls that can fail because of a disk; tests put faults in their place.
///
/// Each returns 0 or the error's code, unless it says otherwise.
struct LogFileCalls: Sendable {
    /// Reserves bytes of a file from an offset on, as zeros.
    var allocate: @Sendable (_ file: Int32, _ offset: Int, _ size: Int) -> Int32
    /// Reads at an offset; returns how many bytes, or the negative code of the error.
    var read:
        @Sendable (_ file: Int32, _ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) -> Int
    /// Writes at an offset; returns how many bytes, or the negative code of the error.
    var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int
    /// Puts a file's bytes on stable storage.
    var sync: @Sendable (_ file: Int32) -> Int32
    /// Puts a directory's entries on stable storage.
    var syncDirectory: @Sendable (_ directory: Int32) -> Int32

    static let posix = LogFileCalls(
        allocate: { file, offset, size in
            while true {
                let code = posix_fallocate(file, off_t(offset), off_t(size))
                if code != EINTR { return code }
            }
        },
        read: { file, bytes, offset in
            let size = pread(file, bytes.baseAddress, bytes.count, off_t(offset))
            return size < 0 ? -Int(errno) : size
        },
        write: { file, bytes, offset in
            let written = pwrite(file, bytes.baseAddress, bytes.count, off_t(offset))
            return written < 0 ? -Int(errno) : written
        },
        sync: { fdatasync($0) == 0 ? 0 : errno },
        syncDirectory: { fsync($0) == 0 ? 0 : errno }
    )
}
