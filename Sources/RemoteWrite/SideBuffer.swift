/// Bytes that are put together while a request is read; kept initialised, so that using them again costs nothing.
struct SideBuffer {
    private var memory: [UInt8] = []
    /// Bytes in use.
    private(set) var count = 0

    /// Bytes held from the system.
    var capacity: Int { memory.capacity }

    mutating func removeAll() { count = 0 }

    mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
        append(count: bytes.count, slack: 0) { $0.copyMemory(from: bytes) }
    }

    /// Adds bytes that the body writes at the start of what it is given.
    ///
    /// - Parameter slack: Bytes behind them that the body may write over, too.
    @inline(__always)
    mutating func append(
        count added: Int,
        slack: Int,
        _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let needed = count + added + slack
        if needed > memory.count { grow(to: needed) }
        let range = count..<needed
        memory.withUnsafeMutableBytes {
            write(UnsafeMutableRawBufferPointer(rebasing: $0[range]))
        }
        count += added
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let size = max(needed, 2 * memory.count, 4096)
        memory.append(contentsOf: repeatElement(0, count: size - memory.count))
    }

    mutating func withUnsafeMutableBytes<Result>(
        _ use: (UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        let count = count
        return memory.withUnsafeMutableBytes {
            use(UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
        }
    }

    func withUnsafeBytes<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        memory.withUnsafeBytes { use(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
