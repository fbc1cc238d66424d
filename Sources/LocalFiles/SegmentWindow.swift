internal import Glibc

/// Reads a segment file through a window that moves forward.
///
/// A block that the disk cannot give is read as zeros and noted: the records around it are kept.
struct SegmentWindow: ~Copyable {
    /// Bytes of the file.
    let size: Int
    /// Where in the file the window begins.
    private(set) var base = 0
    /// Where the disk failed, with what it said.
    private(set) var unreadable: [(offset: Int, code: Int32)] = []
    private var buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private let handle: Int32
    private let calls: LogFileCalls

    /// Bytes that are read at a time.
    private static let readSize = 1 << 20
    /// Bytes that are given up where one of them cannot be read.
    private static let blockSize = 4096

    static func open(
        _ path: String,
        _ calls: LogFileCalls
    ) throws(FileLogError) -> SegmentWindow {
        // Read, not mapped: a mapping would turn a bad sector into a signal.
        let handle = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        var status = stat()
        guard fstat(handle, &status) == 0 else {
            let code = errno
            close(handle)
            throw .system(operation: "stat", path: path, code: code)
        }
        return SegmentWindow(handle, size: Int(status.st_size), calls)
    }

    private init(_ handle: Int32, size: Int, _ calls: LogFileCalls) {
        self.handle = handle
        self.size = size
        self.calls = calls
        buffer = .allocate(byteCount: 2 * Self.readSize, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        close(handle)
    }

    /// Lends the bytes at hand.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Moves the window so that it begins with a range's first byte and contains the range.
    ///
    /// - Parameter range: Bytes of the file that are not before the window.
    mutating func move(to range: Range<Int>) {
        let dropped = min(range.lowerBound - base, count)
        let kept = count - dropped
        let wanted = min(size - range.lowerBound, max(range.count, kept + Self.readSize))
        if wanted > buffer.count {
            grow(to: wanted, keeping: dropped..<count)
        } else {
            // They may overlap.
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[dropped..<count]))
        }
        base = range.lowerBound
        count = kept
        while count < wanted { readOnce(atMost: wanted - count) }
    }

    private mutating func grow(to size: Int, keeping range: Range<Int>) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[range]))
        buffer.deallocate()
        buffer = larger
    }

    private mutating func readOnce(atMost limit: Int) {
        let offset = base + count
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + limit])
        let size = calls.read(handle, target, offset)
        if size > 0 {
            count += size
            return
        }
        if size == -Int(EINTR) { return }
        // A large read fails as a whole for one bad block.
        guard size == 0 || limit <= Self.blockSize else {
            let end = (offset / Self.blockSize + 1) * Self.blockSize
            readOnce(atMost: min(limit, end - offset))
            return
        }
        // Also where the file became shorter than it was: there are no bytes then.
        unreadable.append((offset, size == 0 ? EIO : Int32(-size)))
        let zeros = min(limit, size == 0 ? limit : Self.blockSize)
        UnsafeMutableRawBufferPointer(rebasing: target[..<zeros])
            .initializeMemory(as: UInt8.self, repeating: 0)
        count += zeros
    }
}
