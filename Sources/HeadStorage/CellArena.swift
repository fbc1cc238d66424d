internal import CHashing
internal import Glibc

/// Memory in cells of one cache line, from which the bytes of chunks and postings are chained together.
///
/// A cell is 60 bytes for its user and the number of another cell: chains cost neither headers nor
/// rounding of an allocator, and any free cell fits any chain. Cells lie in pages; the lowest page with room
/// is used first, so that pages behind it become empty and are given back.
///
/// Sendable although it holds pointers: it alone owns the pages, and as it cannot be copied, exclusive
/// access to it is exclusive access to them.
struct CellArena: ~Copyable, @unchecked Sendable {
    /// Bytes of a cell, the link included.
    static let cellSize = 64
    /// Bytes that a cell has for its user.
    static let payloadSize = 60
    /// Number of no cell, which ends a chain.
    static let none: UInt32 = 0

    /// Cells of a page; 64 KiB.
    private static let pageCapacity: UInt32 = 1024
    private static let pageShift: UInt32 = 10
    /// Cells of the first page while it is the only one and small.
    private static let smallestCapacity: UInt32 = 16

    private struct Page {
        /// nil while the page is given back.
        var memory: UnsafeMutableRawPointer?
        var capacity: UInt32 = 0
        var used: UInt32 = 0
        /// Cells that were used at least once; those behind are free.
        var touched: UInt32 = 0
        /// Place of the first free cell among the touched ones, plus one.
        var free: UInt32 = 0
    }

    private var pages: [Page] = []
    /// A bit for each page, set where it has room; those that were given back have.
    private var roomy: [UInt64] = []
    /// No word of `roomy` before this one has a bit set.
    private var lowestWord = 0
    /// Pages that hold memory and no cell in use.
    private var emptyCount = 0
    /// Bytes allocated.
    private(set) var size = 0
    /// Cells in use.
    private(set) var usedCount = 0

    init() {}

    deinit {
        for page in pages { free(page.memory) }
    }

    /// The first byte of a cell; good until a cell is taken or given back.
    @inline(__always)
    func address(_ cell: UInt32) -> UnsafeMutableRawPointer {
        let page = pages[Int(cell &>> Self.pageShift)]
        let place = cell & (Self.pageCapacity - 1)
        guard let memory = page.memory, place < page.touched else {
            preconditionFailure("cell \(cell) is not in use")
        }
        return memory + Int(place) &* Self.cellSize
    }

    /// The cell that a cell is linked to.
    @inline(__always)
    func next(_ cell: UInt32) -> UInt32 {
        address(cell).load(fromByteOffset: Self.payloadSize, as: UInt32.self)
    }

    /// Has a cell fetched that will be used soon.
    @inline(__always)
    func prefetch(_ cell: UInt32) { engram_prefetch(address(cell)) }

    func setNext(_ cell: UInt32, _ next: UInt32) {
        address(cell).storeBytes(of: next, toByteOffset: Self.payloadSize, as: UInt32.self)
    }

    /// Takes a free cell; what is in it is undefined.
    mutating func take() -> UInt32 {
        // The first cell's number stands for none.
        if pages.isEmpty { addPage() }
        let lowest = lowestPageWithRoom()
        if pages[lowest].memory == nil { allocate(lowest, capacity: Self.pageCapacity) }
        if pages[lowest].used == 0 { emptyCount -= 1 }
        usedCount += 1
        pages[lowest].used += 1
        if pages[lowest].used == pages[lowest].capacity {
            roomy[lowest &>> 6] &= ~(1 &<< UInt64(lowest & 63))
        }
        let base = UInt32(lowest) &<< Self.pageShift
        let place = pages[lowest].free
        guard place > 0, let memory = pages[lowest].memory else {
            pages[lowest].touched += 1
            return base + pages[lowest].touched - 1
        }
        let link = memory + Int(place - 1) * Self.cellSize
        let next = link.load(fromByteOffset: Self.payloadSize, as: UInt32.self)
        pages[lowest].free = next
        prefetchNext(memory, next)
        return base + place - 1
    }

    /// Has the cell fetched that will be taken next: free cells are anywhere, and taking one would wait for memory.
    ///
    /// - Parameters:
    ///   - memory: The page that a cell was just taken from.
    ///   - next: Its next free cell, as in the page.
    @inline(__always)
    private func prefetchNext(_ memory: UnsafeMutableRawPointer, _ next: UInt32) {
        guard next == 0 else {
            engram_prefetch(memory + Int(next - 1) * Self.cellSize)
            return
        }
        guard lowestWord < roomy.count, roomy[lowestWord] != 0 else { return }
        let page = pages[lowestWord &<< 6 | roomy[lowestWord].trailingZeroBitCount]
        guard page.free > 0, let memory = page.memory else { return }
        engram_prefetch(memory + Int(page.free - 1) * Self.cellSize)
    }

