/// Label names and label pairs by number, and for each pair which series have it.
struct LabelPairs: ~Copyable {
    /// A label name.
    struct Name {
        let symbol: UInt32
        /// Numbers of the pairs with this name, in order of appearance.
        var pairs: [UInt32] = []
    }

    /// A label name with a value.
    struct Pair {
        /// Number of the name.
        let name: UInt32
        /// Symbol of the value.
        let value: UInt32
        /// Its place among the pairs of the name: a small number, by which series tell their labels.
        let place: UInt32
        var postings = PostingList()
    }

    private(set) var names: [Name] = []
    private(set) var pairs: [Pair] = []
    private(set) var arena = CellArena()
    /// Number of a name plus one by its symbol; 0 where the symbol is no name.
    private var nameNumbers: [UInt32] = []
    /// Open addressing by name and value: number of the pair plus one; 0 where free.
    private var slots: [UInt32] = []

    init() {}

    /// Bytes allocated, about.
    var size: Int {
        names.capacity * MemoryLayout<Name>.stride + pairs.capacity * MemoryLayout<Pair>.stride
            + pairs.count * 6 + arena.size + (nameNumbers.capacity + slots.capacity) * 4
    }

    /// The number of a name, if a series has or had it.
    func name(symbol: UInt32) -> UInt32? {
        guard Int(symbol) < nameNumbers.count, nameNumbers[Int(symbol)] > 0 else { return nil }
        return nameNumbers[Int(symbol)] - 1
    }

    /// The pair of a name and a value's symbol, if a series has or had it.
    func pair(name: UInt32, value: UInt32) -> UInt32? {
        guard !slots.isEmpty else { return nil }
        let entry = slots[slot(name, value)]
        return entry == 0 ? nil : entry - 1
    }

    /// The number of a name, which it gets now if it has none.
    mutating func internName(symbol: UInt32) -> UInt32 {
        if let known = name(symbol: symbol) { return known }
        while nameNumbers.count <= Int(symbol) { nameNumbers.append(0) }
        names.append(Name(symbol: symbol))
        nameNumbers[Int(symbol)] = UInt32(names.count)
        return UInt32(names.count - 1)
    }

    /// The number of a pair, which it gets now if it has none.
    mutating func internPair(name: UInt32, value: UInt32) -> UInt32 {
        if (pairs.count + 1) * 4 > slots.count * 3 { growSlots() }
        let index = slot(name, value)
        if slots[index] > 0 { return slots[index] - 1 }
        let number = UInt32(pairs.count)
        pairs.append(
            Pair(name: name, value: value, place: UInt32(names[Int(name)].pairs.count))
        )
        names[Int(name)].pairs.append(number)
        slots[index] = number + 1
        return number
    }

    /// Notes that a series, with a serial higher than all before, has a pair.
    mutating func post(_ serial: UInt32, to pair: UInt32) {
        pairs[Int(pair)].postings.append(serial, in: &arena)
    }

    /// Calls the body with the serial of each series with a pair, ascending, until it returns false; dead ones
    /// may be among them.
    ///
    /// - Returns: Whether the body ended the walk.
    @inline(__always)
    @discardableResult
    func visitSerials(with pair: UInt32, _ body: (UInt32) -> Bool) -> Bool {
        pairs[Int(pair)].postings.visit(in: arena, body)
    }

    /// The highest serial of a series that has or had a pair.
    func latestSerial(with pair: UInt32) -> UInt32 { pairs[Int(pair)].postings.last }

    /// How many series have or had a pair.
    func serialCount(with pair: UInt32) -> Int { Int(pairs[Int(pair)].postings.count) }

    /// The slot that holds a pair, or the free one where it belongs.
    private func slot(_ name: UInt32, _ value: UInt32) -> Int {
        let mask = slots.count - 1
        let mixed = (UInt64(name) << 32 | UInt64(value)) &* 0x9e37_79b9_7f4a_7c15
        var index = Int(truncatingIfNeeded: mixed >> 32) & mask
        while slots[index] != 0 {
            let pair = pairs[Int(slots[index]) - 1]
            if pair.name == name, pair.value == value { break }
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func growSlots() {
        slots = [UInt32](repeating: 0, count: max(slots.count * 2, 16))
        for (number, pair) in pairs.enumerated() {
            slots[slot(pair.name, pair.value)] = UInt32(number) + 1
        }
    }
}
