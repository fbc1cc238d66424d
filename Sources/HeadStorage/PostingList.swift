/// Ascending serials of the series with one label pair, as differences in a chain of cells.
///
/// A series takes a byte or two in each of its lists. The only serial of a rare pair takes no cell.
struct PostingList {
    private(set) var count: UInt32 = 0
    /// The highest serial; 0 where there is none.
    private(set) var last: UInt32 = 0
    private var firstCell = CellArena.none
    private var lastCell = CellArena.none
    /// Bytes used in the last cell.
    private var fill: UInt8 = 0

    /// Adds a serial that is higher than all before, and less than `UInt32.max`.
    mutating func append(_ serial: UInt32, in arena: inout CellArena) {
        if count == 1 {
            // The first one is told from −1, so that no difference is 0, which ends a cell.
            store(last + 1, in: &arena)
        }
        if count > 0 { store(serial - last, in: &arena) }
        last = serial
        count += 1
    }

    private mutating func store(_ step: UInt32, in arena: inout CellArena) {
        if lastCell == CellArena.none || Int(fill) + Varint.maximumSize > CellArena.payloadSize {
            let cell = arena.take()
            arena.address(cell).initializeMemory(
                as: UInt8.self,
                repeating: 0,
                count: CellArena.cellSize
            )
            if lastCell == CellArena.none {
                firstCell = cell
            } else {
                arena.setNext(lastCell, cell)
            }
            lastCell = cell
            fill = 0
        }
        let target = arena.address(lastCell).assumingMemoryBound(to: UInt8.self) + Int(fill)
        fill += UInt8(Varint.write(step, to: target))
    }

    /// Calls the body with each serial, ascending, until it returns false.
    ///
    /// - Returns: Whether the body ended the walk.
    @inline(__always)
    @discardableResult
    func visit(in arena: borrowing CellArena, _ body: (UInt32) -> Bool) -> Bool {
        guard count > 1 else { return count == 1 && !body(last) }
        // One less than nothing: the first difference leads to the first serial.
        var serial = UInt32.max
        var cell = firstCell
        while cell != CellArena.none {
            let start = UnsafePointer(arena.address(cell).assumingMemoryBound(to: UInt8.self))
            var position = start
            // Cells of one list are far apart.
            let next = arena.next(cell)
            if next != CellArena.none { arena.prefetch(next) }
            while position - start < CellArena.payloadSize {
                let step = Varint.read(&position)
                guard step != 0 else { break }
                serial &+= step
                guard body(serial) else { return true }
            }
            cell = next
        }
        return false
    }
}
