/// Trivial elements by number, in pages that never move once they are full.
///
/// Growing never copies more than one page, so no append waits for a large table to move.
///
/// Sendable although it holds pointers: it alone owns the pages, and as it cannot be copied, exclusive
/// access to it is exclusive access to them.
struct PagedTable<Element>: ~Copyable, @unchecked Sendable {
    private var pages: [UnsafeMutablePointer<Element>] = []
    private let shift: UInt32
    /// Elements that the last page has room for, less than a full page only while it is the only one.
    private var lastPageCapacity = 0
    private(set) var count = 0

    /// - Parameter pageShift: A page has room for 2 to the power of it, at least 8 elements.
    init(pageShift: UInt32) {
        precondition(pageShift >= 3, "a page of 2^\(pageShift) elements")
        shift = pageShift
    }

    deinit {
        for page in pages { page.deallocate() }
    }

    /// Elements in a full page.
    var pageCapacity: Int { 1 << Int(shift) }

    /// An element; the pointer is good until the next one is added.
    subscript(number: UInt32) -> UnsafeMutablePointer<Element> {
        @inline(__always) get {
            precondition(number < count, "no element has the number \(number)")
            let place = number & ((1 &<< shift) &- 1)
            return pages[Int(number &>> shift)] + Int(place)
        }
    }

    /// Adds an element, whose number is the count before.
    ///
    /// - Precondition: There are fewer than 2³².
    mutating func append(_ element: Element) {
        if count == capacity { grow(by: 1) }
        count += 1
        self[UInt32(count - 1)].initialize(to: element)
    }

    /// Adds elements that lie one behind the other, leaving the rest of a page unused where it is too
    /// short for them.
    ///
    /// - Parameter fill: Initializes all of them.
    /// - Precondition: They are at least one, and at most as many as a page has room for.
    /// - Returns: The number of the first.
    mutating func append(
        run size: Int,
        fill: (UnsafeMutablePointer<Element>) -> Void
    ) -> UInt32 {
        precondition((1...pageCapacity).contains(size), "\(size) elements in a row")
        if count + size > capacity {
            if pages.count > 1 || lastPageCapacity == pageCapacity { count = capacity }
            grow(by: size)
        }
        let first = count
        count += size
        fill(self[UInt32(first)])
        return UInt32(first)
    }

    /// Bytes allocated.
    var size: Int { capacity * MemoryLayout<Element>.stride + pages.capacity * 8 }

    private var capacity: Int {
        pages.isEmpty ? 0 : (pages.count - 1) * pageCapacity + lastPageCapacity
    }

    /// Makes room: a larger first page, or another one.
    private mutating func grow(by size: Int) {
        guard lastPageCapacity > 0 else {
            lastPageCapacity = Self.powerOfTwo(atLeast: max(size, 8))
            pages.append(Self.allocate(lastPageCapacity))
            return
        }
        guard lastPageCapacity < pageCapacity else {
            pages.append(Self.allocate(pageCapacity))
            return
        }
        let needed = Self.powerOfTwo(atLeast: min(count + size, pageCapacity))
        let capacity = min(max(lastPageCapacity * 4, needed), pageCapacity)
        let larger = Self.allocate(capacity)
        larger.moveInitialize(from: pages[0], count: count)
        pages[0].deallocate()
        pages[0] = larger
        lastPageCapacity = capacity
        // Too long for what is left of a first page that cannot grow any more.
        if count + size > capacity {
            count = capacity
            pages.append(Self.allocate(pageCapacity))
        }
    }

    private static func powerOfTwo(atLeast count: Int) -> Int {
        count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride,
            alignment: 64
        ).bindMemory(to: Element.self, capacity: count)
    }
}
