internal import CHashing
internal import MetricsModel

/// Label names and values, each kept once, by number.
struct SymbolTable {
    /// All strings end to end.
    private var bytes: [UInt8] = []
    /// Where each string ends in `bytes`.
    private var ends: [UInt32] = []
    /// Open addressing by hash: 32 bits of it, then the number plus one; 0 where free.
    private var slots: [UInt64] = []

    var count: Int { ends.count }

    /// Bytes allocated.
    var size: Int { bytes.capacity + ends.capacity * 4 + slots.capacity * 8 }

    /// Room left for bytes of strings, which are numbered with 32 bits.
    var room: Int { Int(UInt32.max) - bytes.count }

    func find(_ string: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard !slots.isEmpty else { return nil }
        let entry = slots[slot(for: string, hash: Self.hash(string))]
        return entry == 0 ? nil : UInt32(truncatingIfNeeded: entry) - 1
    }

    func find(_ string: String) -> UInt32? {
        var string = string
        return string.withUTF8 { find($0) }
    }

    /// The number of a string, which it gets now if it has none.
    ///
    /// - Precondition: There is ``room`` for it.
    mutating func intern(_ string: UnsafeBufferPointer<UInt8>) -> UInt32 {
        if (ends.count + 1) * 4 > slots.count * 3 { growSlots() }
        let hash = Self.hash(string)
        let index = slot(for: string, hash: hash)
        if slots[index] != 0 { return UInt32(truncatingIfNeeded: slots[index]) - 1 }
        let number = UInt32(ends.count)
        bytes.append(contentsOf: string)
        ends.append(UInt32(bytes.count))
        slots[index] = hash & ~0xffff_ffff | UInt64(number + 1)
        return number
    }

    func withBytes<Result>(
        of number: UInt32,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let range = range(of: number)
        return bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[range]))
        }
    }

    /// Bytes of a string.
    func length(of number: UInt32) -> Int { range(of: number).count }

    func string(_ number: UInt32) -> String {
        withBytes(of: number) { String(decoding: $0, as: UTF8.self) }
    }

    /// Strings of some numbers, in the order of their bytes.
    func sortedStrings(_ numbers: some Sequence<UInt32>) -> [String] {
        let sorted = numbers.sorted { left, right in
            withBytes(of: left) { left in
                withBytes(of: right) { right in compareBytes(left, right) < 0 }
            }
        }
        return sorted.map { string($0) }
    }

    private func range(of number: UInt32) -> Range<Int> {
        let index = Int(number)
        return (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    /// The slot that holds a string, or the free one where it belongs.
    private func slot(for string: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash >> 32) & mask
        while slots[index] != 0 {
            let number = UInt32(truncatingIfNeeded: slots[index]) - 1
            if slots[index] >> 32 == hash >> 32,
                withBytes(of: number, { compareBytes($0, string) == 0 })
            {
                return index
            }
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func growSlots() {
        let old = slots
        slots = [UInt64](repeating: 0, count: max(old.count * 2, 16))
        let mask = slots.count - 1
        for entry in old where entry != 0 {
            var index = Int(truncatingIfNeeded: entry >> 32) & mask
            while slots[index] != 0 { index = (index + 1) & mask }
            slots[index] = entry
        }
    }

    private static func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt64 {
        engram_xxh3_64(string.baseAddress, string.count)
    }
}