    /// Gives one cell back.
    mutating func give(back cell: UInt32) {
        let index = Int(cell &>> Self.pageShift)
        setNext(cell, pages[index].free)
        pages[index].free = (cell & (Self.pageCapacity - 1)) + 1
        pages[index].used -= 1
        usedCount -= 1
        noteRoom(index)
        guard pages[index].used == 0 else { return }
        // One empty page is kept, so that a cell that comes and goes does not take a page along each time.
        if emptyCount > 0, index > 0 { release(index) } else { emptyCount += 1 }
    }

    /// Gives back a cell and all that it is linked to.
    mutating func give(backChain first: UInt32) {
        var cell = first
        while cell != Self.none {
            let next = next(cell)
            give(back: cell)
            cell = next
        }
    }

    // MARK: Bytes in chains

    /// Makes a chain of bytes behind a header.
    ///
    /// - Parameter header: Bytes left free at the start of the first cell, fewer than it has.
    mutating func makeChain(_ bytes: UnsafeRawBufferPointer, header: Int) -> UInt32 {
        let first = take()
        var cell = first
        var offset = header
        var position = 0
        while true {
            let count = min(Self.payloadSize - offset, bytes.count - position)
            if count > 0, let base = bytes.baseAddress {
                memcpy(address(cell) + offset, base + position, count)
            }
            position += count
            guard position < bytes.count else {
                setNext(cell, Self.none)
                return first
            }
            let next = take()
            setNext(cell, next)
            cell = next
            offset = 0
        }
    }

    /// Copies the bytes of a chain.
    ///
    /// - Parameter header: As when the chain was made.
    func copyChain(_ first: UInt32, header: Int, to target: UnsafeMutableRawBufferPointer) {
        guard let base = target.baseAddress else { return }
        var cell = first
        var offset = header
        var position = 0
        while position < target.count {
            let count = min(Self.payloadSize - offset, target.count - position)
            let source = address(cell)
            memcpy(base + position, source + offset, count)
            position += count
            cell = source.load(fromByteOffset: Self.payloadSize, as: UInt32.self)
            offset = 0
        }
    }

    // MARK: Pages

    /// Pages may be many, and rooms rare among the lower ones: 64 are looked at at a time.
    private mutating func lowestPageWithRoom() -> Int {
        while lowestWord < roomy.count {
            let word = roomy[lowestWord]
            if word != 0 { return lowestWord &<< 6 | word.trailingZeroBitCount }
            lowestWord += 1
        }
        if pages.count == 1, pages[0].capacity < Self.pageCapacity {
            growFirstPage()
        } else {
            addPage()
        }
        return pages.count - 1
    }

    private mutating func noteRoom(_ index: Int) {
        roomy[index &>> 6] |= 1 &<< UInt64(index & 63)
        lowestWord = min(lowestWord, index &>> 6)
    }

    private mutating func addPage() {
        precondition(pages.count < 1 << 22, "more than 2³² cells of a head are in use")
        pages.append(Page())
        if roomy.count << 6 < pages.count { roomy.append(0) }
        noteRoom(pages.count - 1)
        let isFirst = pages.count == 1
        allocate(
            pages.count - 1,
            capacity: isFirst ? Self.smallestCapacity : Self.pageCapacity
        )
        if isFirst {
            pages[0].touched = 1
            pages[0].used = 1
            emptyCount -= 1
        }
    }

    private mutating func allocate(_ index: Int, capacity: UInt32) {
        pages[index] = Page(memory: Self.memory(for: capacity), capacity: capacity)
        size += Int(capacity) * Self.cellSize
        emptyCount += 1
    }

    private mutating func growFirstPage() {
        let page = pages[0]
        let capacity = page.capacity * 4
        let larger = Self.memory(for: capacity)
        if let memory = page.memory { memcpy(larger, memory, Int(page.capacity) * Self.cellSize) }
        free(page.memory)
        pages[0].memory = larger
        pages[0].capacity = capacity
        noteRoom(0)
        size += Int(capacity - page.capacity) * Self.cellSize
    }

    private mutating func release(_ index: Int) {
        size -= Int(pages[index].capacity) * Self.cellSize
        free(pages[index].memory)
        pages[index] = Page()
        while let last = pages.last, last.memory == nil {
            pages.removeLast()
            roomy[pages.count &>> 6] &= ~(1 &<< UInt64(pages.count & 63))
        }
    }

    private static func memory(for capacity: UInt32) -> UnsafeMutableRawPointer {
        guard let memory = aligned_alloc(cellSize, Int(capacity) * cellSize) else {
            preconditionFailure("out of memory: \(capacity) cells")
        }
        return memory
    }
}
