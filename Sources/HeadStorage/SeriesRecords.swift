internal import CHashing

/// The records of all series by number, in pages that never move once they are full.
///
/// Growing never copies more than one page, so no append waits for a large table to move.
///
/// Sendable although it holds pointers: it alone owns the pages and what their records point to, and
/// as it cannot be copied, exclusive access to it is exclusive access to them.
struct SeriesRecords: ~Copyable, @unchecked Sendable {
    /// Records in a full page; 64 KiB.
    static let pageCount = 512
    private static let pageShift: UInt32 = 9

    private var pages: [UnsafeMutablePointer<SeriesRecord>] = []
    /// Records in the last page, less than ``pageCount`` only while it is the only one.
    private var lastPageCapacity = 0
    private(set) var count = 0

    init() {}

    deinit {
        for number in 0..<UInt32(count) { self[number].dropOpenChunk() }
        for page in pages { page.deallocate() }
    }

    /// The record of a series; the pointer is good until the next series is added.
    subscript(number: UInt32) -> UnsafeMutablePointer<SeriesRecord> {
        @inline(__always) get {
            precondition(number < count, "no series has the number \(number)")
            return pages[Int(number &>> Self.pageShift)] + Int(number & UInt32(Self.pageCount - 1))
        }
    }

    /// Fetches a record that will be used soon.
    func prefetch(_ number: UInt32) {
        let record = UnsafeRawPointer(self[number])
        engram_prefetch(record)
        engram_prefetch(record + 64)
    }

    /// Adds a fresh record, whose number is the count before.
    mutating func add() {
        if pages.isEmpty {
            pages.append(Self.allocate(8))
            lastPageCapacity = 8
        } else if count == (pages.count - 1) * Self.pageCount + lastPageCapacity {
            grow()
        }
        let number = UInt32(count)
        count += 1
        self[number].initialize(to: SeriesRecord())
    }

    /// Bytes allocated.
    var size: Int {
        max(pages.count - 1, 0) * Self.pageCount * MemoryLayout<SeriesRecord>.stride
            + lastPageCapacity * MemoryLayout<SeriesRecord>.stride
    }

    private mutating func grow() {
        guard lastPageCapacity < Self.pageCount else {
            pages.append(Self.allocate(Self.pageCount))
            return
        }
        let larger = Self.allocate(lastPageCapacity * 4)
        larger.moveInitialize(from: pages[0], count: count)
        pages[0].deallocate()
        pages[0] = larger
        lastPageCapacity *= 4
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<SeriesRecord> {
        UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<SeriesRecord>.stride,
            alignment: 64
        ).bindMemory(to: SeriesRecord.self, capacity: count)
    }
}
