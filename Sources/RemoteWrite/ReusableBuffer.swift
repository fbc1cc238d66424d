/// Memory that is used again and again, without being cleared in between.
///
/// Grows to the largest content so far; owners drop it when it has become too large to keep.
public struct ReusableBuffer: ~Copyable {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// Bytes in use.
    public private(set) var count = 0

    public init() {}

    deinit { memory.deallocate() }

    /// Bytes held from the system.
    public var capacity: Int { memory.count }

    /// The content; valid until the buffer changes or goes.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[0..<count])
    }

    /// The content, to be changed in place; valid until the buffer changes or goes.
    var mutableBytes: UnsafeMutableRawBufferPointer {
        mutating get { UnsafeMutableRawBufferPointer(rebasing: memory[0..<count]) }
    }

    /// Sets the size and returns the memory to be filled; what was there before is undefined.
    mutating func prepare(count: Int) -> UnsafeMutableRawBufferPointer {
        if count > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: count, alignment: 16)
        }
        self.count = count
        return UnsafeMutableRawBufferPointer(rebasing: memory[0..<count])
    }
}
