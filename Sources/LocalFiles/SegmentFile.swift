internal import Glibc
internal import WriteAheadLog

/// One segment that is being written.
struct SegmentFile: ~Copyable {
    let number: UInt64
    let frame: RecordFrame
    /// Bytes written so far; the file may be longer, zeros follow.
    private(set) var size = SegmentHeader.size
    /// Bytes that are reserved.
    private var capacity: Int
    /// Bytes that are reserved at a time.
    private let step: Int
    private let handle: Int32
    private let path: String
    private let calls: LogFileCalls

    /// Makes a segment of preallocated bytes, durable with its header and its place in the directory.
    ///
    /// - Parameter step: Bytes that are reserved now, and again whenever they are used up.
    static func create(
        number: UInt64,
        salt: UInt64,
        preallocating step: Int,
        in directory: LogDirectory,
        _ calls: LogFileCalls
    ) throws(FileLogError) -> SegmentFile {
        let unfinished = directory.unfinishedPath(ofSegment: number)
        let handle = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard handle >= 0 else {
            throw .system(operation: "create", path: unfinished, code: errno)
        }
        let file = SegmentFile(
            number: number,
            salt: salt,
            handle: handle,
            path: directory.path(ofSegment: number),
            step: step,
            calls
        )
        let code = calls.allocate(handle, 0, step)
        guard code == 0 else {
            unlink(unfinished)
            throw .system(operation: "allocate", path: unfinished, code: code)
        }
        let header = SegmentHeader(number: number, salt: salt).bytes
        try header.span.withUnsafeBytes { (bytes) throws(FileLogError) in
            try file.writeAll(bytes, at: 0)
        }
        try file.sync()
        try directory.publish(segment: number, calls)
        return file
    }

    private init(
        number: UInt64,
        salt: UInt64,
        handle: Int32,
        path: String,
        step: Int,
        _ calls: LogFileCalls
    ) {
        self.number = number
        self.step = step
        capacity = step
        self.handle = handle
        self.path = path
        self.calls = calls
        frame = RecordFrame(salt: salt)
    }

    deinit { close(handle) }

    /// Writes frames behind the ones before.
    mutating func append(_ frames: [UInt8]) throws(FileLogError) {
        let start = size
        try reserve(start + frames.count)
        try frames.span.withUnsafeBytes { (bytes) throws(FileLogError) in
            try writeAll(bytes, at: start)
        }
        size += frames.count
    }

    func sync() throws(FileLogError) {
        let code = calls.sync(handle)
        // Never tried again: what a failed sync lost is not written by the next one either.
        guard code == 0 else {
            throw .system(operation: "sync", path: path, offset: size, code: code)
        }
    }

    /// Gives back the space that was not used, and syncs.
    func finish() throws(FileLogError) {
        guard ftruncate(handle, off_t(size)) == 0 else {
            throw .system(operation: "truncate", path: path, offset: size, code: errno)
        }
        try sync()
    }

    /// Reserves more of the disk where the bytes do not fit what is reserved.
    private mutating func reserve(_ wanted: Int) throws(FileLogError) {
        guard wanted > capacity else { return }
        let larger = (wanted + step - 1) / step * step
        let code = calls.allocate(handle, capacity, larger - capacity)
        guard code == 0 else {
            throw .system(operation: "allocate", path: path, offset: capacity, code: code)
        }
        capacity = larger
    }

    private func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(FileLogError) {
        var position = 0
        while position < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            let written = calls.write(handle, rest, offset + position)
            if written == -Int(EINTR) { continue }
            guard written > 0 else {
                // A write of nothing would be tried for ever.
                let code = written == 0 ? EIO : Int32(-written)
                throw .system(
                    operation: "write",
                    path: path,
                    offset: offset + position,
                    code: code
                )
            }
            position += written
        }
    }
}
